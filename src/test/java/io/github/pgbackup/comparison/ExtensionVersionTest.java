package io.github.pgbackup.comparison;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ExtensionVersionTest {

    @Test
    void the_same_version_is_neither_a_note_nor_a_difference() {
        ExtensionVersion same = version("1.8", "1.8", "1.8", false);

        assertThat(same.note()).isEmpty();
        assertThat(same.difference(7)).isEmpty();
    }

    @Test
    void a_version_that_the_source_would_create_itself_is_noted_with_the_remedy() {
        ExtensionVersion upgraded = version("1.4", "1.8", "1.8", false);

        assertThat(upgraded.note())
                .contains(
                        "EXTENSION uuid-ossp: version 1.4 in the source, 1.8 in the restored database, which is also the default of the source's packages; run ALTER EXTENSION \"uuid-ossp\" UPDATE in the"
                                + " source");
        assertThat(upgraded.difference(7)).isEmpty();
    }

    @Test
    void a_version_from_other_packages_is_a_difference() {
        ExtensionVersion other = version("1.4", "1.7", "1.8", false);

        assertThat(other.note()).isEmpty();
        assertThat(other.difference(7))
                .contains(new Difference(
                        "EXTENSION uuid-ossp version",
                        "1.4",
                        "1.8, the default of the throw-away server's packages; install the source's packages there",
                        7));
    }

    @Test
    void an_unknown_default_counts_as_none() {
        assertThat(version("1.4", null, "1.8", false).difference(7)).isPresent();
    }

    @Test
    void a_newer_major_version_brings_its_own_version_of_an_extension() {
        ExtensionVersion newer = version("1.4", "1.7", "1.8", true);

        assertThat(newer.note())
                .contains(
                        "EXTENSION uuid-ossp: version 1.4 in the source, 1.8 in the restored database, which has a newer major version");
        assertThat(newer.difference(7)).isEmpty();
    }

    private static ExtensionVersion version(
            String source, @Nullable String sourceDefault, String restored, boolean newerMajor) {
        return new ExtensionVersion("uuid-ossp", source, sourceDefault, restored, newerMajor);
    }
}
