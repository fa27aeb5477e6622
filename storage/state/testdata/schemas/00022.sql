-- Rows as programs of this schema wrote them.
INSERT INTO drills (id, schedule, due, held_until, claims, ended, body, kind) VALUES
    ('backup every 1h at 2026-03-03T15:00:00Z', 'every 1h', 1772550000000000000, 1772550300000000000, 2, 1772550300000000000, '{"id":"every 1h at 2026-03-03T15:00:00Z","schedule":"every 1h","receiver":"oncall","due":"2026-03-03T15:00:00Z","began":"2026-03-03T15:05:00Z","ended":"2026-03-03T15:05:00Z","attempt":2}', 'backup');
INSERT INTO drills (id, schedule, due, held_until, claims, ended, body, kind) VALUES
    ('backup every 1h at 2026-03-03T16:00:00Z', 'every 1h', 1772553600000000000, 0, 0, 0, '{"id":"every 1h at 2026-03-03T16:00:00Z","schedule":"every 1h","receiver":"oncall","due":"2026-03-03T16:00:00Z"}', 'backup');
INSERT INTO programs (schema_version, program, at) VALUES
    (3, 'v0.3.0', 1772530000000000000);
