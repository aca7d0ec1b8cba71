-- Rows as a server wrote them whose newest migration was number 7: a ready task whose
-- first unit has a discount of another kind on each line.
INSERT INTO account (id, name, currency, zone, email, grace_days, retention_days, frozen, contract_rate, price_revision, created_at, order_number) VALUES
('acme', 'Acme Group', 'USD', 'Asia/Shanghai', 'finance@acme.example', 15, 15, FALSE, 1000, 3, 1795327200000, 0);
INSERT INTO member (id, account_id, email, name, role, password_hash, created_at, notices_read_at) VALUES
('sam', 'acme', 'sam.ortiz@acme.example', 'Sam Ortiz', 'viewer', '!', 1795327200000, 0),
('wei', 'acme', 'wei.chen@acme.example', 'Wei Chen', 'owner', '!', 1795327200000, 0),
('li', 'acme', 'li.na@acme.example', 'Li Na', 'buyer', '!', 1795327200000, 0);
INSERT INTO instance (account_id, id, name, folded, service_code, service_name, type_code, type_name, spec_code, region_code, region_name, project, order_id, period, quantity, effective_at, expires_at, anchor, policy, mode, parent_id, package, hold, renewed_at, renewed_order, list_fee, intent, intent_order) VALUES
('acme', 'u1', 'name-of-u1', 'name-of-u1', 'hws.service.type.ec2', 'Elastic Cloud Server', 'hws.resource.type.vm', 'Cloud server', 's6.small.1', 'cn-north-4', 'CN North-Beijing4', 'web-edge', 'CSu1', 2, 1, 1792735200000, 1795413600000, 23, 0, 'manual', '', FALSE, '', 0, '', 1000, '', ''),
('acme', 'u1-disk', 'name-of-u1-disk', 'name-of-u1-disk', 'hws.service.type.ebs', 'Elastic Volume Service', 'hws.resource.type.volume', 'Cloud disk', 'SAS.40', 'cn-north-4', 'CN North-Beijing4', 'web-edge', 'CSu1', 2, 1, 1792735200000, 1795413600000, 23, 0, 'manual', 'u1', FALSE, '', 0, '', 1000, '', ''),
('acme', 'u2', 'name-of-u2', 'name-of-u2', 'hws.service.type.ec2', 'Elastic Cloud Server', 'hws.resource.type.vm', 'Cloud server', 's6.small.1', 'cn-north-4', 'CN North-Beijing4', 'web-edge', 'CSu2', 2, 1, 1792821600000, 1795500000000, 24, 0, 'manual', '', FALSE, '', 0, '', 1000, '', ''),
('acme', 'u3', 'name-of-u3', 'name-of-u3', 'hws.service.type.ec2', 'Elastic Cloud Server', 'hws.resource.type.vm', 'Cloud server', 's6.small.1', 'cn-north-4', 'CN North-Beijing4', 'web-edge', 'CSu3', 2, 1, 1792778400000, 1795456800000, 24, 0, 'manual', '', FALSE, 'legal', 0, '', 1000, '', '');
INSERT INTO instance_source (account_id, id, source) VALUES
('acme', 'u1', ''),
('acme', 'u1-disk', ''),
('acme', 'u2', ''),
('acme', 'u3', '');
INSERT INTO price (account_id, service_code, spec_code, region_code, period, list_price, currency) VALUES
('acme', 'hws.service.type.ec2', 's6.small.1', 'cn-north-4', 2, 1000, 'USD'),
('acme', 'hws.service.type.ec2', 's6.small.1', 'cn-north-4', 3, 10000, 'USD'),
('acme', 'hws.service.type.ebs', 'SAS.40', 'cn-north-4', 2, 250, 'USD'),
('acme', 'hws.service.type.ebs', 'SAS.40', 'cn-north-4', 3, 2500, 'USD');
INSERT INTO task (id, account_id, number, state, version, scope, source_task, created_at, created_by, ready_at, expires_at, quoted_at, confirmed_at, confirmed_by, confirmed_email, ended_at, ended_by, suspended_at, price_revision, reconfirm, units, prepared, renewable, blocked, again, soon, list_total, fee_total, renewed, not_renewed, spent, left_total, shortfall, why, owner, epoch, beat, pause, due_left) VALUES
('01a201d7-0b00-7003-ba28-a32954c6e1e6', 'acme', 1, 'ready', 2, 'tab=manual', '', 1795327200000, 'Li Na', 1795327200000, 1795586400000, 1795327200000, 0, '', '', 0, '', 0, 3, FALSE, 3, 3, 2, 1, 0, 0, 2250, 1988, 0, 0, 0, 1988, 0, '', '', 1, 3, '', 0);
INSERT INTO item (task_id, number, account_id, instance_id, name, service_code, service_name, spec_code, region_code, region_name, project, period, state, reason, old_expiry, new_expiry, renewed_at, lines, list_fee, discount, fee, order_id, done_at, discount_kinds, was_fee) VALUES
('01a201d7-0b00-7003-ba28-a32954c6e1e6', 1, 'acme', 'u1', 'name-of-u1', 'hws.service.type.ec2', 'Elastic Cloud Server', 's6.small.1', 'cn-north-4', 'CN North-Beijing4', 'web-edge', 2, 'waiting', '', 1795413600000, 1798005600000, 0, '[{"i":"u1","o":"CSu1","s":"s6.small.1","q":1,"l":1000,"d":100,"k":"contract"},{"i":"u1-disk","o":"CSu1","v":"hws.service.type.ebs","s":"SAS.40","q":1,"l":250,"d":62,"k":"promotional"}]', 1250, 162, 1088, '', 0, 'contract promotional', -1),
('01a201d7-0b00-7003-ba28-a32954c6e1e6', 2, 'acme', 'u3', 'name-of-u3', 'hws.service.type.ec2', 'Elastic Cloud Server', 's6.small.1', 'cn-north-4', 'CN North-Beijing4', 'web-edge', 2, 'blocked', 'legal', 1795456800000, 1798048800000, 0, '[{"i":"u3","o":"CSu3","s":"s6.small.1","q":1,"l":1000,"d":100,"k":"contract"}]', 1000, 100, 900, '', 0, 'contract', -1),
('01a201d7-0b00-7003-ba28-a32954c6e1e6', 3, 'acme', 'u2', 'name-of-u2', 'hws.service.type.ec2', 'Elastic Cloud Server', 's6.small.1', 'cn-north-4', 'CN North-Beijing4', 'web-edge', 2, 'waiting', '', 1795500000000, 1798092000000, 0, '[{"i":"u2","o":"CSu2","s":"s6.small.1","q":1,"l":1000,"d":100,"k":"contract"}]', 1000, 100, 900, '', 0, 'contract', -1);
INSERT INTO wallet (account_id, currency, balance, credit_limit, credit_used, low_mark, low_told) VALUES
('acme', 'USD', 0, 0, 0, 0, FALSE);
INSERT INTO discount (account_id, id, kind, name, rate, valid_from, valid_until, services, created_at) VALUES
('acme', 'D1', 'promotional', 'Autumn sale', 2500, 1795327200000, 0, 'hws.service.type.ebs', 1795327200000);
INSERT INTO outbox (id, account_id, kind, event_key, facts, recipients, reached, state, attempts, next_at, last_error, created_at, sent_at) VALUES
('01a201d7-0b00-7006-aaa6-800130e213d0', 'acme', 'task_ready', '01a201d7-0b00-7003-ba28-a32954c6e1e6', '{"TaskID":"01a201d7-0b00-7003-ba28-a32954c6e1e6","Number":1,"Zone":"Asia/Shanghai","Version":2,"Renewable":2,"Blocked":1,"Fee":{"Minor":1988,"Currency":"USD"},"Balance":{"Minor":0,"Currency":"USD"},"ExpiresAt":"2026-11-25T06:00:00Z"}', 'finance@acme.example', '', 'queued', 0, 1795327200000, '', 1795327200000, 0);
INSERT INTO audit (id, account_id, at, actor, action, subject, was, became, request_id) VALUES
('01a201d7-0b00-7000-89bd-bc7f8d872e3e', 'acme', 1795327200000, 'Operator', 'account.create', 'account acme', '', 'name="Acme Group" zone=Asia/Shanghai email=finance@acme.example grace=15 retention=15 discount=1000 frozen=false', ''),
('01a201d7-0b00-7001-91c8-ffb110b251d5', 'acme', 1795327200000, 'Operator', 'grant', 'discount D1', '', 'promotional 25.00%', ''),
('01a201d7-0b00-7004-8316-85ae66dd8ca7', 'acme', 1795327200000, 'Li Na', 'start', 'task 01a201d7-0b00-7003-ba28-a32954c6e1e6', '', 'generating', 'test'),
('01a201d7-0b00-7005-b578-ad966c7933b9', 'acme', 1795327200000, 'Perennial', 'move', 'task 01a201d7-0b00-7003-ba28-a32954c6e1e6', 'generating', 'ready', '');
INSERT INTO request (account_id, key, route, fingerprint, answer, created_at) VALUES
('acme', '01a201d7-0b00-7002-ab3e-33751620dd56', 'start', 'f2f3a695ce70dce0ca0ad8568dcc60352539a6b93604878d35ae15a055749424', '01a201d7-0b00-7003-ba28-a32954c6e1e6', 1795327200000);
