package io.github.pgbackup.fault;

import io.github.pgbackup.expectation.ObjectKind;
import io.github.pgbackup.postgres.QualifiedName;
import io.github.pgbackup.postgres.UserSchemas;
import java.util.Locale;
import java.util.Objects;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The kinds of faults. Everything about a kind is here: the failure that it stands for, its description, how to cause
 * it, and what would catch it.
 *
 * <p>The query of a kind returns a row for each object that can have the fault: its name in parts, the table that it
 * belongs to in parts, the statements that cause the fault, a question whose answer the suggested expectation needs,
 * and why the fault cannot be observed, if the catalogs show that it cannot. The query may use {@code t}, the user's
 * tables, and {@code a}, their columns.
 */
@SuppressWarnings("ImmutableEnumChecker") // functions without state
public enum FaultKind {
    TABLE_EMPTIED(
            ObjectKind.TABLE,
            "all rows of %s are gone",
            "an excluded table, a lost member, a role to which row-level security shows nothing",
            "the table holds no rows",
            Suggests::rows,
            """
            select array[s, r], array[s, r], array['delete from ' || rows], 'select count(*) from ' || q, null from t"""),
    HALF_OF_ROWS_GONE(
            ObjectKind.TABLE,
            "half the rows of %s are gone",
            "a dump, or a copy of it, that ended early, and a restore that continued",
            "the table has fewer than two rows",
            Suggests::rows,
            """
            select array[s, r], array[s, r],
                   array['with every as (select tableoid as part, ctid as place, row_number() over (order by tableoid, ctid) as n from '
                         || rows || ') delete from ' || rows
                         || ' as x using every where x.tableoid = part and x.ctid = place and n % 2 = 0'],
                   'select count(*) from ' || q, null
            from t"""),
    NEWEST_ROWS_GONE(
            ObjectKind.TABLE,
            "the newest rows of %s are gone",
            "an old backup under the name of the new one, a standby that is far behind",
            "the table holds no rows",
            Suggests::rows,
            """
            select distinct on (s, r) array[s, r], array[s, r],
                   array[format('delete from %1$s where %2$s >= (select min(%2$s) from (select %2$s from %1$s'
                         || ' where %2$s is not null order by %2$s desc limit greatest(1, (select count(*) / 10 from %1$s))) as newest)',
                         rows, col)],
                   'select count(*) from ' || q, null
            from a where atttypid in (1114, 1184, 1082) or atttypid in (20, 21, 23) and is_key
            order by s, r, atttypid desc, attnum desc"""),
    COLUMN_NULL(
            ObjectKind.COLUMN,
            "every value of %s is null",
            "a column that was dropped and added again; a restore with a list of columns that lacked one",
            "the column holds no value",
            (fault, answer) -> Suggestion.claim(ObjectKind.COLUMN, fault.knownName(), "nulls", "[0," + answer + "]"),
            """
            select array[s, r, attname], array[s, r],
                   array[format('update %1$s set %2$s = null where %2$s is not null', rows, col)],
                   format('select count(*) from %s where %s is null', q, col), null
            from a where not attnotnull and updatable"""),
    VALUES_EXCHANGED(
            ObjectKind.COLUMN,
            "the values of %s are exchanged between rows",
            "columns restored from different instants, a repair that joined on the wrong key",
            "the rows have the same values afterwards",
            Suggests::content,
            """
            select array[s, r, attname], array[s, r],
                   array[format('with v as (select tableoid as part, ctid as place, row_number() over (order by tableoid, ctid) as n,'
                         || ' count(*) over () as m, %2$s as c from %1$s) update %1$s as x set %2$s = o.c from v join v as o'
                         || ' on o.n = v.m + 1 - v.n where x.tableoid = v.part and x.ctid = v.place'
                         || ' and v.c::text is distinct from o.c::text', rows, col)],
                   format('select sum(pg_catalog.hashtextextended(row(%s)::text, 0)) from %s', columns, q), null
            from a where updatable and not is_unique"""),
    TEXTS_ENCODED_TWICE(
            ObjectKind.COLUMN,
            "the texts in %s are encoded twice",
            "a wrong client_encoding between dump and restore",
            "all texts in the column are ASCII",
            Suggests::query,
            """
            select array[s, r, attname], array[s, r],
                   array[format('update %1$s set %2$s = pg_catalog.convert_from(pg_catalog.convert_to(%2$s::text, ''UTF8''), ''LATIN1'')'
                         || ' where pg_catalog.octet_length(%2$s::text) > pg_catalog.length(%2$s::text)', rows, col)],
                   format('select sum(pg_catalog.octet_length(%s::text)) from %s', col, q), null
            from a where updatable and atttypid in (25, 1042, 1043) and pg_catalog.getdatabaseencoding() = 'UTF8'"""),
    FOREIGN_KEY_VIOLATED(
            ObjectKind.CONSTRAINT,
            "the foreign key %s is violated and missing",
            "rows that were restored without those that they refer to, so that the key could not be created",
            null,
            Suggests::present,
            """
            select array[t.s, t.r, o.conname], array[t.s, t.r],
                   array[format('alter table %s drop constraint %I', t.q, o.conname),
                         format('delete from %1$s where (tableoid, ctid) = (select p.tableoid, p.ctid from %1$s p join %2$s c on %3$s limit 1)',
                                p.q, t.q,
                                (select string_agg(format('p.%I = c.%I', f.attname, k.attname), ' and ')
                                 from unnest(o.conkey, o.confkey) as pair(k, f)
                                 join pg_catalog.pg_attribute k on k.attrelid = o.conrelid and k.attnum = pair.k
                                 join pg_catalog.pg_attribute f on f.attrelid = o.confrelid and f.attnum = pair.f))],
                   null, null
            from t join pg_catalog.pg_constraint o on o.conrelid = t.oid and o.contype = 'f' and o.conparentid = 0
            join t as p on p.oid = o.confrelid"""),
    INDEX_MISSING(
            ObjectKind.INDEX,
            "the index %s is missing",
            "an index that could not be built on the restored rows",
            null,
            Suggests::present,
            """
            select array[t.s, i.relname], array[t.s, t.r], array[format('drop index %I.%I', t.s, i.relname)], null, null
            from t join pg_catalog.pg_index x on x.indrelid = t.oid join pg_catalog.pg_class i on i.oid = x.indexrelid
            where not i.relispartition
              and not exists (select from pg_catalog.pg_constraint o where o.conindid = i.oid and o.contype in ('p', 'u', 'x'))"""),
    UNIQUE_MISSING(
            ObjectKind.CONSTRAINT,
            "the key %s is missing",
            "duplicates in the restored rows, so that PRIMARY KEY or UNIQUE could not be created",
            null,
            Suggests::present,
            """
            select array[s, r, conname], array[s, r], array[format('alter table %s drop constraint %I cascade', q, conname)],
                   null, null
            from t join pg_catalog.pg_constraint o on o.conrelid = t.oid
            where contype in ('p', 'u', 'x') and conparentid = 0"""),
    CHECK_MISSING(
            ObjectKind.CONSTRAINT,
            "the check constraint %s is missing",
            "a check that calls a function that did not exist yet",
            null,
            Suggests::present,
            """
            select array[s, r, conname], array[s, r], array[format('alter table %s drop constraint %I', q, conname)], null, null
            from t join pg_catalog.pg_constraint o on o.conrelid = t.oid
            where contype = 'c' and conislocal and coninhcount = 0"""),
    NOT_NULL_LOST(
            ObjectKind.COLUMN,
            "%s is no longer NOT NULL",
            "nulls in the restored rows, a definition that was rewritten by hand",
            null,
            (fault, answer) -> Suggestion.claim(ObjectKind.COLUMN, fault.knownName(), "nullable", "false"),
            """
            select array[s, r, attname], array[s, r], array[format('alter table %s alter column %s drop not null', q, col)],
                   null, null
            from a where attnotnull and not is_key and attidentity = '' and attinhcount = 0"""),
    TRIGGER_MISSING(
            ObjectKind.TRIGGER,
            "the trigger %s is missing",
            "a trigger whose function was not restored",
            null,
            Suggests::present,
            """
            select array[s, r, tgname], array[s, r], array[format('drop trigger %I on %s', tgname, q)], null, null
            from t join pg_catalog.pg_trigger g on g.tgrelid = t.oid where not tgisinternal and tgparentid = 0"""),
    POLICY_MISSING(
            ObjectKind.POLICY,
            "the policy %s is missing",
            "CREATE POLICY for a role that does not exist on the restored server",
            null,
            Suggests::present,
            """
            select array[s, r, polname], array[s, r], array[format('drop policy %I on %s', polname, q)], null, null
            from t join pg_catalog.pg_policy p on p.polrelid = t.oid"""),
    ROW_SECURITY_OFF(
            ObjectKind.TABLE,
            "row-level security of %s is off",
            "policies that were created without enabling row-level security",
            null,
            Suggests::query,
            """
            select array[s, r], array[s, r], array[format('alter table %s disable row level security', q)],
                   format('select relrowsecurity from pg_catalog.pg_class where oid = %L::pg_catalog.regclass', q), null
            from t where relrowsecurity"""),
    FUNCTION_BODY_EMPTY(
            ObjectKind.FUNCTION,
            "the body of the function %s is empty",
            "a stub that was created so that other objects could load, and that was never replaced",
            null,
            Suggests::query,
            """
            select array[n.nspname, p.proname], null::text[],
                   array['set local allow_system_table_mods = on',
                         format('update pg_catalog.pg_proc set prosrc = %L where oid = %s',
                                case l.lanname when 'sql' then 'select null' else 'begin end' end, p.oid)],
                   format('select pg_catalog.md5(prosrc) from pg_catalog.pg_proc where oid = %L::pg_catalog.regprocedure',
                          p.oid::pg_catalog.regprocedure::text), null
            from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
            join pg_catalog.pg_language l on l.oid = p.prolang
            where USER_SCHEMAS
              and l.lanname in ('sql', 'plpgsql')
              and p.prosrc ~ '\\S'
              and not exists (select from pg_catalog.pg_depend d
                              where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objid = p.oid and d.deptype = 'e')""".replace("USER_SCHEMAS", UserSchemas.CONDITION)),
    VIEW_WITHOUT_WHERE(
            ObjectKind.VIEW,
            "the view %s has lost its WHERE",
            "a view that was rewritten from memory",
            null,
            Suggests::query,
            """
            select array[s, r], null::text[],
                   array[format('create or replace view %s as %s', q, pg_catalog.regexp_replace(definition,
                         E'\\n  WHERE .*?(?=\\n  (GROUP BY|HAVING|WINDOW|ORDER BY|LIMIT|OFFSET|FETCH|FOR|UNION|INTERSECT|EXCEPT) |;$)', ''))],
                   format('select pg_catalog.md5(pg_catalog.pg_get_viewdef(%L::pg_catalog.regclass))', q), null
            from (select s, r, q, pg_catalog.pg_get_viewdef(oid, true) as definition from v where relkind = 'v') as views
            where definition ~ E'\\n  WHERE '"""),
    OWNER_LOST(
            ObjectKind.TABLE,
            "%s belongs to another role",
            "a restore without owners, or by a role that may not change owners",
            null,
            (fault, answer) -> Suggestion.claim(ObjectKind.TABLE, fault.knownName(), "owner", answer),
            """
            select array[s, r], array[s, r],
                   array['create role pgbackup_another_owner', format('alter table %s owner to pgbackup_another_owner', q)],
                   format('select pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(relowner)) from pg_catalog.pg_class'
                          || ' where oid = %L::pg_catalog.regclass', q), null
            from t"""),
    GRANT_LOST(
            ObjectKind.TABLE,
            "the privileges of other roles on %s are gone",
            "a restore without privileges, or GRANT to a role that does not exist",
            null,
            Suggests::query,
            """
            select array[s, r], array[s, r],
                   array[format('revoke all on table %s from %s cascade', q,
                         (select string_agg(distinct case grantee when 0 then 'public'
                                            else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(grantee)) end, ', ')
                          from pg_catalog.aclexplode(relacl) where grantee <> relowner))],
                   format('select count(*) from pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) as g'
                          || ' where c.oid = %L::pg_catalog.regclass and g.grantee <> c.relowner', q), null
            from (select s, r, q, relowner, relacl from t union all select s, r, q, relowner, relacl from v) as relations
            where exists (select from pg_catalog.aclexplode(relacl) where grantee <> relowner)"""),
    DEFAULT_LOST(
            ObjectKind.COLUMN,
            "the default of %s is gone",
            "a default that uses a function or sequence that did not exist yet",
            null,
            (fault, answer) -> Suggestion.claim(ObjectKind.COLUMN, fault.knownName(), "default", answer),
            """
            select array[s, r, attname], array[s, r], array[format('alter table %s alter column %s drop default', q, col)],
                   format('select pg_catalog.pg_get_expr(adbin, adrelid) from pg_catalog.pg_attrdef'
                          || ' where adrelid = %L::pg_catalog.regclass and adnum = %s', q, attnum), null
            from a where atthasdef and attgenerated = ''"""),
    SETTING_LOST(
            null,
            "the setting %s of the database is gone",
            "a restore without --create, which omits ALTER DATABASE ... SET",
            null,
            Suggests::query,
            """
            select array[setting || case setrole when 0 then '' else ' for ' || pg_catalog.pg_get_userbyid(setrole) end],
                   null::text[],
                   array[format(case setrole when 0 then 'alter database %1$I reset %2$s'
                                else 'alter role %3$I in database %1$I reset %2$s' end,
                                pg_catalog.current_database(), setting, pg_catalog.pg_get_userbyid(setrole))],
                   format('select count(*) from pg_catalog.pg_db_role_setting s join pg_catalog.pg_database d on d.oid = s.setdatabase,'
                          || ' pg_catalog.unnest(s.setconfig) as c where d.datname = pg_catalog.current_database()'
                          || ' and coalesce((select rolname from pg_catalog.pg_roles where oid = s.setrole), '''') = %L'
                          || ' and pg_catalog.split_part(c, ''='', 1) = %L',
                          coalesce((select rolname from pg_catalog.pg_roles where oid = setrole), ''), setting), null
            from (select pg_catalog.split_part(c, '=', 1) as setting, s.setrole
                  from pg_catalog.pg_db_role_setting s join pg_catalog.pg_database d on d.oid = s.setdatabase,
                       pg_catalog.unnest(s.setconfig) as c
                  where d.datname = pg_catalog.current_database()) as settings"""),
    SEQUENCE_RESTARTED(
            ObjectKind.SEQUENCE,
            "the sequence %s restarts at its first value",
            "a schema that was loaded without the values of its sequences",
            "the sequence was never used",
            (fault, answer) -> Suggestion.claim(ObjectKind.SEQUENCE, fault.knownName(), "lastValue", answer),
            """
            select array[n.nspname, c.relname],
                   (select array[o.s, o.r] from pg_catalog.pg_depend d join t as o on o.oid = d.refobjid
                    where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.deptype in ('a', 'i') limit 1),
                   array[format('alter sequence %I.%I restart', n.nspname, c.relname)],
                   format('select case when %3$s > 0 then ''['' || last_value || '',)'' else ''(,'' || last_value || '']'' end from %1$I.%2$I',
                          n.nspname, c.relname, q.seqincrement),
                   case when pg_catalog.pg_sequence_last_value(c.oid) is null then 'the sequence was never used' end
            from pg_catalog.pg_sequence q join pg_catalog.pg_class c on c.oid = q.seqrelid
            join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where c.relpersistence <> 't' and USER_SCHEMAS
              and not exists (select from pg_catalog.pg_depend d
                              where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.deptype = 'e')""".replace("USER_SCHEMAS", UserSchemas.CONDITION)),
    MATERIALIZED_VIEW_UNPOPULATED(
            ObjectKind.MATERIALIZED_VIEW,
            "the materialized view %s is not populated",
            "a REFRESH that failed at the end of the restore",
            null,
            Suggests::rows,
            """
            select array[s, r], null::text[], array['refresh materialized view ' || q || ' with no data'],
                   'select count(*) from ' || q, null
            from v where relkind = 'm' and relispopulated"""),
    LARGE_OBJECTS_GONE(
            null,
            "the large objects are gone",
            "pg_dump with --schema or --table, which omits them",
            null,
            Suggests::query,
            """
            select array['large objects'], null::text[],
                   array['select pg_catalog.lo_unlink(oid) from pg_catalog.pg_largeobject_metadata'],
                   'select count(*) from pg_catalog.pg_largeobject_metadata', null
            where exists (select from pg_catalog.pg_largeobject_metadata)"""),
    PARTITION_MISSING(
            ObjectKind.TABLE,
            "the partition %s is missing",
            "a pattern of tables that does not match the newest partition",
            null,
            Suggests::present,
            """
            select array[t.s, t.r], array[p.s, p.r], array['drop table ' || t.q || ' cascade'], null, null
            from t join pg_catalog.pg_inherits i on i.inhrelid = t.oid join t as p on p.oid = i.inhparent
            where t.relispartition"""),
    EXTENSION_MISSING(
            ObjectKind.EXTENSION,
            "the extension %s is missing",
            "a server without the extension's packages",
            null,
            Suggests::present,
            """
            select array[extname], null::text[], array[format('drop extension %I cascade', extname)], null, null
            from pg_catalog.pg_extension where extname <> 'plpgsql'"""),
    SCHEMA_EMPTY(
            ObjectKind.SCHEMA,
            "the schema %s is empty",
            "a dump by a role that may not read the schema, a search path with another schema",
            null,
            Suggests::table,
            """
            select array[s], null::text[], array[format('drop schema %I cascade', s), format('create schema %I', s)],
                   format('select %L', min(q)), null
            from t group by s"""),
    DATA_ONLY(
            null,
            "only data was backed up, which restores nothing",
            "pg_dump --data-only, kept as the only backup",
            null,
            Suggests::table,
            """
            select array['data only'], null::text[], array_agg(format('drop schema %I cascade', s)) || array['create schema public'],
                   format('select %L', (select min(q) from t)), null
            from schemas having exists (select from t)"""),
    SCHEMA_ONLY(
            null,
            "only the schema was backed up: no table has a row",
            "pg_dump --schema-only, kept as the only backup",
            "no table holds rows",
            Suggests::rowsOfTable,
            """
            select array['schema only'], null::text[], array_agg('delete from ' || rows),
                   format('select %L', min(q) filter (where pg_catalog.pg_relation_size(oid) > 0)), null
            from t having count(*) > 0"""),
    ANOTHER_DATABASE(
            null,
            "it is a backup of another database",
            "a copied job whose database name was not changed",
            null,
            Suggests::table,
            """
            select array['another database'], null::text[],
                   array_agg(format('drop schema %I cascade', s))
                   || array['create schema public', 'create table public.pgbackup_another as select 1 as id'],
                   format('select %L', (select min(q) from t)), null
            from schemas having exists (select from t)"""),
    BEFORE_MIGRATION(
            ObjectKind.TABLE,
            "it is a backup from before %s was created",
            "a backup that is older than the migration that it should protect",
            null,
            Suggests::present,
            """
            select array[s, r], array[s, r], array['drop table ' || q || ' cascade'], null, null
            from t where s = :newest_schema and r = :newest_table"""),
    ARCHIVE_CUT("the archive is truncated in the middle", "a full disk, an interrupted upload", Suggests::rows),
    BYTE_CHANGED("a byte of the archive has changed", "a failing storage medium", Suggests::rows),
    MEMBER_EMPTIED(
            "the archive's member with the rows of %s is empty",
            "a directory that was copied while the disk was full", Suggests::rows),
    ENTRY_LEFT_OUT(
            "the archive lacks the rows of %s",
            "pg_dump --exclude-table-data, or pg_restore --use-list", Suggests::rows);

