-- How often a comparison of the whole list became due: one that began before says nothing
-- about a later one.
ALTER TABLE reconciliation ADD COLUMN dues BIGINT NOT NULL DEFAULT 0;
