-- Rows as programs of this schema wrote them.
INSERT INTO shadow_pages (id, told, ended, body) VALUES
    ('b', 1772546640123456789, 0, '{"id":"b","receiver":"ops \u0000","labels":[{"name":"alertname","value":"Höch\u0000"}],"summary":"","starts_at":"2026-03-03T14:02:00.123456789Z","told_at":"2026-03-03T14:04:00.123456789Z"}');
