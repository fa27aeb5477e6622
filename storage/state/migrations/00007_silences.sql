-- Silences, those that are over among them: what was kept quiet, by whom and why, is
-- part of the story of incidents. None is ever deleted.

CREATE TABLE silences (
    id      TEXT PRIMARY KEY,
    ends_at BIGINT NOT NULL,
    body    TEXT NOT NULL
);

CREATE INDEX silences_ends ON silences (ends_at);
