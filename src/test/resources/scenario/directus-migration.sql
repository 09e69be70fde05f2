-- The governance migration: what directus-before-migration.sql lacks. A superuser runs this.

SET ROLE workflow_admin;

-- The sixth table of the schema; nothing has an alias yet.
CREATE TABLE cutter_governance.canonical_address_alias (
    alias text PRIMARY KEY,
    canonical_address text NOT NULL,
    canonical_address_format_version text NOT NULL,
    created_at timestamptz NOT NULL
);
GRANT SELECT ON cutter_governance.canonical_address_alias TO directus;

ALTER TABLE public.tac_logical_unit
    ADD COLUMN authority text,
    ADD COLUMN canonical_address_format_version text;
UPDATE public.tac_logical_unit
SET authority = 'draft', canonical_address_format_version = 'canonical-address-v1';
CREATE INDEX tac_logical_unit_authority_idx ON public.tac_logical_unit (authority);

-- Units in the sandbox have no authority.
ALTER TABLE sandbox_tac.logical_unit
    ADD COLUMN authority text,
    ADD COLUMN canonical_address_format_version text;
UPDATE sandbox_tac.logical_unit
SET canonical_address_format_version = 'canonical-address-v1';
