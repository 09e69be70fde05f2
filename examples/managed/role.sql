-- As a role that may create roles, in the database that is backed up. PostgreSQL 14 or newer.
CREATE ROLE backup_verifier LOGIN PASSWORD 'choose one';
GRANT pg_read_all_data TO backup_verifier;
