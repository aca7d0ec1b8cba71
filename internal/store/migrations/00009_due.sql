-- What falls due is added up by term, too, since what is renewed for a month falls
-- due again the month after.
DROP INDEX instance_list;
CREATE INDEX instance_list ON instance (account_id, parent_id, mode, expires_at, id, hold, intent,
  service_code, region_code, project, package, renewed_at, order_id, list_fee, period, folded);
