-- What is known of the customers whom open incidents hurt, as the program keeps it: counts and
-- sketches. at is up to when.
CREATE TABLE impacts (
    dedup_key TEXT PRIMARY KEY,
    at        BIGINT NOT NULL,
    body      {{bytes}} NOT NULL
);
