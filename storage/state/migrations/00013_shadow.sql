-- What an old Alertmanager told, to be compared: a row per alert and receiver. told is
-- when it was told first, ended when its end was, 0 for not yet.
CREATE TABLE shadow_pages (
    id    TEXT PRIMARY KEY,
    told  BIGINT NOT NULL,
    ended BIGINT NOT NULL DEFAULT 0,
    body  TEXT NOT NULL
);

CREATE INDEX shadow_pages_told ON shadow_pages (told);
