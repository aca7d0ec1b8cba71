-- Keys of one character can be turned off: who speaks to a computer presses them
-- unawares.
ALTER TABLE preference ADD COLUMN keys_off BOOLEAN NOT NULL DEFAULT FALSE;
