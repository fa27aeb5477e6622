-- Rows as programs of this schema wrote them.
INSERT INTO acknowledgements (dedup_key, seq, kind, person, via, at) VALUES
    ('e7701ff42e30a838dead62a30e98a5f0', 1, 'acknowledged', 'ada�', 'pagerduty', 1772546640123456789);
INSERT INTO acknowledgements (dedup_key, seq, kind, person, via, at) VALUES
    ('e7701ff42e30a838dead62a30e98a5f0', 2, 'acknowledged', 'ada�', 'pagerduty', 1772546640123456789);
INSERT INTO taken (id, at) VALUES
    ('webhook 1', 1773324120123456789);
