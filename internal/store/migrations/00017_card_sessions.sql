-- Visits of people to the gateway's card page: whose each is, and the card that the
-- gateway says was entered. A session is saved as a card once.
CREATE TABLE card_session (
  id         TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id),
  member_id  TEXT NOT NULL,
  opened_at  BIGINT NOT NULL,
  token      TEXT NOT NULL,
  brand      TEXT NOT NULL,
  last4      TEXT NOT NULL,
  exp_month  BIGINT NOT NULL,
  exp_year   BIGINT NOT NULL,
  card_id    TEXT NOT NULL
);

-- What a person asked the gateway about cards, to bound it.
CREATE TABLE card_question (
  id         TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id),
  member_id  TEXT NOT NULL,
  kind       TEXT NOT NULL CHECK (kind IN ('session', 'card')),
  at         BIGINT NOT NULL
);
CREATE INDEX card_question_member ON card_question (account_id, member_id, kind, at);

-- The account that a card's token pays for: one of this installation alone.
CREATE TABLE card_owner (
  token      TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id)
);
INSERT INTO card_owner SELECT token, MIN(account_id) FROM card WHERE removed_at = 0 GROUP BY token;
