-- The state database: incidents, what became of them, and the outbox.
-- Times are nanoseconds since the Unix epoch; 0 stands for none.
-- {{identity}} is the one difference between the engines.

CREATE TABLE incidents (
    dedup_key   TEXT PRIMARY KEY,
    slo         TEXT NOT NULL,
    severity    TEXT NOT NULL,
    first_group TEXT NOT NULL,
    opened      BIGINT NOT NULL,
    closed      BIGINT NOT NULL DEFAULT 0,
    title       TEXT NOT NULL,
    message     TEXT NOT NULL,
    incident    TEXT NOT NULL
);

-- At most one incident is open per SLO, first group and severity.
CREATE UNIQUE INDEX incidents_open ON incidents (slo, first_group, severity) WHERE closed = 0;
CREATE INDEX incidents_opened ON incidents (opened);

-- A second opening of what is open already: its key stands for the first.
CREATE TABLE aliases (
    alias     TEXT PRIMARY KEY,
    dedup_key TEXT NOT NULL REFERENCES incidents (dedup_key)
);

CREATE TABLE steps (
    dedup_key TEXT NOT NULL REFERENCES incidents (dedup_key),
    seq       BIGINT NOT NULL,
    kind      TEXT NOT NULL,
    at        BIGINT NOT NULL,
    reason    TEXT NOT NULL,
    PRIMARY KEY (dedup_key, seq)
);

CREATE TABLE outbox (
    id           {{identity}},
    dedup_key    TEXT NOT NULL REFERENCES incidents (dedup_key),
    receiver     TEXT NOT NULL,
    integration  TEXT NOT NULL,
    seq          BIGINT NOT NULL,
    action       TEXT NOT NULL,
    message      TEXT NOT NULL,
    state        TEXT NOT NULL DEFAULT 'pending',
    attempts     BIGINT NOT NULL DEFAULT 0,
    created_at   BIGINT NOT NULL,
    next_at      BIGINT NOT NULL,
    leased_until BIGINT NOT NULL DEFAULT 0,
    settled_at   BIGINT NOT NULL DEFAULT 0,
    answer       TEXT NOT NULL DEFAULT '',
    UNIQUE (dedup_key, receiver, integration, seq)
);

CREATE INDEX outbox_pending ON outbox (next_at, id) WHERE state = 'pending';
