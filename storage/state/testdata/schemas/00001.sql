-- Rows as programs of this schema wrote them.
INSERT INTO incidents (dedup_key, slo, severity, first_group, opened, closed, title, message, incident) VALUES
    ('one-k1', 'one-checkout/availability', 'page', '{region="eu"}', 1772546580123456789, 1772546700123456789, 'Buying', '{"summary":"closed","severity":"","source":"","component":"","class":"","time":"0001-01-01T00:00:00Z","links":null,"details":null}', '{"key":"one-k1","slo":"checkout/availability","severity":"page","group":[{"name":"region","value":"eu"}],"groups":[[{"name":"region","value":"eu"}]],"started":"2026-03-03T14:02:00.123456789Z","opened":"2026-03-03T14:03:00.123456789Z","closed":"2026-03-03T14:05:00.123456789Z","episode":"e1","episode_started":"2026-03-03T14:02:00.123456789Z","number":1,"replaces":""}');
INSERT INTO incidents (dedup_key, slo, severity, first_group, opened, closed, title, message, incident) VALUES
    ('one-n0', 'one-checkout/availability', 'page', '{region="eu"}', 1772546580123456789, 0, 'Buying', '{"summary":"opened","severity":"","source":"","component":"","class":"","time":"0001-01-01T00:00:00Z","links":null,"details":null}', '{"key":"one-n0","slo":"checkout/availability","severity":"page","group":[{"name":"region","value":"eu"}],"groups":[[{"name":"region","value":"eu"}]],"started":"2026-03-03T14:02:00.123456789Z","opened":"2026-03-03T14:03:00.123456789Z","closed":"0001-01-01T00:00:00Z","episode":"e1","episode_started":"2026-03-03T14:02:00.123456789Z","number":1,"replaces":""}');
INSERT INTO incidents (dedup_key, slo, severity, first_group, opened, closed, title, message, incident) VALUES
    ('one-n1', 'one-checkout/availability', 'page', '{region="us"}', 1772546580123456789, 0, 'Buying', '{"summary":"opened","severity":"","source":"","component":"","class":"","time":"0001-01-01T00:00:00Z","links":null,"details":null}', '{"key":"one-n1","slo":"checkout/availability","severity":"page","group":[{"name":"region","value":"us"}],"groups":[[{"name":"region","value":"eu"}]],"started":"2026-03-03T14:02:00.123456789Z","opened":"2026-03-03T14:03:00.123456789Z","closed":"0001-01-01T00:00:00Z","episode":"e1","episode_started":"2026-03-03T14:02:00.123456789Z","number":1,"replaces":""}');
INSERT INTO incidents (dedup_key, slo, severity, first_group, opened, closed, title, message, incident) VALUES
    ('one-n2', 'one-checkout/availability', 'ticket', '{region="eu"}', 1772546580123456789, 0, 'Buying', '{"summary":"opened","severity":"","source":"","component":"","class":"","time":"0001-01-01T00:00:00Z","links":null,"details":null}', '{"key":"one-n2","slo":"checkout/availability","severity":"ticket","group":[{"name":"region","value":"eu"}],"groups":[[{"name":"region","value":"eu"}]],"started":"2026-03-03T14:02:00.123456789Z","opened":"2026-03-03T14:03:00.123456789Z","closed":"0001-01-01T00:00:00Z","episode":"e1","episode_started":"2026-03-03T14:02:00.123456789Z","number":1,"replaces":""}');
INSERT INTO incidents (dedup_key, slo, severity, first_group, opened, closed, title, message, incident) VALUES
    ('one-n3', 'one-checkout/latency', 'page', '{region="eu"}', 1772546580123456789, 0, 'Buying', '{"summary":"opened","severity":"","source":"","component":"","class":"","time":"0001-01-01T00:00:00Z","links":null,"details":null}', '{"key":"one-n3","slo":"checkout/latency","severity":"page","group":[{"name":"region","value":"eu"}],"groups":[[{"name":"region","value":"eu"}]],"started":"2026-03-03T14:02:00.123456789Z","opened":"2026-03-03T14:03:00.123456789Z","closed":"0001-01-01T00:00:00Z","episode":"e1","episode_started":"2026-03-03T14:02:00.123456789Z","number":1,"replaces":""}');
INSERT INTO steps (dedup_key, seq, kind, at, reason) VALUES
    ('one-k1', 1, 'opened', 1772546580123456789, 'burn 36.2');
