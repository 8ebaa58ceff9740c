-- Up to which message the conversation goes behind the turn: its messages are found without looking through all.
ALTER TABLE turns ADD COLUMN last_seq INTEGER; -- NULL: not kept yet
