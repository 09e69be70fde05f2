package io.github.pgbackup.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.pgbackup.fault.ExpectationTest;
import io.github.pgbackup.fault.TestedFault;
import io.github.pgbackup.fault.TestedFault.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * {@code expectation-test.json}: the outcome of each fault, as {@code expectation-test.schema.json} in this package
 * describes it. It contains no value of a row.
 */
final class ExpectationTestJson {

    /**
     * The version of the schema. Its first part changes when a program that reads the previous version could go wrong.
     */
    static final String SCHEMA_VERSION = "1.0";

    private ExpectationTestJson() {}

    static String of(ExpectationTest test) {
        JsonObject json = new JsonObject();
        json.addProperty("schemaVersion", SCHEMA_VERSION);
        json.addProperty("seed", test.seed());
        json.addProperty("budget", test.budget().toString());
        json.addProperty("duration", test.duration().toString());
        json.addProperty("baseline", test.baseline());
        json.addProperty("comparison", test.comparison());
        if (test.minimumCaught() != null) {
            json.addProperty("minimumCaught", test.minimumCaught());
        }
        JsonObject counts = new JsonObject();
        for (Outcome outcome : Outcome.values()) {
            counts.addProperty(name(outcome), test.count(outcome));
        }
        counts.addProperty("caughtByComparison", test.caughtBy(TestedFault::comparison));
        counts.addProperty("caughtByArchiveAlone", test.caughtBy(TestedFault::archiveAlone));
        json.add("counts", counts);
        json.addProperty("percentCaught", test.percentCaught());
        JsonArray faults = new JsonArray();
        test.faults().forEach(fault -> faults.add(of(test, fault)));
        json.add("faults", faults);
        return VerificationJson.text(json);
    }

    private static JsonObject of(ExpectationTest test, TestedFault fault) {
        JsonObject json = new JsonObject();
        json.addProperty("kind", fault.kind());
        json.addProperty("object", fault.object());
        json.addProperty("sentence", fault.sentence());
        json.addProperty("outcome", name(fault.outcome()));
        if (fault.reason() != null) {
            json.addProperty("reason", fault.reason());
        }
        JsonArray caughtBy = new JsonArray();
        fault.caughtBy().forEach(caughtBy::add);
        json.add("caughtBy", caughtBy);
        answer(json, "comparison", fault.comparison());
        answer(json, "archiveAlone", fault.archiveAlone());
        if (fault.outcome() == Outcome.MISSED) {
            json.addProperty("advice", ExpectationTestText.sentence(test, fault));
        }
        if (fault.suggestion() != null) {
            json.addProperty("suggestion", ExpectationsXml.of(fault.suggestion()));
        }
        return json;
    }

    private static void answer(JsonObject json, String name, TestedFault.@Nullable Answer answer) {
        if (answer != null) {
            JsonObject written = new JsonObject();
            written.addProperty("caught", answer.caught());
            if (answer.difference() != null) {
                written.addProperty("difference", answer.difference());
            }
            json.add(name, written);
        }
    }

    private static String name(Outcome outcome) {
        return switch (outcome) {
            case CAUGHT -> "caught";
            case MISSED -> "missed";
            case UNVIABLE -> "unviable";
            case NOT_TRIED -> "notTried";
        };
    }
}
