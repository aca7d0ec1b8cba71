-- Coupons, discounts, credit line and cards; orders that wait for payment;
-- payments whose outcome the card gateway decides; refunds.

ALTER TABLE wallet ADD COLUMN credit_limit BIGINT NOT NULL DEFAULT 0 CHECK (credit_limit >= 0);
ALTER TABLE wallet ADD COLUMN credit_used BIGINT NOT NULL DEFAULT 0 CHECK (credit_used >= 0 AND credit_used <= credit_limit);
-- Below low_mark the account is warned, once for each time that it falls below.
ALTER TABLE wallet ADD COLUMN low_mark BIGINT NOT NULL DEFAULT 0 CHECK (low_mark >= 0);
ALTER TABLE wallet ADD COLUMN low_told BOOLEAN NOT NULL DEFAULT FALSE;

CREATE TABLE coupon (
  account_id  TEXT NOT NULL REFERENCES account (id),
  id          TEXT NOT NULL,
  type        BIGINT NOT NULL CHECK (type = 1),
  name        TEXT NOT NULL,
  currency    TEXT NOT NULL,
  face        BIGINT NOT NULL CHECK (face > 0),
  remaining   BIGINT NOT NULL CHECK (remaining >= 0 AND remaining <= face),
  valid_from  BIGINT NOT NULL,
  valid_until BIGINT NOT NULL CHECK (valid_until > valid_from),
  use_for     TEXT NOT NULL CHECK (use_for IN ('new', 'renewal', 'both')),
  services    TEXT NOT NULL,
  minimum     BIGINT NOT NULL CHECK (minimum >= 0),
  single_use  BOOLEAN NOT NULL,
  excludes    TEXT NOT NULL,
  frozen      BOOLEAN NOT NULL,
  created_at  BIGINT NOT NULL,
  PRIMARY KEY (account_id, id)
);

-- Discounts beside the contract's, which the account itself holds.
CREATE TABLE discount (
  account_id  TEXT NOT NULL REFERENCES account (id),
  id          TEXT NOT NULL,
  kind        TEXT NOT NULL CHECK (kind IN ('contract', 'partner', 'promotional')),
  name        TEXT NOT NULL,
  rate        BIGINT NOT NULL CHECK (rate BETWEEN 1 AND 10000),
  valid_from  BIGINT NOT NULL,
  valid_until BIGINT NOT NULL,
  services    TEXT NOT NULL,
  created_at  BIGINT NOT NULL,
  PRIMARY KEY (account_id, id)
);

-- What the gateway says about a card, and nothing else of it. A card that was
-- removed stays, because payments name it.
CREATE TABLE card (
  account_id TEXT NOT NULL REFERENCES account (id),
  id         TEXT NOT NULL,
  token      TEXT NOT NULL,
  brand      TEXT NOT NULL,
  last4      TEXT NOT NULL,
  exp_month  BIGINT NOT NULL,
  exp_year   BIGINT NOT NULL,
  preferred  BOOLEAN NOT NULL,
  added_at   BIGINT NOT NULL,
  added_by   TEXT NOT NULL,
  removed_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX card_token ON card (account_id, token) WHERE removed_at = 0;
CREATE UNIQUE INDEX card_preferred ON card (account_id) WHERE preferred AND removed_at = 0;

-- charged is what the gateway is asked for; the rest of amount is held of the wallet.
ALTER TABLE payment ADD COLUMN card_id TEXT NOT NULL DEFAULT '';
ALTER TABLE payment ADD COLUMN charged BIGINT NOT NULL DEFAULT 0;
UPDATE payment SET charged = amount WHERE purpose = 'top_up';

CREATE TABLE refund (
  account_id  TEXT NOT NULL REFERENCES account (id),
  id          TEXT NOT NULL,
  payment_id  TEXT NOT NULL REFERENCES payment (id),
  order_id    TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('created', 'refunded', 'refused')),
  amount      BIGINT NOT NULL CHECK (amount > 0),
  charged     BIGINT NOT NULL CHECK (charged >= 0 AND charged <= amount),
  currency    TEXT NOT NULL,
  gateway_key TEXT NOT NULL,
  reason      TEXT NOT NULL,
  created_at  BIGINT NOT NULL,
  created_by  TEXT NOT NULL,
  asked_at    BIGINT NOT NULL,
  settled_at  BIGINT NOT NULL,
  PRIMARY KEY (account_id, id)
);
-- The same money goes back once.
CREATE UNIQUE INDEX refund_once ON refund (payment_id, order_id);
CREATE INDEX refund_open ON refund (asked_at) WHERE state = 'created';

