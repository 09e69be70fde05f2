package io.github.pgbackup.mojo;

import io.github.pgbackup.SettingNames;
import io.github.pgbackup.plan.KnownTag;
import io.github.pgbackup.plan.Tags;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The names of the tags in the POM and of the properties, from {@code tags.xml}. */
public final class PomNames implements SettingNames {

    private static final Map<String, String> PROPERTIES = Tags.all().stream()
            .flatMap(KnownTag::all)
            .filter(tag -> tag.property() != null)
            .collect(Collectors.toMap(KnownTag::path, tag -> "-D" + tag.property(), (one, same) -> one));

    @Override
    public String name(String key) {
        return "<" + key.replace(".", "><") + ">";
    }

    @Override
    public Optional<String> otherName(String key) {
        return Optional.ofNullable(PROPERTIES.get(name(key)));
    }

    @Override
    public String withValue(String key, String value) {
        return name(key) + value;
    }

    @Override
    public String written(String key, Map<String, String> content) {
        return content.entrySet().stream()
                .map(part -> part.getKey().isEmpty()
                        ? part.getValue()
                        : "<" + part.getKey() + ">" + part.getValue() + "</" + part.getKey() + ">")
                .collect(Collectors.joining("", "<" + key + ">", "</" + key + ">"));
    }

    @Override
    public String named(String key, String name) {
        return name(key) + "<name>" + name + "</name>";
    }
}
