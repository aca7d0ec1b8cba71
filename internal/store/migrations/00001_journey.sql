CREATE TABLE account (
  id             TEXT PRIMARY KEY,
  name           TEXT NOT NULL,
  currency       TEXT NOT NULL,
  zone           TEXT NOT NULL,
  email          TEXT NOT NULL,
  grace_days     BIGINT NOT NULL CHECK (grace_days >= 0),
  retention_days BIGINT NOT NULL CHECK (retention_days >= 0),
  frozen         BOOLEAN NOT NULL,
  contract_rate  BIGINT NOT NULL CHECK (contract_rate BETWEEN 0 AND 10000),
  price_revision BIGINT NOT NULL,
  created_at     BIGINT NOT NULL
);

CREATE TABLE member (
  id              TEXT PRIMARY KEY,
  account_id      TEXT NOT NULL REFERENCES account (id),
  email           TEXT NOT NULL UNIQUE,
  name            TEXT NOT NULL,
  role            TEXT NOT NULL CHECK (role IN ('viewer', 'buyer', 'owner')),
  password_hash   TEXT NOT NULL,
  created_at      BIGINT NOT NULL,
  notices_read_at BIGINT NOT NULL
);
CREATE INDEX member_account ON member (account_id, email);

CREATE TABLE session (
  id_hash    TEXT PRIMARY KEY,
  member_id  TEXT NOT NULL REFERENCES member (id) ON DELETE CASCADE,
  created_at BIGINT NOT NULL,
  used_at    BIGINT NOT NULL
);
CREATE INDEX session_used ON session (used_at);

-- Failed sign-ins of an e-mail address or a network address.
CREATE TABLE sign_in_limit (
  bucket    TEXT PRIMARY KEY,
  failures  BIGINT NOT NULL,
  window_at BIGINT NOT NULL
);