-- attempt_id is the payment under way or the last one, payment_id the one that
-- captured the order; instance_id is the primary instance of its lines.
ALTER TABLE purchase_order ADD COLUMN attempt_id TEXT NOT NULL DEFAULT '';
ALTER TABLE purchase_order ADD COLUMN expires_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE purchase_order ADD COLUMN created_by TEXT NOT NULL DEFAULT '';
ALTER TABLE purchase_order ADD COLUMN ended_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE purchase_order ADD COLUMN why TEXT NOT NULL DEFAULT '';
ALTER TABLE purchase_order ADD COLUMN instance_id TEXT NOT NULL DEFAULT '';
UPDATE purchase_order SET instance_id = COALESCE((SELECT i.instance_id FROM item i
  WHERE i.task_id = purchase_order.task_id AND i.number = purchase_order.item), '');
CREATE INDEX purchase_order_account ON purchase_order (account_id, created_at, id);
CREATE INDEX purchase_order_unpaid ON purchase_order (expires_at) WHERE status = 6;
CREATE INDEX purchase_order_attempt ON purchase_order (attempt_id) WHERE status = 3;

-- One renewal intent per expiry of an instance: an order that waits, is being
-- paid or was paid. A cancelled one keeps its lines and makes room.
ALTER TABLE order_line ADD COLUMN cancelled BOOLEAN NOT NULL DEFAULT FALSE;
DROP INDEX order_line_extension;
CREATE UNIQUE INDEX order_line_extension ON order_line (account_id, instance_id, old_expiry) WHERE NOT cancelled;

-- A payment may hold money, spend or release it, and be refunded: each once.
ALTER TABLE ledger_transaction ADD COLUMN refund_id TEXT NOT NULL DEFAULT '';
DROP INDEX ledger_transaction_payment;
CREATE UNIQUE INDEX ledger_transaction_payment ON ledger_transaction (payment_id, kind, refund_id) WHERE payment_id <> '';

-- Why a suspended task waits, and how much of its consent is left after coupons.
ALTER TABLE task ADD COLUMN pause TEXT NOT NULL DEFAULT '' CHECK (pause IN ('', 'short', 'declined', 'unknown', 'settled', 'consent'));
ALTER TABLE task ADD COLUMN due_left BIGINT NOT NULL DEFAULT 0;
UPDATE task SET due_left = left_total;
UPDATE task SET pause = 'short' WHERE state = 'suspended';

ALTER TABLE item ADD COLUMN discount_kinds TEXT NOT NULL DEFAULT '';
UPDATE item SET discount_kinds = 'contract' WHERE discount > 0;

-- The intent to renew an instance that stands in the way of every other: the
-- reason that it gives them, and the order that has it.
ALTER TABLE instance ADD COLUMN intent TEXT NOT NULL DEFAULT '' CHECK (intent IN ('', 'order_pending', 'renewal_in_progress'));
ALTER TABLE instance ADD COLUMN intent_order TEXT NOT NULL DEFAULT '';
DROP INDEX instance_list;
CREATE INDEX instance_list ON instance (account_id, parent_id, mode, expires_at, id, hold, intent,
  service_code, region_code, project, package, renewed_at, order_id, list_fee, folded);
