-- Drills, backups and drills of restoring are kept alike; kind is '' for a drill of paging.
ALTER TABLE drills ADD COLUMN kind TEXT NOT NULL DEFAULT '';
DROP INDEX drills_due;
CREATE INDEX drills_due ON drills (kind, due);

-- Which program brought the database to a schema, for the older program that meets it.
CREATE TABLE programs (
    schema_version BIGINT PRIMARY KEY,
    program        TEXT NOT NULL,
    at             BIGINT NOT NULL
);
