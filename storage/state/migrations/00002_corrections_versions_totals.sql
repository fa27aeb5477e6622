-- What budgets rest on and nothing else remembers: corrections, the wordings of
-- definitions, and the events of every day. None of it is ever deleted.
-- {{bytes}} is the engines' type for bytes.

CREATE TABLE corrections (
    id         TEXT PRIMARY KEY,
    body       TEXT NOT NULL,
    removed    BIGINT NOT NULL DEFAULT 0,
    removed_by TEXT NOT NULL DEFAULT ''
);

CREATE TABLE versions (
    slo    TEXT NOT NULL,
    number BIGINT NOT NULL,
    body   TEXT NOT NULL,
    PRIMARY KEY (slo, number)
);

-- A row per SLO, day (days since the Unix epoch) and group; counts holds the day's
-- quarters of an hour, see totals_code.go.
CREATE TABLE totals (
    slo       TEXT NOT NULL,
    day       BIGINT NOT NULL,
    slo_group TEXT NOT NULL,
    counts    {{bytes}} NOT NULL,
    PRIMARY KEY (slo, day, slo_group)
);
