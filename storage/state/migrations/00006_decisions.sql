-- What the stages of the router decided of an incident at each receiver: a row for
-- each change. The last of a receiver is in force.
CREATE TABLE decisions (
    dedup_key TEXT NOT NULL REFERENCES incidents (dedup_key),
    seq       BIGINT NOT NULL,
    receiver  TEXT NOT NULL,
    fate      TEXT NOT NULL,
    decider   TEXT NOT NULL,
    until     BIGINT NOT NULL,
    reason    TEXT NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (dedup_key, seq)
);
