-- What is known of the customers whom open incidents hurt, as each node of the program keeps
-- it: counts and sketches. node is '' for the only one. at is up to when.
CREATE TABLE impacts (
    dedup_key TEXT NOT NULL,
    node      TEXT NOT NULL,
    at        BIGINT NOT NULL,
    body      {{bytes}} NOT NULL,
    PRIMARY KEY (dedup_key, node)
);
