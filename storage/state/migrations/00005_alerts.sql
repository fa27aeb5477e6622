-- Outside alerts, one per set of labels, and the groups that incidents are made of.
-- expires is when an alert ends unless it is sent again, 0 for never; ended is 0 while it fires.

CREATE TABLE alerts (
    id          {{identity}},
    print       TEXT NOT NULL UNIQUE,
    labels      TEXT NOT NULL,
    annotations TEXT NOT NULL,
    generator   TEXT NOT NULL,
    origin      TEXT NOT NULL,
    starts      BIGINT NOT NULL,
    ended       BIGINT NOT NULL DEFAULT 0,
    expires     BIGINT NOT NULL DEFAULT 0,
    ending      TEXT NOT NULL DEFAULT '',
    reason      TEXT NOT NULL DEFAULT '',
    updated     BIGINT NOT NULL
);

CREATE INDEX alerts_firing ON alerts (origin, id) WHERE ended = 0;
CREATE INDEX alerts_expiry ON alerts (expires) WHERE ended = 0 AND expires > 0;

-- identity is a hash of receiver, labels and severity. told is when the group was last
-- told, flush when what happened since is to be; 0 for never.
CREATE TABLE alert_groups (
    id        {{identity}},
    dedup_key TEXT NOT NULL UNIQUE REFERENCES incidents (dedup_key),
    identity  TEXT NOT NULL,
    receiver  TEXT NOT NULL,
    labels    TEXT NOT NULL,
    severity  TEXT NOT NULL,
    started   BIGINT NOT NULL,
    opened    BIGINT NOT NULL,
    closed    BIGINT NOT NULL DEFAULT 0,
    firing    BIGINT NOT NULL,
    resolved  BIGINT NOT NULL,
    unproven  BIGINT NOT NULL,
    told      BIGINT NOT NULL DEFAULT 0,
    flush     BIGINT NOT NULL DEFAULT 0
);

CREATE UNIQUE INDEX alert_groups_open ON alert_groups (identity) WHERE closed = 0;
CREATE INDEX alert_groups_flush ON alert_groups (flush) WHERE closed = 0 AND flush > 0;

-- What became of an alert in a group: starts and ended bound its last stretch there, and
-- ended_told is when the group was told after its end, 0 for not yet.
CREATE TABLE alert_members (
    alert_id BIGINT NOT NULL REFERENCES alerts (id),
    group_id BIGINT NOT NULL REFERENCES alert_groups (id),
    starts   BIGINT NOT NULL,
    ended    BIGINT NOT NULL DEFAULT 0,
    ended_told BIGINT NOT NULL DEFAULT 0,
    fate     TEXT NOT NULL,
    fate_by  TEXT NOT NULL,
    until    BIGINT NOT NULL,
    reason   TEXT NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (alert_id, group_id)
);

CREATE INDEX alert_members_group ON alert_members (group_id, ended);

-- One group of alerts may concern several receivers, each with an incident of its own.
ALTER TABLE incidents ADD COLUMN receiver TEXT NOT NULL DEFAULT '';
DROP INDEX incidents_open;
CREATE UNIQUE INDEX incidents_open ON incidents (slo, cause, first_group, severity, receiver) WHERE closed = 0;
