-- What people did about incidents, in the order in which it was told.
CREATE TABLE acknowledgements (
    dedup_key TEXT NOT NULL REFERENCES incidents (dedup_key),
    seq       BIGINT NOT NULL,
    kind      TEXT NOT NULL,
    person    TEXT NOT NULL,
    via       TEXT NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (dedup_key, seq)
);

-- IDs of what other systems told, such as webhooks, so that each is taken once. Old ones
-- are forgotten.
CREATE TABLE taken (
    id TEXT PRIMARY KEY,
    at BIGINT NOT NULL
);

CREATE INDEX taken_at ON taken (at);
