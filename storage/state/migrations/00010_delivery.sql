-- What leaves first where not all can, and what holds messages back.
-- priority is that of the most urgent pending row of the chain from here on; held says
-- why a row waits that is due, 'limit' or 'down', and held_until when a limit lets it go.
ALTER TABLE outbox ADD COLUMN priority BIGINT NOT NULL DEFAULT 1;
ALTER TABLE outbox ADD COLUMN held TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN held_until BIGINT NOT NULL DEFAULT 0;
DROP INDEX outbox_pending;
CREATE INDEX outbox_due ON outbox (receiver, integration, priority, next_at, id) WHERE state = 'pending';

-- Where messages end up: held_until is until when it asked to be left alone.
CREATE TABLE destinations (
    name       TEXT PRIMARY KEY,
    held_until BIGINT NOT NULL DEFAULT 0
);

-- The attempts of the last minute at destinations that have a limit.
CREATE TABLE sends (
    destination TEXT NOT NULL,
    at          BIGINT NOT NULL,
    attempts    BIGINT NOT NULL
);

CREATE INDEX sends_destination ON sends (destination, at);
