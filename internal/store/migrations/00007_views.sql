-- Lists of the Renewals page that a person keeps under a name. The query is that of
-- the page's address. One of them may be what the page opens with.
CREATE TABLE saved_view (
  id         TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id),
  member_id  TEXT NOT NULL REFERENCES member (id) ON DELETE CASCADE,
  name       TEXT NOT NULL,
  folded     TEXT NOT NULL,
  query      TEXT NOT NULL,
  opens      BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (member_id, folded)
);
CREATE UNIQUE INDEX saved_view_opens ON saved_view (member_id) WHERE opens;
