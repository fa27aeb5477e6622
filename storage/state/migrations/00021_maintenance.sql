-- Maintenances, those that are over among them, and what people wrote on the status page. None is
-- ever deleted; a post that was taken back is marked.
CREATE TABLE maintenances (
    id      TEXT PRIMARY KEY,
    ends_at BIGINT NOT NULL,
    body    TEXT NOT NULL
);

CREATE INDEX maintenances_ends ON maintenances (ends_at);

CREATE TABLE status_posts (
    id      TEXT PRIMARY KEY,
    at      BIGINT NOT NULL,
    removed BIGINT NOT NULL DEFAULT 0,
    body    TEXT NOT NULL
);

CREATE INDEX status_posts_at ON status_posts (at);
