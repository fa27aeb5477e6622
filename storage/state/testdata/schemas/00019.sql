-- Rows as programs of this schema wrote them.
INSERT INTO incident_notes (id, dedup_key, at, person, body) VALUES
    ('af4592abc8ec', 'e7701ff42e30a838dead62a30e98a5f0', 1772553720123456789, 'Ada Moreau', 'the bank answers again');
INSERT INTO incident_notes (id, dedup_key, at, person, body) VALUES
    ('b66d51810d33', 'e7701ff42e30a838dead62a30e98a5f0', 1772553720123456789, 'Ada Moreau', '<b>nul	and ü</b>
second line');
INSERT INTO incident_verdicts (dedup_key, at, value, person, reason) VALUES
    ('e7701ff42e30a838dead62a30e98a5f0', 1772553720123456789, 'useful', 'ben', 'it useful');
INSERT INTO incident_verdicts (dedup_key, at, value, person, reason) VALUES
    ('e7701ff42e30a838dead62a30e98a5f0', 1772553720123456789, 'noise', 'ben', 'it noise');
INSERT INTO incident_verdicts (dedup_key, at, value, person, reason) VALUES
    ('e7701ff42e30a838dead62a30e98a5f0', 1772553720123456789, 'useful', 'ben', 'it useful');
INSERT INTO incident_actions (id, dedup_key, at, person, body, owner, due, done, done_by) VALUES
    ('c8f95d851c03', 'e7701ff42e30a838dead62a30e98a5f0', 1772553720123456789, 'ada', 'action 0', 'ben', '2026-04-01', 0, '');
INSERT INTO incident_actions (id, dedup_key, at, person, body, owner, due, done, done_by) VALUES
    ('280252e6c333', 'e7701ff42e30a838dead62a30e98a5f0', 1772553720123456789, 'ada', 'action 1', 'ben', '2026-03-20', 0, '');
