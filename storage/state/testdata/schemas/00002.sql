-- Rows as programs of this schema wrote them.
INSERT INTO corrections (id, body, removed, removed_by) VALUES
    ('b', '{"id":"b","kind":"maintenance","slos":["shop/*"],"teams":["payments"],"from":"2026-03-03T14:02:00Z","to":"2026-03-03T16:02:00Z","rrule":"FREQ=WEEKLY","timezone":"UTC","reason":"a new database","author":"ada","created":"2026-03-03T13:02:00.123456789Z","source":{"file":"","line":0}}', 1772546580123456789, 'grace');
INSERT INTO corrections (id, body, removed, removed_by) VALUES
    ('a', '{"id":"a","kind":"maintenance","slos":["shop/*"],"teams":["payments"],"from":"2026-03-03T14:02:00Z","to":"2026-03-03T16:02:00Z","rrule":"FREQ=WEEKLY","timezone":"UTC","reason":"a new database","author":"ada","created":"2026-03-03T13:02:00.123456789Z","source":{"file":"","line":0}}', 0, '');
INSERT INTO versions (slo, number, body) VALUES
    ('shop/buy', 1, '{"slo":"shop/buy","number":1,"since":"2026-03-03T14:02:00.123456789Z","hash":"one","objective":99.9,"window":"30d","text":"spec: one","changes":["objective 99.95 became 99.9"],"lowered":true}');
INSERT INTO versions (slo, number, body) VALUES
    ('shop/buy', 2, '{"slo":"shop/buy","number":2,"since":"2026-03-03T14:02:00.123456789Z","hash":"two","objective":99.9,"window":"30d","text":"spec: two","changes":["objective 99.95 became 99.9"],"lowered":true}');
INSERT INTO versions (slo, number, body) VALUES
    ('shop/buy', 3, '{"slo":"shop/buy","number":3,"since":"2026-03-03T14:02:00.123456789Z","hash":"one","objective":99.9,"window":"30d","text":"spec: one","changes":["objective 99.95 became 99.9"],"lowered":true}');
INSERT INTO totals (slo, day, slo_group, counts) VALUES
    ('shop/0', 20515, 'null', {{hex}}016002000000000000f03f000000000000e03f0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000900302');
INSERT INTO totals (slo, day, slo_group, counts) VALUES
    ('shop/1', 20515, 'null', {{hex}}016002000000000000f03f000000000000e03f0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000900302');
