-- Orders that no task makes are numbered by account.
ALTER TABLE account ADD COLUMN order_number BIGINT NOT NULL DEFAULT 0;

-- What an order is found by, of its primary instance: folded name, instance ID and
-- order ID, a line each, so that one search looks through all three.
ALTER TABLE purchase_order ADD COLUMN service_code TEXT NOT NULL DEFAULT '';
ALTER TABLE purchase_order ADD COLUMN region_code TEXT NOT NULL DEFAULT '';
ALTER TABLE purchase_order ADD COLUMN found_by TEXT NOT NULL DEFAULT '';
UPDATE purchase_order SET
  service_code = COALESCE((SELECT l.service_code FROM order_line l WHERE l.account_id = purchase_order.account_id
    AND l.order_id = purchase_order.id AND l.instance_id = purchase_order.instance_id), ''),
  region_code = COALESCE((SELECT l.region_code FROM order_line l WHERE l.account_id = purchase_order.account_id
    AND l.order_id = purchase_order.id AND l.instance_id = purchase_order.instance_id), ''),
  found_by = COALESCE((SELECT i.folded FROM instance i WHERE i.account_id = purchase_order.account_id
    AND i.id = purchase_order.instance_id), '') || '
' || LOWER(instance_id) || '
' || LOWER(id);

-- The lists of orders and of renewals read these alone. Orders that are not
-- completed are few among those that are.
DROP INDEX purchase_order_account;
DROP INDEX purchase_order_paid;
CREATE INDEX purchase_order_list ON purchase_order (account_id, created_at, id, status, found_by);
CREATE INDEX purchase_order_open ON purchase_order (account_id, status, created_at, id, found_by) WHERE status <> 5;
CREATE INDEX purchase_order_renewed ON purchase_order (account_id, paid_at, id, service_code, region_code, fee, found_by) WHERE status = 5;
