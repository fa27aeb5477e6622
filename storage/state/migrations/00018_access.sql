-- Who may do what. A body is the JSON of what does not change on its own; hash is that of a secret.
CREATE TABLE users (
    name    TEXT PRIMARY KEY,
    changed BIGINT NOT NULL,
    body    TEXT NOT NULL
);

-- ended is 0 while nobody signed out; seen is when it was last used, to a few minutes.
CREATE TABLE sessions (
    hash  TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    seen  BIGINT NOT NULL,
    ended BIGINT NOT NULL DEFAULT 0,
    body  TEXT NOT NULL
);

CREATE INDEX sessions_seen ON sessions (seen);

-- revoked is 0 while it is not; used is when it was last used, to an hour.
CREATE TABLE tokens (
    token      TEXT PRIMARY KEY,
    hash       TEXT NOT NULL UNIQUE,
    used       BIGINT NOT NULL DEFAULT 0,
    revoked    BIGINT NOT NULL DEFAULT 0,
    revoked_by TEXT NOT NULL DEFAULT '',
    body       TEXT NOT NULL
);

-- What was changed, and by whom. It only grows: the database itself refuses to change or delete a line.
CREATE TABLE audit (
    entry   TEXT PRIMARY KEY,
    at      BIGINT NOT NULL,
    who     TEXT NOT NULL,
    outcome TEXT NOT NULL,
    search  TEXT NOT NULL,
    body    TEXT NOT NULL
);

CREATE INDEX audit_at ON audit (at);

{{audit}}