-- Values that this installation made for itself, such as session keys.
CREATE TABLE setting (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

CREATE TABLE instance (
  account_id    TEXT NOT NULL REFERENCES account (id),
  id            TEXT NOT NULL,
  name          TEXT NOT NULL,
  folded        TEXT NOT NULL,
  service_code  TEXT NOT NULL,
  service_name  TEXT NOT NULL,
  type_code     TEXT NOT NULL,
  type_name     TEXT NOT NULL,
  spec_code     TEXT NOT NULL,
  region_code   TEXT NOT NULL,
  region_name   TEXT NOT NULL,
  project       TEXT NOT NULL,
  order_id      TEXT NOT NULL,
  period        BIGINT NOT NULL CHECK (period IN (2, 3)),
  quantity      BIGINT NOT NULL CHECK (quantity > 0),
  effective_at  BIGINT NOT NULL,
  expires_at    BIGINT NOT NULL,
  anchor        BIGINT NOT NULL CHECK (anchor BETWEEN 1 AND 31),
  policy        BIGINT NOT NULL,
  mode          TEXT NOT NULL CHECK (mode IN ('manual', 'auto', 'pay_per_use', 'cancelled')),
  parent_id     TEXT NOT NULL,
  package       BOOLEAN NOT NULL,
  hold          TEXT NOT NULL,
  renewed_at    BIGINT NOT NULL,
  renewed_order TEXT NOT NULL,
  list_fee      BIGINT NOT NULL,
  PRIMARY KEY (account_id, id)
);
-- Covers every filter of the Renewals page, so that counting and paging never
-- touch the table. parent_id also finds the associated resources of a primary.
CREATE INDEX instance_list ON instance (account_id, parent_id, mode, expires_at, id, hold,
  service_code, region_code, project, package, renewed_at, order_id, list_fee, folded);

-- The last imported row of each instance, as the file had it.
CREATE TABLE instance_source (
  account_id TEXT NOT NULL,
  id         TEXT NOT NULL,
  source     TEXT NOT NULL,
  PRIMARY KEY (account_id, id)
);

CREATE TABLE price (
  account_id   TEXT NOT NULL REFERENCES account (id),
  service_code TEXT NOT NULL,
  spec_code    TEXT NOT NULL,
  region_code  TEXT NOT NULL,
  period       BIGINT NOT NULL,
  list_price   BIGINT NOT NULL CHECK (list_price >= 0),
  currency     TEXT NOT NULL,
  PRIMARY KEY (account_id, service_code, spec_code, region_code, period)
);

CREATE TABLE task (
  id             TEXT PRIMARY KEY,
  account_id     TEXT NOT NULL REFERENCES account (id),
  number         BIGINT NOT NULL,
  state          TEXT NOT NULL CHECK (state IN ('generating', 'ready', 'running', 'suspended',
                   'cancelling', 'completed', 'cancelled', 'expired', 'failed')),
  version        BIGINT NOT NULL,
  scope          TEXT NOT NULL,
  source_task    TEXT NOT NULL,
  created_at     BIGINT NOT NULL,
  created_by     TEXT NOT NULL,
  ready_at       BIGINT NOT NULL,
  expires_at     BIGINT NOT NULL,
  quoted_at      BIGINT NOT NULL,
  confirmed_at   BIGINT NOT NULL,
  confirmed_by   TEXT NOT NULL,
  confirmed_email TEXT NOT NULL,
  ended_at       BIGINT NOT NULL,
  ended_by       TEXT NOT NULL,
  suspended_at   BIGINT NOT NULL,
  price_revision BIGINT NOT NULL,
  reconfirm      BOOLEAN NOT NULL,
  units          BIGINT NOT NULL,
  prepared       BIGINT NOT NULL,
  renewable      BIGINT NOT NULL,
  blocked        BIGINT NOT NULL,
  again          BIGINT NOT NULL,
  soon           BIGINT NOT NULL,
  list_total     BIGINT NOT NULL,
  fee_total      BIGINT NOT NULL,
  renewed        BIGINT NOT NULL,
  not_renewed    BIGINT NOT NULL,
  spent          BIGINT NOT NULL,
  left_total     BIGINT NOT NULL,
  shortfall      BIGINT NOT NULL,
  why            TEXT NOT NULL,
  -- The lease: whoever works on the task, the count of its owners, its heartbeat.
  owner          TEXT NOT NULL,
  epoch          BIGINT NOT NULL,
  beat           BIGINT NOT NULL,
  UNIQUE (account_id, number)
);
CREATE UNIQUE INDEX task_open ON task (account_id)
  WHERE state IN ('generating', 'ready', 'running', 'suspended', 'cancelling');
CREATE INDEX task_state ON task (state, expires_at);

CREATE TABLE item (
  task_id       TEXT NOT NULL REFERENCES task (id),
  number        BIGINT NOT NULL,
  account_id    TEXT NOT NULL,
  instance_id   TEXT NOT NULL,
  name          TEXT NOT NULL,
  service_code  TEXT NOT NULL,
  service_name  TEXT NOT NULL,
  spec_code     TEXT NOT NULL,
  region_code   TEXT NOT NULL,
  region_name   TEXT NOT NULL,
  project       TEXT NOT NULL,
  period        BIGINT NOT NULL,
  state         TEXT NOT NULL CHECK (state IN ('blocked', 'waiting', 'renewed', 'failed')),
  reason        TEXT NOT NULL,
  old_expiry    BIGINT NOT NULL,
  new_expiry    BIGINT NOT NULL,
  renewed_at    BIGINT NOT NULL,
  lines         TEXT NOT NULL,
  list_fee      BIGINT NOT NULL,
  discount      BIGINT NOT NULL,
  fee           BIGINT NOT NULL,
  order_id      TEXT NOT NULL,
  done_at       BIGINT NOT NULL,
  PRIMARY KEY (task_id, number),
  UNIQUE (task_id, instance_id)
);
CREATE INDEX item_state ON item (task_id, state, number);

CREATE TABLE wallet (
  account_id TEXT PRIMARY KEY REFERENCES account (id),
  currency   TEXT NOT NULL,
  balance    BIGINT NOT NULL CHECK (balance >= 0)
);

CREATE TABLE payment (
  id          TEXT PRIMARY KEY,
  account_id  TEXT NOT NULL REFERENCES account (id),
  purpose     TEXT NOT NULL CHECK (purpose IN ('renewal', 'top_up')),
  task_id     TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('created', 'prepared', 'unknown', 'captured', 'declined')),
  amount      BIGINT NOT NULL CHECK (amount >= 0),
  currency    TEXT NOT NULL,
  gateway_key TEXT NOT NULL,
  gateway_id  TEXT NOT NULL,
  reason      TEXT NOT NULL,
  created_at  BIGINT NOT NULL,
  created_by  TEXT NOT NULL,
  asked_at    BIGINT NOT NULL,
  settled_at  BIGINT NOT NULL,
  return_to   TEXT NOT NULL
);
CREATE INDEX payment_open ON payment (asked_at) WHERE state IN ('created', 'prepared', 'unknown');
CREATE INDEX payment_account ON payment (account_id, created_at);
CREATE UNIQUE INDEX payment_gateway_key ON payment (gateway_key) WHERE gateway_key <> '';

