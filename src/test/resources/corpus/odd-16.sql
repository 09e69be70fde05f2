-- What PostgreSQL 16 brought.
create table stored_as (a text storage plain, b text storage main);
