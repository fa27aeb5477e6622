-- What an incident rests on: '' is burn. An SLO may burn and lack data at the same
-- time, so at most one incident is open per SLO, cause, first group and severity.
ALTER TABLE incidents ADD COLUMN cause TEXT NOT NULL DEFAULT '';
DROP INDEX incidents_open;
CREATE UNIQUE INDEX incidents_open ON incidents (slo, cause, first_group, severity) WHERE closed = 0;
