-- Rows as programs of this schema wrote them.
INSERT INTO incidents (dedup_key, slo, severity, first_group, opened, closed, title, message, incident, cause, receiver) VALUES
    ('receipt-k1', 'receipt-checkout/availability', 'page', '{region="eu"}', 1772546580123456789, 0, 'Buying', '{"summary":"opened","severity":"","source":"","component":"","class":"","time":"0001-01-01T00:00:00Z","links":null,"details":null}', '{"key":"receipt-k1","slo":"checkout/availability","severity":"page","group":[{"name":"region","value":"eu"}],"groups":[[{"name":"region","value":"eu"}]],"started":"2026-03-03T14:02:00.123456789Z","opened":"2026-03-03T14:03:00.123456789Z","closed":"0001-01-01T00:00:00Z","episode":"e1","episode_started":"2026-03-03T14:02:00.123456789Z","number":1,"replaces":""}', '', '');
INSERT INTO steps (dedup_key, seq, kind, at, reason) VALUES
    ('receipt-k1', 1, 'opened', 1772546580123456789, 'burn 36.2');
INSERT INTO steps (dedup_key, seq, kind, at, reason) VALUES
    ('receipt-k1', 2, 'closed', 1772546640123456789, 'burn 36.2');
INSERT INTO steps (dedup_key, seq, kind, at, reason) VALUES
    ('receipt-k1', 3, 'opened', 1772547060123456789, 'burn 36.2');
INSERT INTO outbox (dedup_key, receiver, integration, seq, action, message, state, attempts, created_at, next_at, leased_until, settled_at, answer, receipt) VALUES
    ('receipt-k1', 'oncall', 'pagerduty/0', 1, 'trigger', '{"summary":"Buying: every request fails.","severity":"page","source":"","component":"","class":"","time":"2026-03-03T14:02:00.123456789Z","links":[{"text":"SLO","href":"https://x"}],"details":[{"name":"a","value":"b"}]}', 'pending', 0, 1772546580123456789, 1772546580123456789, 0, 0, '', '');
INSERT INTO outbox (dedup_key, receiver, integration, seq, action, message, state, attempts, created_at, next_at, leased_until, settled_at, answer, receipt) VALUES
    ('receipt-k1', 'oncall', 'pagerduty/0', 2, 'resolve', '{"summary":"Buying: every request fails.","severity":"page","source":"","component":"","class":"","time":"2026-03-03T14:02:00.123456789Z","links":[{"text":"SLO","href":"https://x"}],"details":[{"name":"a","value":"b"}]}', 'pending', 0, 1772546640123456789, 1772546640123456789, 0, 0, '', '');
INSERT INTO outbox (dedup_key, receiver, integration, seq, action, message, state, attempts, created_at, next_at, leased_until, settled_at, answer, receipt) VALUES
    ('receipt-k1', 'oncall', 'pagerduty/0', 3, 'trigger', '{"summary":"Buying: every request fails.","severity":"page","source":"","component":"","class":"","time":"2026-03-03T14:02:00.123456789Z","links":[{"text":"SLO","href":"https://x"}],"details":[{"name":"a","value":"b"}]}', 'pending', 0, 1772547060123456789, 1772547060123456789, 0, 0, '', '');
