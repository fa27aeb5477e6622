-- What a receiver called a message, for the later ones of the same incident; '' is none.
ALTER TABLE outbox ADD COLUMN receipt TEXT NOT NULL DEFAULT '';