INSERT INTO steps (dedup_key, seq, kind, at, reason) VALUES
    ('one-k1', 2, 'closed', 1772546700123456789, 'burn 36.2');
INSERT INTO steps (dedup_key, seq, kind, at, reason) VALUES
    ('one-n0', 1, 'opened', 1772546760123456789, 'burn 36.2');
INSERT INTO steps (dedup_key, seq, kind, at, reason) VALUES
    ('one-n1', 1, 'opened', 1772546760123456789, 'burn 36.2');
INSERT INTO steps (dedup_key, seq, kind, at, reason) VALUES
    ('one-n2', 1, 'opened', 1772546760123456789, 'burn 36.2');
INSERT INTO steps (dedup_key, seq, kind, at, reason) VALUES
    ('one-n3', 1, 'opened', 1772546760123456789, 'burn 36.2');
INSERT INTO outbox (dedup_key, receiver, integration, seq, action, message, state, attempts, created_at, next_at, leased_until, settled_at, answer) VALUES
    ('one-k1', 'oncall', 'pagerduty/0', 1, 'trigger', '{"summary":"Buying: every request fails.","severity":"page","source":"","component":"","class":"","time":"2026-03-03T14:02:00.123456789Z","links":[{"text":"SLO","href":"https://x"}],"details":[{"name":"a","value":"b"}]}', 'pending', 0, 1772546580123456789, 1772546580123456789, 0, 0, '');
INSERT INTO outbox (dedup_key, receiver, integration, seq, action, message, state, attempts, created_at, next_at, leased_until, settled_at, answer) VALUES
    ('one-n0', 'oncall', 'pagerduty/0', 1, 'trigger', '{"summary":"Buying: every request fails.","severity":"page","source":"","component":"","class":"","time":"2026-03-03T14:02:00.123456789Z","links":[{"text":"SLO","href":"https://x"}],"details":[{"name":"a","value":"b"}]}', 'pending', 0, 1772546760123456789, 1772546760123456789, 0, 0, '');
INSERT INTO outbox (dedup_key, receiver, integration, seq, action, message, state, attempts, created_at, next_at, leased_until, settled_at, answer) VALUES
    ('one-n1', 'oncall', 'pagerduty/0', 1, 'trigger', '{"summary":"Buying: every request fails.","severity":"page","source":"","component":"","class":"","time":"2026-03-03T14:02:00.123456789Z","links":[{"text":"SLO","href":"https://x"}],"details":[{"name":"a","value":"b"}]}', 'pending', 0, 1772546760123456789, 1772546760123456789, 0, 0, '');
INSERT INTO outbox (dedup_key, receiver, integration, seq, action, message, state, attempts, created_at, next_at, leased_until, settled_at, answer) VALUES
    ('one-n2', 'oncall', 'pagerduty/0', 1, 'trigger', '{"summary":"Buying: every request fails.","severity":"page","source":"","component":"","class":"","time":"2026-03-03T14:02:00.123456789Z","links":[{"text":"SLO","href":"https://x"}],"details":[{"name":"a","value":"b"}]}', 'pending', 0, 1772546760123456789, 1772546760123456789, 0, 0, '');
INSERT INTO outbox (dedup_key, receiver, integration, seq, action, message, state, attempts, created_at, next_at, leased_until, settled_at, answer) VALUES
    ('one-n3', 'oncall', 'pagerduty/0', 1, 'trigger', '{"summary":"Buying: every request fails.","severity":"page","source":"","component":"","class":"","time":"2026-03-03T14:02:00.123456789Z","links":[{"text":"SLO","href":"https://x"}],"details":[{"name":"a","value":"b"}]}', 'pending', 0, 1772546760123456789, 1772546760123456789, 0, 0, '');
INSERT INTO aliases (alias, dedup_key) VALUES
    ('one-k2', 'one-k1');
INSERT INTO incidents (dedup_key, slo, severity, first_group, opened, closed, title, message, incident) VALUES
    ('two-k2', 'two-slo/k2', 'page', '{region="eu"}', 1772546520123456789, 0, 'Buying', '{"summary":"opened","severity":"","source":"","component":"","class":"","time":"0001-01-01T00:00:00Z","links":null,"details":null}', '{"key":"two-k2","slo":"slo/k2","severity":"page","group":[{"name":"region","value":"eu"}],"groups":[[{"name":"region","value":"eu"}]],"started":"2026-03-03T14:02:00.123456789Z","opened":"2026-03-03T14:02:00.123456789Z","closed":"0001-01-01T00:00:00Z","episode":"e1","episode_started":"2026-03-03T14:02:00.123456789Z","number":1,"replaces":""}');
