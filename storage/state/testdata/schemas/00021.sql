-- Rows as programs of this schema wrote them.
INSERT INTO maintenances (id, ends_at, body) VALUES
    ('b', 1772553720123456789, '{"id":"b","title":"A new \u0000 database","reason":"CHG-1","services":["shop"],"from":"2026-03-03T14:02:00.123456789Z","to":"2026-03-03T16:02:00.123456789Z","planned_to":"2026-03-03T16:02:00.123456789Z","by":"ada","created":"2026-03-03T14:02:00.123456789Z","correction":"correction-b","silence":"silence-b"}');
INSERT INTO maintenances (id, ends_at, body) VALUES
    ('c', 1772557320123456789, '{"id":"c","title":"A new \u0000 database","reason":"CHG-1","services":["shop"],"from":"2026-03-03T15:02:00.123456789Z","to":"2026-03-03T17:02:00.123456789Z","planned_to":"2026-03-03T16:02:00.123456789Z","by":"ada","created":"2026-03-03T14:02:00.123456789Z","correction":"correction-c","silence":"silence-c"}');
INSERT INTO status_posts (id, at, removed, body) VALUES
    ('post-1', 1772530000000000000, 0, '{"id":"post-1","at":"2026-03-03T09:26:40Z","text":"We look into it."}');
