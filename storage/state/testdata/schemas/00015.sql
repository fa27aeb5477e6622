-- Rows as programs of this schema wrote them.
INSERT INTO drills (id, schedule, due, held_until, claims, ended, body) VALUES
    ('every 1h at 2026-03-03T15:00:00Z', 'every 1h', 1772550000000000000, 1772550002000000000, 1, 1772550002000000000, '{"id":"every 1h at 2026-03-03T15:00:00Z","schedule":"every 1h","receiver":"oncall","due":"2026-03-03T15:00:00Z","began":"2026-03-03T15:00:01Z","ended":"2026-03-03T15:00:02Z","attempt":1,"steps":[{"name":"sample accepted","at":"2026-03-03T15:00:01Z","after":1000000000}]}');
INSERT INTO drills (id, schedule, due, held_until, claims, ended, body) VALUES
    ('every 1h at 2026-03-03T16:00:00Z', 'every 1h', 1772553600000000000, 1772554800000000000, 1, 1772554800000000000, '{"id":"every 1h at 2026-03-03T16:00:00Z","schedule":"every 1h","receiver":"oncall","due":"2026-03-03T16:00:00Z","began":"2026-03-03T16:20:00Z","ended":"2026-03-03T16:20:00Z","attempt":1}');
INSERT INTO drills (id, schedule, due, held_until, claims, ended, body) VALUES
    ('every 1h at 2026-03-03T17:00:00Z', 'every 1h', 1772557200000000000, 1772564460000000000, 1, 1772564460000000000, '{"id":"every 1h at 2026-03-03T17:00:00Z","schedule":"every 1h","receiver":"oncall","due":"2026-03-03T17:00:00Z","ended":"2026-03-03T19:01:00Z","error":"until 19:01 UTC on 3 March no node could begin it","missed":true}');
INSERT INTO drills (id, schedule, due, held_until, claims, ended, body) VALUES
    ('every 1h at 2026-03-03T20:00:00Z', 'every 1h', 1772568000000000000, 0, 0, 0, '{"id":"every 1h at 2026-03-03T20:00:00Z","schedule":"every 1h","receiver":"oncall","due":"2026-03-03T20:00:00Z"}');
