-- Rows as programs of this schema wrote them.
INSERT INTO changes (id, at, noted, service, kind, version, body) VALUES
    ('version:checkout:3', 1772550120123456789, 1772550120123456789, 'checkout', 'version', '3', '{"id":"version:checkout:3","kind":"version","at":"2026-03-03T15:02:00.123456789Z","service":"checkout","title":"checkout 3","version":"3","by":"telemetry","source":"telemetry"}');
INSERT INTO changes (id, at, noted, service, kind, version, body) VALUES
    ('version:checkout:4', 1772553720123456789, 1772553720123456789, 'checkout', 'version', '4', '{"id":"version:checkout:4","kind":"version","at":"2026-03-03T16:02:00.123456789Z","service":"checkout","title":"checkout 4","version":"4","by":"telemetry","source":"telemetry"}');
INSERT INTO seen_versions (service, version, at, quiet) VALUES
    ('checkout', '1', 1772546520123456789, 1);
INSERT INTO seen_versions (service, version, at, quiet) VALUES
    ('checkout', '2', 1772546580123456789, 1);
