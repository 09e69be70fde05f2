-- Event triggers of the extension, and settings of it for the database and a role.
create extension pgaudit;
create table audited (id serial primary key, secret text); insert into audited (secret) values ('a'), ('b');
create role auditor; grant select on audited to auditor;
alter database used set pgaudit.log = 'write, ddl'; alter database used set pgaudit.role = 'auditor'; alter role auditor in database used set pgaudit.log = 'all';
