-- Every renewal ever made, the latest first.
CREATE INDEX purchase_order_paid ON purchase_order (account_id, paid_at, id) WHERE status = 5;
