-- Run this in the database to back up, as a role that may create roles. PostgreSQL 14 or newer.
CREATE ROLE backup_verifier LOGIN PASSWORD 'choose one';
GRANT pg_read_all_data TO backup_verifier;
