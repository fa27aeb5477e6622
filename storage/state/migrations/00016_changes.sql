-- What people and machines changed. noted is when it was told, at when it happened.
CREATE TABLE changes (
    id      TEXT PRIMARY KEY,
    at      BIGINT NOT NULL,
    noted   BIGINT NOT NULL,
    service TEXT NOT NULL,
    kind    TEXT NOT NULL,
    version TEXT NOT NULL,
    body    TEXT NOT NULL
);

CREATE INDEX changes_at ON changes (at);

-- Versions of services that telemetry showed, and when first; quiet is 1 where that is no
-- change.
CREATE TABLE seen_versions (
    service TEXT NOT NULL,
    version TEXT NOT NULL,
    at      BIGINT NOT NULL,
    quiet   BIGINT NOT NULL,
    PRIMARY KEY (service, version)
);
