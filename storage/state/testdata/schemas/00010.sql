-- Rows as programs of this schema wrote them.
INSERT INTO destinations (name, held_until) VALUES
    ('pager', 0);
INSERT INTO sends (destination, at, attempts) VALUES
    ('pager', 1772546600123456789, 3);
INSERT INTO sends (destination, at, attempts) VALUES
    ('pager', 1772546641123456789, 17);
INSERT INTO incidents (dedup_key, slo, severity, first_group, opened, closed, title, message, incident, cause, receiver) VALUES
    ('due-a000', 'due-slo/a000', 'ticket', '{region="eu"}', 1772546580123456789, 0, 'Buying', '{"summary":"opened","severity":"","source":"","component":"","class":"","time":"0001-01-01T00:00:00Z","links":null,"details":null}', '{"key":"due-a000","slo":"slo/a000","severity":"ticket","group":[{"name":"region","value":"eu"}],"groups":[[{"name":"region","value":"eu"}]],"started":"2026-03-03T14:02:00.123456789Z","opened":"2026-03-03T14:03:00.123456789Z","closed":"0001-01-01T00:00:00Z","episode":"e1","episode_started":"2026-03-03T14:02:00.123456789Z","number":1,"replaces":""}', '', '');
INSERT INTO incidents (dedup_key, slo, severity, first_group, opened, closed, title, message, incident, cause, receiver) VALUES
    ('due-b000', 'due-slo/b000', 'ticket', '{region="eu"}', 1772546580123456789, 1772546521123456789, 'Buying', '{"summary":"closed","severity":"","source":"","component":"","class":"","time":"0001-01-01T00:00:00Z","links":null,"details":null}', '{"key":"due-b000","slo":"slo/b000","severity":"ticket","group":[{"name":"region","value":"eu"}],"groups":[[{"name":"region","value":"eu"}]],"started":"2026-03-03T14:02:00.123456789Z","opened":"2026-03-03T14:03:00.123456789Z","closed":"2026-03-03T14:02:01.123456789Z","episode":"e1","episode_started":"2026-03-03T14:02:00.123456789Z","number":1,"replaces":""}', '', '');
INSERT INTO steps (dedup_key, seq, kind, at, reason) VALUES
    ('due-a000', 1, 'opened', 1772546520123456789, 'burn 36.2');
INSERT INTO steps (dedup_key, seq, kind, at, reason) VALUES
    ('due-b000', 1, 'opened', 1772546520123456789, 'burn 36.2');
INSERT INTO steps (dedup_key, seq, kind, at, reason) VALUES
    ('due-b000', 2, 'closed', 1772546521123456789, 'burn 36.2');
INSERT INTO outbox (dedup_key, receiver, integration, seq, action, message, state, attempts, created_at, next_at, leased_until, settled_at, answer, receipt, priority, held, held_until) VALUES
    ('due-a000', 'oncall', 'pagerduty/0', 1, 'trigger', '{"summary":"Buying: every request fails.","severity":"ticket","source":"","component":"","class":"","time":"2026-03-03T14:02:00.123456789Z","links":[{"text":"SLO","href":"https://x"}],"details":[{"name":"a","value":"b"}]}', 'pending', 0, 1772546520123456789, 1772546520123456789, 0, 0, '', '', 3, '', 0);
INSERT INTO outbox (dedup_key, receiver, integration, seq, action, message, state, attempts, created_at, next_at, leased_until, settled_at, answer, receipt, priority, held, held_until) VALUES
    ('due-b000', 'oncall', 'pagerduty/0', 1, 'trigger', '{"summary":"Buying: every request fails.","severity":"ticket","source":"","component":"","class":"","time":"2026-03-03T14:02:00.123456789Z","links":[{"text":"SLO","href":"https://x"}],"details":[{"name":"a","value":"b"}]}', 'pending', 1, 1772546520123456789, 1772546520123456789, 0, 0, '', '', 1, '', 0);
INSERT INTO outbox (dedup_key, receiver, integration, seq, action, message, state, attempts, created_at, next_at, leased_until, settled_at, answer, receipt, priority, held, held_until) VALUES
    ('due-b000', 'oncall', 'pagerduty/0', 2, 'resolve', '{"summary":"Buying: every request fails.","severity":"page","source":"","component":"","class":"","time":"2026-03-03T14:02:00.123456789Z","links":[{"text":"SLO","href":"https://x"}],"details":[{"name":"a","value":"b"}]}', 'pending', 0, 1772546521123456789, 1772546521123456789, 0, 0, '', '', 1, '', 0);
