-- news counts what happened in a group of alerts that is to be told; a delivered row has
-- the count that it told of, 0 where it was given no alerts.
ALTER TABLE alert_groups ADD COLUMN news BIGINT NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN news BIGINT NOT NULL DEFAULT 0;

-- What is old is found and deleted by these.
CREATE INDEX incidents_closed ON incidents (closed) WHERE closed > 0;
CREATE INDEX alerts_ended ON alerts (ended) WHERE ended > 0;
CREATE INDEX aliases_incident ON aliases (dedup_key);
