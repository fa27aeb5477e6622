-- Which database this is, so that what a spool holds is never given to another one.
CREATE TABLE identity (
    one BIGINT PRIMARY KEY,
    id  TEXT NOT NULL
);
