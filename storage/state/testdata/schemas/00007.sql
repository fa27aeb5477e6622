-- Rows as programs of this schema wrote them.
INSERT INTO silences (id, ends_at, body) VALUES
    ('b', 1772546580123456789, '{"id":"b","matchers":[{"name":"région","value":"eu|\"ü\u0000","isRegex":true,"isEqual":false}],"starts_at":"2026-03-03T14:02:00.123456789Z","ends_at":"2026-03-03T14:03:00.123456789Z","author":"ada \u0000","reason":"a new database","until_resolved":true,"ceiling":100,"updated_at":"2026-03-03T14:02:00.123456789Z","expired_by":"grace"}');
INSERT INTO silences (id, ends_at, body) VALUES
    ('a', 1772550120123456789, '{"id":"a","matchers":[{"name":"région","value":"eu|\"ü\u0000","isRegex":true,"isEqual":false}],"starts_at":"2026-03-03T14:02:00.123456789Z","ends_at":"2026-03-03T15:02:00.123456789Z","author":"ada \u0000","reason":"a new database","until_resolved":true,"ceiling":100,"updated_at":"2026-03-03T14:02:00.123456789Z"}');
INSERT INTO silences (id, ends_at, body) VALUES
    ('c', 1772557320123456789, '{"id":"c","matchers":[{"name":"région","value":"eu|\"ü\u0000","isRegex":true,"isEqual":false}],"starts_at":"2026-03-03T14:02:00.123456789Z","ends_at":"2026-03-03T17:02:00.123456789Z","author":"ada \u0000","reason":"a new database","until_resolved":true,"ceiling":100,"updated_at":"2026-03-03T14:02:00.123456789Z"}');
