-- How a person wants lists. A person without a row has chosen nothing, and neither
-- has one whose page_size is 0. hidden names columns, with blanks between.
CREATE TABLE preference (
  member_id  TEXT PRIMARY KEY REFERENCES member (id) ON DELETE CASCADE,
  account_id TEXT NOT NULL REFERENCES account (id),
  compact    BOOLEAN NOT NULL DEFAULT FALSE,
  page_size  BIGINT NOT NULL DEFAULT 0 CHECK (page_size IN (0, 10, 20, 50, 100, 200)),
  hidden     TEXT NOT NULL DEFAULT ''
);
