-- Rows as programs of this schema wrote them.
INSERT INTO users (name, changed, body) VALUES
    ('grace', 1772546520123456789, '{"name":"grace","display":"Ada \u0000","role":"admin","teams":["zahlung"],"hash":"$argon2id$…","epoch":"e2","created":"2026-03-03T14:02:00.123456789Z","changed":"2026-03-03T14:02:00.123456789Z"}');
INSERT INTO sessions (hash, owner, seen, ended, body) VALUES
    ('new', 'ada', 1772906520123456789, 0, '{"hash":"new","user":"ada","epoch":"","from":"","created":"0001-01-01T00:00:00Z","seen":"2026-03-07T18:02:00.123456789Z"}');
INSERT INTO tokens (token, hash, used, revoked, revoked_by, body) VALUES
    ('t1', 'def', 1772546640123456789, 1772546580123456789, 'grace', '{"id":"t1","name":"ci","scopes":["read"],"teams":[],"created_by":"ada","created":"2026-03-03T14:02:00.123456789Z","expires":"2026-03-03T15:02:00.123456789Z"}');
INSERT INTO audit (entry, at, who, outcome, search, body) VALUES
    ('e00', 1772546520123456789, 'ada', 'done', 'silence
100%_sure
post /x', '{"id":"e00","at":"2026-03-03T14:02:00.123456789Z","who":"ada","act":"Silence","route":"POST /x","object":"100%_sure","outcome":"done"}');
INSERT INTO audit (entry, at, who, outcome, search, body) VALUES
    ('e01', 1772550120123456789, 'grace', 'done', 'acknowledge
100%_sure
post /x', '{"id":"e01","at":"2026-03-03T15:02:00.123456789Z","who":"grace","act":"acknowledge","route":"POST /x","object":"100%_sure","outcome":"done"}');
INSERT INTO audit (entry, at, who, outcome, search, body) VALUES
    ('e02', 1772553720123456789, 'ada', 'done', 'reload
100%_sure
post /x', '{"id":"e02","at":"2026-03-03T16:02:00.123456789Z","who":"ada","act":"reload","route":"POST /x","object":"100%_sure","outcome":"done"}');
