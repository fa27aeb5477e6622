-- Drills: the one that is to come, and what came of those before. schedule is '' for one by
-- hand; claims counts how often a node took it, who holds it until held_until; ended is 0
-- for not yet.
CREATE TABLE drills (
    id         TEXT PRIMARY KEY,
    schedule   TEXT NOT NULL,
    due        BIGINT NOT NULL,
    held_until BIGINT NOT NULL DEFAULT 0,
    claims     BIGINT NOT NULL DEFAULT 0,
    ended      BIGINT NOT NULL DEFAULT 0,
    body       TEXT NOT NULL
);

CREATE INDEX drills_due ON drills (due);
