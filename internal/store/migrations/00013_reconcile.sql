-- What a payment pays, as the gateway is told with it; empty for a payment that an
-- older server made, which is asked for without.
ALTER TABLE payment ADD COLUMN data TEXT NOT NULL DEFAULT '';

-- How many records of money an account has, and the newest: the marks that are kept
-- outside of the database are compared with them.
ALTER TABLE wallet ADD COLUMN records BIGINT NOT NULL DEFAULT 0;
ALTER TABLE wallet ADD COLUMN newest_record TEXT NOT NULL DEFAULT '';
UPDATE wallet SET records = (SELECT COUNT(*) FROM ledger_transaction t WHERE t.account_id = wallet.account_id);

-- How far the gateway's list of payments was compared with the books. Where all of it
-- is due, nothing is charged before that is done.
CREATE TABLE reconciliation (
  name       TEXT PRIMARY KEY CHECK (name = 'gateway'),
  cursor     TEXT NOT NULL,
  due        BOOLEAN NOT NULL,
  checked_at BIGINT NOT NULL
);
INSERT INTO reconciliation (name, cursor, due, checked_at) VALUES ('gateway', '', FALSE, 0);

-- Keys that the gateway knows and with which these books have asked for nothing: they
-- are not used again.
CREATE TABLE spent_key (
  gateway_key TEXT PRIMARY KEY,
  found_at    BIGINT NOT NULL
);

-- In what the gateway and the books differ. account_id is empty where neither key nor
-- data name an account of these books.
CREATE TABLE discrepancy (
  gateway_id  TEXT NOT NULL,
  kind        TEXT NOT NULL CHECK (kind IN ('missing', 'differs', 'refunded', 'unknown_there')),
  account_id  TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('open', 'returning', 'entered', 'returned', 'dismissed')),
  gateway_key TEXT NOT NULL,
  card        TEXT NOT NULL,
  amount      BIGINT NOT NULL,
  refunded    BIGINT NOT NULL,
  currency    TEXT NOT NULL,
  captured_at BIGINT NOT NULL,
  data        TEXT NOT NULL,
  why         TEXT NOT NULL,
  found_at    BIGINT NOT NULL,
  settled_at  BIGINT NOT NULL,
  settled_by  TEXT NOT NULL,
  reference   TEXT NOT NULL,
  PRIMARY KEY (gateway_id, kind)
);
CREATE INDEX discrepancy_open ON discrepancy (account_id, found_at) WHERE state IN ('open', 'returning');
CREATE INDEX payment_gateway_id ON payment (gateway_id) WHERE gateway_id <> '';
