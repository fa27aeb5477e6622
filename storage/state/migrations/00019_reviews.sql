-- What people write of incidents and never change.
CREATE TABLE incident_notes (
    id        TEXT PRIMARY KEY,
    dedup_key TEXT NOT NULL REFERENCES incidents (dedup_key),
    at        BIGINT NOT NULL,
    person    TEXT NOT NULL,
    body      TEXT NOT NULL
);

CREATE INDEX incident_notes_of ON incident_notes (dedup_key, at);

-- Whether telling of an incident was useful or noise: the last of an incident counts.
CREATE TABLE incident_verdicts (
    id        {{identity}},
    dedup_key TEXT NOT NULL REFERENCES incidents (dedup_key),
    at        BIGINT NOT NULL,
    value     TEXT NOT NULL,
    person    TEXT NOT NULL,
    reason    TEXT NOT NULL
);

CREATE INDEX incident_verdicts_of ON incident_verdicts (dedup_key, id);

-- What is to be done after an incident. due is a day as 2026-12-01; done is 0 while it is open.
CREATE TABLE incident_actions (
    id        TEXT PRIMARY KEY,
    dedup_key TEXT NOT NULL REFERENCES incidents (dedup_key),
    at        BIGINT NOT NULL,
    person    TEXT NOT NULL,
    body      TEXT NOT NULL,
    owner     TEXT NOT NULL,
    due       TEXT NOT NULL,
    done      BIGINT NOT NULL DEFAULT 0,
    done_by   TEXT NOT NULL DEFAULT ''
);

CREATE INDEX incident_actions_of ON incident_actions (dedup_key, at);
CREATE INDEX incident_actions_open ON incident_actions (due) WHERE done = 0;