    private final @Nullable ObjectKind objectKind;
    private final String sentence;
    private final String standsFor;
    private final @Nullable String withoutEffect;
    private final BiFunction<Fault, String, Suggestion> suggests;
    private final @Nullable String query;

    FaultKind(
            @Nullable ObjectKind objectKind,
            String sentence,
            String standsFor,
            @Nullable String withoutEffect,
            BiFunction<Fault, String, Suggestion> suggests,
            @Nullable String query) {
        this.objectKind = objectKind;
        this.sentence = sentence;
        this.standsFor = standsFor;
        this.withoutEffect = withoutEffect;
        this.suggests = suggests;
        this.query = query;
    }

    /** A fault of the archive, which needs a restore of its own. */
    FaultKind(String sentence, String standsFor, BiFunction<Fault, String, Suggestion> suggests) {
        this(ObjectKind.TABLE, sentence, standsFor, null, suggests, null);
    }

    /** Its name in the evidence: {@code table-emptied}. */
    public String tag() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The failure that it stands for; completes "stands for". */
    public String standsFor() {
        return standsFor;
    }

    /** Whether it is a fault of the archive, not of the restored database. */
    public boolean isOfArchive() {
        return query == null;
    }

    /** The kind of the faulty objects; null if no expectation can name them. */
    @Nullable ObjectKind objectKind() {
        return objectKind;
    }

