-- Rows as programs of this schema wrote them.
INSERT INTO identity (one, id) VALUES
    (1, 'THEDATABASEOFTHEFIXTURES22');
