-- Closed reports: every revision stays as it was made. scope is a team's name, or '' for all.
-- basis stands for the corrections by which it was made.
CREATE TABLE reports (
    period   TEXT NOT NULL,
    scope    TEXT NOT NULL,
    revision BIGINT NOT NULL,
    made_at  BIGINT NOT NULL,
    reason   TEXT NOT NULL,
    basis    TEXT NOT NULL,
    body     TEXT NOT NULL,
    PRIMARY KEY (period, scope, revision)
);