    /** Why a fault had no effect. */
    public String withoutEffect() {
        return Objects.requireNonNullElse(withoutEffect, "the database is unchanged afterwards");
    }

    String query() {
        return Objects.requireNonNull(query);
    }

    String sentence(String object) {
        return sentence.replace("%s", object);
    }

    Suggestion suggestion(Fault fault, String answer) {
        return suggests.apply(fault, answer);
    }

    /** Suggestions that several kinds share. */
    private static final class Suggests {

        static Suggestion present(Fault fault, String answer) {
            return Suggestion.present(fault.knownObjectKind(), fault.knownName());
        }

        static Suggestion rows(Fault fault, String answer) {
            return Suggestion.claim(fault.knownObjectKind(), fault.knownName(), "rows", "[" + answer + ",)");
        }

        static Suggestion content(Fault fault, String answer) {
            return Suggestion.query("content of " + fault.knownTable(), fault.knownQuestion(), answer);
        }

        /** The answer is the table's name. */
        static Suggestion table(Fault fault, String answer) {
            return Suggestion.present(ObjectKind.TABLE, QualifiedName.parse(answer));
        }

        /** The answer is the table's name. */
        static Suggestion rowsOfTable(Fault fault, String answer) {
            return Suggestion.claim(ObjectKind.TABLE, QualifiedName.parse(answer), "rows", "[1,)");
        }

        static Suggestion query(Fault fault, String answer) {
            return Suggestion.query(fault.kind().sentence(fault.object()), fault.knownQuestion(), answer);
        }
    }
}
