-- Rows as programs of this schema wrote them.
INSERT INTO impacts (dedup_key, node, at, body) VALUES
    ('e7701ff42e30a838dead62a30e98a5f0', '', 1772530000000000000, {{hex}}00ff1027807f');