CREATE TABLE purchase_order (
  account_id TEXT NOT NULL REFERENCES account (id),
  id         TEXT NOT NULL,
  kind       BIGINT NOT NULL,
  status     BIGINT NOT NULL CHECK (status IN (3, 4, 5, 6)),
  task_id    TEXT NOT NULL,
  item       BIGINT NOT NULL,
  payment_id TEXT NOT NULL,
  currency   TEXT NOT NULL,
  list_fee   BIGINT NOT NULL,
  discount   BIGINT NOT NULL,
  fee        BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  paid_at    BIGINT NOT NULL,
  PRIMARY KEY (account_id, id),
  CHECK (list_fee - discount = fee AND fee >= 0),
  CHECK ((status = 5) = (payment_id <> ''))
);
-- One order that counts per unit of a task, and through its payment_id one
-- captured payment per unit.
CREATE UNIQUE INDEX purchase_order_item ON purchase_order (task_id, item) WHERE task_id <> '' AND status <> 4;

CREATE TABLE order_line (
  account_id    TEXT NOT NULL,
  order_id      TEXT NOT NULL,
  instance_id   TEXT NOT NULL,
  name          TEXT NOT NULL,
  service_code  TEXT NOT NULL,
  service_name  TEXT NOT NULL,
  spec_code     TEXT NOT NULL,
  region_code   TEXT NOT NULL,
  region_name   TEXT NOT NULL,
  project       TEXT NOT NULL,
  period        BIGINT NOT NULL,
  quantity      BIGINT NOT NULL,
  old_expiry    BIGINT NOT NULL,
  new_expiry    BIGINT NOT NULL,
  list_fee      BIGINT NOT NULL,
  discount      BIGINT NOT NULL,
  discount_kind TEXT NOT NULL,
  fee           BIGINT NOT NULL,
  PRIMARY KEY (account_id, order_id, instance_id),
  FOREIGN KEY (account_id, order_id) REFERENCES purchase_order (account_id, id),
  CHECK (list_fee - discount = fee AND fee >= 0)
);
-- An expiry is extended once: a second extension of the same expiry collides.
CREATE UNIQUE INDEX order_line_extension ON order_line (account_id, instance_id, old_expiry);

CREATE TABLE leg (
  account_id TEXT NOT NULL,
  payment_id TEXT NOT NULL REFERENCES payment (id),
  order_id   TEXT NOT NULL,
  kind       TEXT NOT NULL CHECK (kind IN ('coupon', 'balance', 'credit', 'card')),
  source     TEXT NOT NULL,
  amount     BIGINT NOT NULL CHECK (amount > 0),
  PRIMARY KEY (account_id, order_id, payment_id, kind, source)
);
CREATE INDEX leg_payment ON leg (payment_id);

CREATE TABLE ledger_transaction (
  id         TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id),
  kind       TEXT NOT NULL,
  at         BIGINT NOT NULL,
  value_date TEXT NOT NULL,
  reference  TEXT NOT NULL,
  payment_id TEXT NOT NULL,
  task_id    TEXT NOT NULL,
  cash_after BIGINT NOT NULL
);
CREATE INDEX ledger_transaction_account ON ledger_transaction (account_id, at, id);
CREATE UNIQUE INDEX ledger_transaction_payment ON ledger_transaction (payment_id) WHERE payment_id <> '';
CREATE UNIQUE INDEX ledger_transaction_deposit ON ledger_transaction (account_id, reference) WHERE kind = 'deposit';

CREATE TABLE ledger_entry (
  transaction_id TEXT NOT NULL REFERENCES ledger_transaction (id),
  account_id     TEXT NOT NULL,
  book           TEXT NOT NULL,
  currency       TEXT NOT NULL,
  amount         BIGINT NOT NULL,
  PRIMARY KEY (transaction_id, book, currency)
);
CREATE INDEX ledger_entry_book ON ledger_entry (account_id, book);

CREATE TABLE outbox (
  id         TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id),
  kind       TEXT NOT NULL,
  event_key  TEXT NOT NULL,
  facts      TEXT NOT NULL,
  recipients TEXT NOT NULL,
  reached    TEXT NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'dead')),
  attempts   BIGINT NOT NULL,
  next_at    BIGINT NOT NULL,
  last_error TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  sent_at    BIGINT NOT NULL,
  UNIQUE (account_id, kind, event_key)
);
CREATE INDEX outbox_due ON outbox (next_at) WHERE state = 'queued';
CREATE INDEX outbox_account ON outbox (account_id, created_at, id);

CREATE TABLE audit (
  id         TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  at         BIGINT NOT NULL,
  actor      TEXT NOT NULL,
  action     TEXT NOT NULL,
  subject    TEXT NOT NULL,
  was        TEXT NOT NULL,
  became     TEXT NOT NULL,
  request_id TEXT NOT NULL
);
CREATE INDEX audit_subject ON audit (account_id, subject, id);

-- What was asked with an idempotency key, and the page that answers it.
CREATE TABLE request (
  account_id  TEXT NOT NULL,
  key         TEXT NOT NULL,
  route       TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  answer      TEXT NOT NULL,
  created_at  BIGINT NOT NULL,
  PRIMARY KEY (account_id, key)
);
