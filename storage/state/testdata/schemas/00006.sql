-- Rows as programs of this schema wrote them.
INSERT INTO decisions (dedup_key, seq, receiver, fate, decider, until, reason, at) VALUES
    ('e7701ff42e30a838dead62a30e98a5f0', 1, 'hook', 'send', '', 0, 'the route leads to hook', 1772546580123456789);