INSERT INTO incidents (dedup_key, slo, severity, first_group, opened, closed, title, message, incident) VALUES
    ('two-over', 'two-slo/over', 'page', '{region="eu"}', 1772546580123456789, 1772550120123456789, 'Buying', '{"summary":"closed","severity":"","source":"","component":"","class":"","time":"0001-01-01T00:00:00Z","links":null,"details":null}', '{"key":"two-over","slo":"slo/over","severity":"page","group":[{"name":"region","value":"eu"}],"groups":[[{"name":"region","value":"eu"}]],"started":"2026-03-03T14:02:00.123456789Z","opened":"2026-03-03T14:03:00.123456789Z","closed":"2026-03-03T15:02:00.123456789Z","episode":"e1","episode_started":"2026-03-03T14:02:00.123456789Z","number":1,"replaces":""}');
INSERT INTO incidents (dedup_key, slo, severity, first_group, opened, closed, title, message, incident) VALUES
    ('two-k1', 'two-slo/k1', 'page', '{region="eu"}', 1772546640123456789, 0, 'Buying', '{"summary":"opened","severity":"","source":"","component":"","class":"","time":"0001-01-01T00:00:00Z","links":null,"details":null}', '{"key":"two-k1","slo":"slo/k1","severity":"page","group":[{"name":"region","value":"eu"}],"groups":[[{"name":"region","value":"eu"}]],"started":"2026-03-03T14:02:00.123456789Z","opened":"2026-03-03T14:04:00.123456789Z","closed":"0001-01-01T00:00:00Z","episode":"e1","episode_started":"2026-03-03T14:02:00.123456789Z","number":1,"replaces":""}');
INSERT INTO steps (dedup_key, seq, kind, at, reason) VALUES
    ('two-k1', 1, 'opened', 1772546640123456789, 'burn 36.2');
INSERT INTO steps (dedup_key, seq, kind, at, reason) VALUES
    ('two-k2', 1, 'opened', 1772546520123456789, 'burn 36.2');
INSERT INTO steps (dedup_key, seq, kind, at, reason) VALUES
    ('two-over', 1, 'opened', 1772546580123456789, 'burn 36.2');
INSERT INTO steps (dedup_key, seq, kind, at, reason) VALUES
    ('two-over', 2, 'closed', 1772550120123456789, 'burn 36.2');
INSERT INTO outbox (dedup_key, receiver, integration, seq, action, message, state, attempts, created_at, next_at, leased_until, settled_at, answer) VALUES
    ('two-k1', 'oncall', 'pagerduty/0', 1, 'trigger', '{"summary":"Buying: every request fails.","severity":"page","source":"","component":"","class":"","time":"2026-03-03T14:02:00.123456789Z","links":[{"text":"SLO","href":"https://x"}],"details":[{"name":"a","value":"b"}]}', 'pending', 0, 1772546640123456789, 1772546640123456789, 0, 0, '');
INSERT INTO outbox (dedup_key, receiver, integration, seq, action, message, state, attempts, created_at, next_at, leased_until, settled_at, answer) VALUES
    ('two-k2', 'oncall', 'pagerduty/0', 1, 'trigger', '{"summary":"Buying: every request fails.","severity":"page","source":"","component":"","class":"","time":"2026-03-03T14:02:00.123456789Z","links":[{"text":"SLO","href":"https://x"}],"details":[{"name":"a","value":"b"}]}', 'pending', 0, 1772546520123456789, 1772546520123456789, 0, 0, '');
INSERT INTO outbox (dedup_key, receiver, integration, seq, action, message, state, attempts, created_at, next_at, leased_until, settled_at, answer) VALUES
    ('two-over', 'oncall', 'pagerduty/0', 1, 'trigger', '{"summary":"Buying: every request fails.","severity":"page","source":"","component":"","class":"","time":"2026-03-03T14:02:00.123456789Z","links":[{"text":"SLO","href":"https://x"}],"details":[{"name":"a","value":"b"}]}', 'pending', 0, 1772546580123456789, 1772546580123456789, 0, 0, '');
