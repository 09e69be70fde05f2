--liquibase formatted sql

--changeset ann:note-of-an-order
ALTER TABLE orders ADD COLUMN note text;
