package io.github.pgbackup.mojo;

/** The tools' own Maven plugins as elements of {@code <plugins>}, as their users write them. */
final class MigrationPlugins {

    private MigrationPlugins() {}

    static String flyway(String phase, String configuration) {
        return plugin(
                "org.flywaydb",
                "flyway-maven-plugin",
                System.getProperty("pgbackup.flyway"),
                """
                <dependency>
                    <groupId>org.flywaydb</groupId>
                    <artifactId>flyway-database-postgresql</artifactId>
                    <version>%s</version>
                </dependency>
                """.formatted(System.getProperty("pgbackup.flyway")),
                phase,
                "migrate",
                """
                <locations><location>filesystem:migrations</location></locations>
                """ + configuration);
    }

    static String liquibase(String phase, String configuration) {
        return plugin(
                "org.liquibase",
                "liquibase-maven-plugin",
                System.getProperty("pgbackup.liquibase"),
                "",
                phase,
                "update",
                "<changeLogFile>changes.sql</changeLogFile>" + configuration);
    }

    private static String plugin(
            String group,
            String artifact,
            String version,
            String dependency,
            String phase,
            String goal,
            String configuration) {
        return """
                <plugin>
                    <groupId>%s</groupId>
                    <artifactId>%s</artifactId>
                    <version>%s</version>
                    <dependencies>
                        %s
                        <dependency>
                            <groupId>org.postgresql</groupId>
                            <artifactId>postgresql</artifactId>
                            <version>%s</version>
                        </dependency>
                    </dependencies>
                    <executions>
                        <execution>
                            <phase>%s</phase>
                            <goals><goal>%s</goal></goals>
                        </execution>
                    </executions>
                    <configuration>%s</configuration>
                </plugin>
                """.formatted(
                        group,
                        artifact,
                        version,
                        dependency,
                        System.getProperty("pgbackup.driver"),
                        phase,
                        goal,
                        configuration);
    }

    /** Properties of a POM that lead both tools to their usual database. */
    static String properties(String url, String user, String password) {
        return """
                <flyway.url>%1$s</flyway.url>
                <flyway.user>%2$s</flyway.user>
                <flyway.password>%3$s</flyway.password>
                <flyway.baselineOnMigrate>true</flyway.baselineOnMigrate>
                <flyway.baselineVersion>0</flyway.baselineVersion>
                <liquibase.url>%1$s</liquibase.url>
                <liquibase.username>%2$s</liquibase.username>
                <liquibase.password>%3$s</liquibase.password>
                """.formatted(url, user, password);
    }
}
