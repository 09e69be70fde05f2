package io.github.pgbackup.test;

import io.github.pgbackup.postgres.QualifiedName;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A database whose owner chose every name to do harm: to a terminal, a log, a page, a shell, psql, an argument list, or
 * a program that reads the messages of pg_dump and pg_restore line by line.
 */
public final class HostileDatabase {

    /** The name of the database itself: leads out of a folder, forges the end of a build, clears a terminal. */
    public static final String NAME = "../../etc/x\n[INFO] BUILD SUCCESS\r\u001b[2J\u202E'\"\\{{x}}<b>&%s--file=x";

    /** The file that a command in one of the names would leave behind. */
    public static final String PWNED = "/tmp/pgtest-pwned";

    private static final List<String> NAMES = List.of(
            "line\nfeed",
            "carriage\rreturn\r\nboth",
            "quote'd \"and\" `such` $tag$ $1",
            "back\\slash\\n\\",
            "per%cent %s %1$s %n",
            "${env.PATH} #{x} @project.version@",
            "{{mustache}} {{{raw}}} {{>part}}",
            "\u001b[2J\u001b]52;c;aGk=\u0007\u009b31m",
            "bidi \u202Edesrever\u202C \u2066 \u200B \uFEFF",
            "<script>alert(1)</script><img src=x>",
            "]]>&amp;<!--<![CDATA[&#0;",
            "x\n\\restrict key\n\\! touch " + PWNED,
            "x\npg_restore: error: could not execute query: FATAL:",
            "x\npg_restore: warning: errors ignored on restore: 7",
            "x\npg_restore: from TOC entry 1; 2 3 TABLE t postgres",
            "x\npg_dump: error: connection to server lost",
            "x\n[INFO] BUILD SUCCESS",
            "x\n-- Name: t; Type: TABLE; Schema: public; Owner: -",
            "データ".repeat(7),
            "--file=x",
            "-Fc",
            "\\! touch " + PWNED,
            "@/etc/passwd",
            "$(touch " + PWNED + ")`touch " + PWNED + "`",
            "'; drop table x; --",
            "/* */ ; -- \u0001\u007f\t",
            "../../etc/x",
            " ",
            ".",
            "a.b.\"c\"",
            "dbname=postgres host=/nowhere",
            "e\u0301\uD83D\uDC18\uFFFE");

    private HostileDatabase() {}

    /** Creates the database and its roles on a separate server. */
    public static void create(ProductionServer server) {
        server.createDatabase(NAME);
        StringBuilder sql = new StringBuilder(
                "create schema odd; create schema kinds; create table odd.plain (id int primary key, note text);");
        for (int i = 0; i < NAMES.size(); i++) {
            String name = NAMES.get(i);
            if (name.getBytes(StandardCharsets.UTF_8).length > 63) {
                throw new IllegalArgumentException("PostgreSQL would cut the name " + name);
            }
            sql.append("""
                    create role %1$s;
                    create schema %1$s authorization %1$s;
                    create type kinds.%1$s as enum (%2$s, 'other');
                    create table %1$s.%1$s (%1$s kinds.%1$s default %2$s, id int constraint %1$s check (id > 0), note text);
                    insert into %1$s.%1$s values (%2$s, 1, %2$s), ('other', 2, null);
                    alter table %1$s.%1$s owner to %1$s;
                    grant select on %1$s.%1$s to %1$s with grant option;
                    create index %3$s on %1$s.%1$s (note);
                    create sequence %4$s;
                    create function %1$s.%1$s(%1$s text default %2$s) returns text language sql immutable as $function$select %2$s$function$;
                    create view odd.%3$s as select %1$s, %2$s::text as note from %1$s.%1$s;
                    create policy %1$s on %1$s.%1$s to %1$s using (note = %2$s);
                    create rule %1$s as on delete to odd.%3$s do instead nothing;
                    comment on table %1$s.%1$s is %2$s; comment on column %1$s.%1$s.%1$s is %2$s; comment on schema %1$s is %2$s;
                    select lo_create(%5$d); comment on large object %5$d is %2$s;
                    create table odd.%1$s (%1$s text); insert into odd.%1$s values (%2$s);
                    """.formatted(
                            QualifiedName.quote(name),
                            literal(name),
                            QualifiedName.quote(other("x", name)),
                            "odd." + QualifiedName.quote(other("y", name)),
                            7000 + i));
        }
        server.execute(NAME, sql.toString());
        server.execute(
                "postgres",
                "comment on database %1$s is %2$s; alter database %1$s set search_path = %1$s, public"
                        .formatted(QualifiedName.quote(NAME), literal(NAME)));
    }

    private static String other(String prefix, String name) {
        return prefix + (name.length() == 21 ? name.substring(1) : name);
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
