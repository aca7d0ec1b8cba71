-- The fee of a unit before prices rose or fell while its task waited, so that a
-- person sees what changed; -1 where it did not.
ALTER TABLE item ADD COLUMN was_fee BIGINT NOT NULL DEFAULT -1;
