-- Rows as a server wrote them whose newest migration was number 1.
INSERT INTO account (id, name, currency, zone, email, grace_days, retention_days, frozen, contract_rate, price_revision, created_at) VALUES
('acme', 'Acme Group', 'USD', 'Asia/Shanghai', 'finance@acme.example', 15, 15, FALSE, 1000, 2, 1795327200000);
INSERT INTO member (id, account_id, email, name, role, password_hash, created_at, notices_read_at) VALUES
('li', 'acme', 'li.na@acme.example', 'Li Na', 'buyer', '!', 1795327200000, 0),
('sam', 'acme', 'sam.ortiz@acme.example', 'Sam Ortiz', 'viewer', '!', 1795327200000, 0),
('wei', 'acme', 'wei.chen@acme.example', 'Wei Chen', 'owner', '!', 1795327200000, 0);
INSERT INTO instance (account_id, id, name, folded, service_code, service_name, type_code, type_name, spec_code, region_code, region_name, project, order_id, period, quantity, effective_at, expires_at, anchor, policy, mode, parent_id, package, hold, renewed_at, renewed_order, list_fee) VALUES
('acme', 'u1', 'name-of-u1', 'name-of-u1', 'hws.service.type.ec2', 'Elastic Cloud Server', 'hws.resource.type.vm', 'Cloud server', 's6.small.1', 'cn-north-4', 'CN North-Beijing4', 'web-edge', 'CSu1', 2, 1, 1792735200000, 1800684000000, 23, 0, 'manual', '', FALSE, '', 1795327200000, 'RN-0002-00001', 1000),
('acme', 'u1-disk', 'name-of-u1-disk', 'name-of-u1-disk', 'hws.service.type.ebs', 'Elastic Volume Service', 'hws.resource.type.volume', 'Cloud disk', 'SAS.40', 'cn-north-4', 'CN North-Beijing4', 'web-edge', 'CSu1', 2, 1, 1792735200000, 1800684000000, 23, 0, 'manual', 'u1', FALSE, '', 1795327200000, 'RN-0002-00001', 1000),
('acme', 'u2', 'name-of-u2', 'name-of-u2', 'hws.service.type.ec2', 'Elastic Cloud Server', 'hws.resource.type.vm', 'Cloud server', 's6.small.1', 'cn-north-4', 'CN North-Beijing4', 'web-edge', 'CSu2', 2, 1, 1792821600000, 1800770400000, 24, 0, 'manual', '', FALSE, '', 1795327200000, 'RN-0002-00002', 1000),
('acme', 'u3', 'name-of-u3', 'name-of-u3', 'hws.service.type.ec2', 'Elastic Cloud Server', 'hws.resource.type.vm', 'Cloud server', 's6.small.1', 'cn-north-4', 'CN North-Beijing4', 'web-edge', 'CSu3', 2, 1, 1792908000000, 1798178400000, 25, 0, 'manual', '', FALSE, '', 1795327200000, 'RN-0001-00003', 1000);
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
INSERT INTO task (id, account_id, number, state, version, scope, source_task, created_at, created_by, ready_at, expires_at, quoted_at, confirmed_at, confirmed_by, confirmed_email, ended_at, ended_by, suspended_at, price_revision, reconfirm, units, prepared, renewable, blocked, again, soon, list_total, fee_total, renewed, not_renewed, spent, left_total, shortfall, why, owner, epoch, beat) VALUES
('01a201d7-0b00-7005-b2ff-e15dd837c1ce', 'acme', 1, 'completed', 4, 'tab=manual', '', 1795327200000, 'Li Na', 1795327200000, 1795586400000, 1795327200000, 1795327200000, 'Li Na', 'li.na@acme.example', 1795327200000, '', 0, 2, FALSE, 3, 3, 3, 0, 0, 0, 3250, 2925, 3, 0, 2925, 0, 0, '', '', 2, 5),
('01a201d7-0b00-701a-a053-43723cfa4937', 'acme', 2, 'suspended', 4, 'tab=manual', '', 1795327200000, 'Li Na', 1795327200000, 1795586400000, 1795327200000, 1795327200000, 'Li Na', 'li.na@acme.example', 0, '', 1795327200000, 2, FALSE, 3, 3, 3, 0, 3, 0, 3250, 2925, 2, 0, 2025, 900, 350, '', '', 2, 5);
INSERT INTO item (task_id, number, account_id, instance_id, name, service_code, service_name, spec_code, region_code, region_name, project, period, state, reason, old_expiry, new_expiry, renewed_at, lines, list_fee, discount, fee, order_id, done_at) VALUES
('01a201d7-0b00-7005-b2ff-e15dd837c1ce', 1, 'acme', 'u1', 'name-of-u1', 'hws.service.type.ec2', 'Elastic Cloud Server', 's6.small.1', 'cn-north-4', 'CN North-Beijing4', 'web-edge', 2, 'renewed', '', 1795413600000, 1798005600000, 0, '[{"i":"u1","o":"CSu1","s":"s6.small.1","q":1,"l":1000,"d":100,"k":"contract"},{"i":"u1-disk","o":"CSu1","s":"SAS.40","q":1,"l":250,"d":25,"k":"contract"}]', 1250, 125, 1125, 'RN-0001-00001', 1795327200000),
('01a201d7-0b00-7005-b2ff-e15dd837c1ce', 2, 'acme', 'u2', 'name-of-u2', 'hws.service.type.ec2', 'Elastic Cloud Server', 's6.small.1', 'cn-north-4', 'CN North-Beijing4', 'web-edge', 2, 'renewed', '', 1795500000000, 1798092000000, 0, '[{"i":"u2","o":"CSu2","s":"s6.small.1","q":1,"l":1000,"d":100,"k":"contract"}]', 1000, 100, 900, 'RN-0001-00002', 1795327200000),
('01a201d7-0b00-7005-b2ff-e15dd837c1ce', 3, 'acme', 'u3', 'name-of-u3', 'hws.service.type.ec2', 'Elastic Cloud Server', 's6.small.1', 'cn-north-4', 'CN North-Beijing4', 'web-edge', 2, 'renewed', '', 1795586400000, 1798178400000, 0, '[{"i":"u3","o":"CSu3","s":"s6.small.1","q":1,"l":1000,"d":100,"k":"contract"}]', 1000, 100, 900, 'RN-0001-00003', 1795327200000),
('01a201d7-0b00-701a-a053-43723cfa4937', 1, 'acme', 'u1', 'name-of-u1', 'hws.service.type.ec2', 'Elastic Cloud Server', 's6.small.1', 'cn-north-4', 'CN North-Beijing4', 'web-edge', 2, 'renewed', '', 1798005600000, 1800684000000, 1795327200000, '[{"i":"u1","o":"CSu1","s":"s6.small.1","q":1,"l":1000,"d":100,"k":"contract"},{"i":"u1-disk","o":"CSu1","s":"SAS.40","q":1,"l":250,"d":25,"k":"contract"}]', 1250, 125, 1125, 'RN-0002-00001', 1795327200000),
('01a201d7-0b00-701a-a053-43723cfa4937', 2, 'acme', 'u2', 'name-of-u2', 'hws.service.type.ec2', 'Elastic Cloud Server', 's6.small.1', 'cn-north-4', 'CN North-Beijing4', 'web-edge', 2, 'renewed', '', 1798092000000, 1800770400000, 1795327200000, '[{"i":"u2","o":"CSu2","s":"s6.small.1","q":1,"l":1000,"d":100,"k":"contract"}]', 1000, 100, 900, 'RN-0002-00002', 1795327200000),
('01a201d7-0b00-701a-a053-43723cfa4937', 3, 'acme', 'u3', 'name-of-u3', 'hws.service.type.ec2', 'Elastic Cloud Server', 's6.small.1', 'cn-north-4', 'CN North-Beijing4', 'web-edge', 2, 'waiting', '', 1798178400000, 1800856800000, 1795327200000, '[{"i":"u3","o":"CSu3","s":"s6.small.1","q":1,"l":1000,"d":100,"k":"contract"}]', 1000, 100, 900, '', 0);
INSERT INTO wallet (account_id, currency, balance) VALUES
('acme', 'USD', 550);
INSERT INTO payment (id, account_id, purpose, task_id, state, amount, currency, gateway_key, gateway_id, reason, created_at, created_by, asked_at, settled_at, return_to) VALUES
('01a201d7-0b00-700b-826b-e56337aa05c9', 'acme', 'renewal', '01a201d7-0b00-7005-b2ff-e15dd837c1ce', 'captured', 2925, 'USD', '', '', '', 1795327200000, 'Li Na', 1795327200000, 1795327200000, ''),
('01a201d7-0b00-7013-a1c4-b91f28f9d2ed', 'acme', 'top_up', '', 'captured', 2500, 'USD', 'top-up-01a201d7-0b00-7013-a1c4-b91f28f9d2ed', 'pay_4a086c9517517a5845936f9c', '', 1795327200000, 'Li Na', 1795327200000, 1795327200000, '/wallet'),
('01a201d7-0b00-7017-a14c-0a7f53e2b489', 'acme', 'top_up', '', 'unknown', 2500, 'USD', 'top-up-01a201d7-0b00-7017-a14c-0a7f53e2b489', 'pay_d3500779dac4824aee432c5a', '', 1795327200000, 'Li Na', 1795327200000, 0, '/wallet'),
('01a201d7-0b00-7020-be46-1be857d55a84', 'acme', 'renewal', '01a201d7-0b00-701a-a053-43723cfa4937', 'captured', 2025, 'USD', '', '', '', 1795327200000, 'Li Na', 1795327200000, 1795327200000, '');
INSERT INTO purchase_order (account_id, id, kind, status, task_id, item, payment_id, currency, list_fee, discount, fee, created_at, paid_at) VALUES
('acme', 'RN-0001-00001', 2, 5, '01a201d7-0b00-7005-b2ff-e15dd837c1ce', 1, '01a201d7-0b00-700b-826b-e56337aa05c9', 'USD', 1250, 125, 1125, 1795327200000, 1795327200000),
('acme', 'RN-0001-00002', 2, 5, '01a201d7-0b00-7005-b2ff-e15dd837c1ce', 2, '01a201d7-0b00-700b-826b-e56337aa05c9', 'USD', 1000, 100, 900, 1795327200000, 1795327200000),
('acme', 'RN-0001-00003', 2, 5, '01a201d7-0b00-7005-b2ff-e15dd837c1ce', 3, '01a201d7-0b00-700b-826b-e56337aa05c9', 'USD', 1000, 100, 900, 1795327200000, 1795327200000),
('acme', 'RN-0002-00001', 2, 5, '01a201d7-0b00-701a-a053-43723cfa4937', 1, '01a201d7-0b00-7020-be46-1be857d55a84', 'USD', 1250, 125, 1125, 1795327200000, 1795327200000),
('acme', 'RN-0002-00002', 2, 5, '01a201d7-0b00-701a-a053-43723cfa4937', 2, '01a201d7-0b00-7020-be46-1be857d55a84', 'USD', 1000, 100, 900, 1795327200000, 1795327200000);
INSERT INTO order_line (account_id, order_id, instance_id, name, service_code, service_name, spec_code, region_code, region_name, project, period, quantity, old_expiry, new_expiry, list_fee, discount, discount_kind, fee) VALUES
('acme', 'RN-0001-00001', 'u1', 'name-of-u1', 'hws.service.type.ec2', 'Elastic Cloud Server', 's6.small.1', 'cn-north-4', 'CN North-Beijing4', 'web-edge', 2, 1, 1795413600000, 1798005600000, 1000, 100, 'contract', 900),
('acme', 'RN-0001-00001', 'u1-disk', 'name-of-u1-disk', 'hws.service.type.ebs', 'Elastic Volume Service', 'SAS.40', 'cn-north-4', 'CN North-Beijing4', 'web-edge', 2, 1, 1795413600000, 1798005600000, 250, 25, 'contract', 225),
('acme', 'RN-0001-00002', 'u2', 'name-of-u2', 'hws.service.type.ec2', 'Elastic Cloud Server', 's6.small.1', 'cn-north-4', 'CN North-Beijing4', 'web-edge', 2, 1, 1795500000000, 1798092000000, 1000, 100, 'contract', 900),
('acme', 'RN-0001-00003', 'u3', 'name-of-u3', 'hws.service.type.ec2', 'Elastic Cloud Server', 's6.small.1', 'cn-north-4', 'CN North-Beijing4', 'web-edge', 2, 1, 1795586400000, 1798178400000, 1000, 100, 'contract', 900),
('acme', 'RN-0002-00001', 'u1', 'name-of-u1', 'hws.service.type.ec2', 'Elastic Cloud Server', 's6.small.1', 'cn-north-4', 'CN North-Beijing4', 'web-edge', 2, 1, 1798005600000, 1800684000000, 1000, 100, 'contract', 900),
('acme', 'RN-0002-00001', 'u1-disk', 'name-of-u1-disk', 'hws.service.type.ebs', 'Elastic Volume Service', 'SAS.40', 'cn-north-4', 'CN North-Beijing4', 'web-edge', 2, 1, 1798005600000, 1800684000000, 250, 25, 'contract', 225),
('acme', 'RN-0002-00002', 'u2', 'name-of-u2', 'hws.service.type.ec2', 'Elastic Cloud Server', 's6.small.1', 'cn-north-4', 'CN North-Beijing4', 'web-edge', 2, 1, 1798092000000, 1800770400000, 1000, 100, 'contract', 900);
INSERT INTO leg (account_id, payment_id, order_id, kind, source, amount) VALUES
('acme', '01a201d7-0b00-700b-826b-e56337aa05c9', 'RN-0001-00001', 'balance', '', 1125),
('acme', '01a201d7-0b00-700b-826b-e56337aa05c9', 'RN-0001-00002', 'balance', '', 900),
('acme', '01a201d7-0b00-700b-826b-e56337aa05c9', 'RN-0001-00003', 'balance', '', 900),
('acme', '01a201d7-0b00-7020-be46-1be857d55a84', 'RN-0002-00001', 'balance', '', 1125),
('acme', '01a201d7-0b00-7020-be46-1be857d55a84', 'RN-0002-00002', 'balance', '', 900);
INSERT INTO ledger_transaction (id, account_id, kind, at, value_date, reference, payment_id, task_id, cash_after) VALUES
('01a201d7-0b00-7002-aa5b-b324bc59b07b', 'acme', 'deposit', 1795327200000, '2026-11-20', 'ref-3000-01a201d7-0b00-7001-aae7-bc65c617a78f', '', '', 3000),
('01a201d7-0b00-700f-93a7-3d8f028c53b0', 'acme', 'renewal', 1795327200000, '', 'RT-0001', '01a201d7-0b00-700b-826b-e56337aa05c9', '01a201d7-0b00-7005-b2ff-e15dd837c1ce', 75),
('01a201d7-0b00-7015-9eef-45841e8c865f', 'acme', 'top_up', 1795327200000, '', 'pay_4a086c9517517a5845936f9c', '01a201d7-0b00-7013-a1c4-b91f28f9d2ed', '', 2575),
('01a201d7-0b00-7023-b346-4318249797da', 'acme', 'renewal', 1795327200000, '', 'RT-0002', '01a201d7-0b00-7020-be46-1be857d55a84', '01a201d7-0b00-701a-a053-43723cfa4937', 550);
INSERT INTO ledger_entry (transaction_id, account_id, book, currency, amount) VALUES
('01a201d7-0b00-7002-aa5b-b324bc59b07b', 'acme', 'cash', 'USD', 3000),
('01a201d7-0b00-7002-aa5b-b324bc59b07b', 'acme', 'bank', 'USD', -3000),
('01a201d7-0b00-700f-93a7-3d8f028c53b0', 'acme', 'cash', 'USD', -2925),
('01a201d7-0b00-700f-93a7-3d8f028c53b0', 'acme', 'renewals', 'USD', 2925),
('01a201d7-0b00-7015-9eef-45841e8c865f', 'acme', 'cash', 'USD', 2500),
('01a201d7-0b00-7015-9eef-45841e8c865f', 'acme', 'gateway', 'USD', -2500),
('01a201d7-0b00-7023-b346-4318249797da', 'acme', 'cash', 'USD', -2025),
('01a201d7-0b00-7023-b346-4318249797da', 'acme', 'renewals', 'USD', 2025);
INSERT INTO outbox (id, account_id, kind, event_key, facts, recipients, reached, state, attempts, next_at, last_error, created_at, sent_at) VALUES
('01a201d7-0b00-7008-a32b-938e0e5c6585', 'acme', 'task_ready', '01a201d7-0b00-7005-b2ff-e15dd837c1ce', '{"TaskID":"01a201d7-0b00-7005-b2ff-e15dd837c1ce","Number":1,"Zone":"Asia/Shanghai","Version":2,"Renewable":3,"Blocked":0,"Fee":{"Minor":2925,"Currency":"USD"},"Balance":{"Minor":3000,"Currency":"USD"},"ExpiresAt":"2026-11-25T06:00:00Z"}', 'finance@acme.example', '', 'queued', 0, 1795327200000, '', 1795327200000, 0),
('01a201d7-0b00-7012-a9b7-17dacb7ef6c5', 'acme', 'task_completed', '01a201d7-0b00-7005-b2ff-e15dd837c1ce', '{"TaskID":"01a201d7-0b00-7005-b2ff-e15dd837c1ce","Number":1,"Zone":"Asia/Shanghai","Renewed":3,"NotRenewed":0,"Paid":{"Minor":2925,"Currency":"USD"}}', 'finance@acme.example', '', 'queued', 0, 1795327200000, '', 1795327200000, 0),
('01a201d7-0b00-701d-a82c-1f75e5900ecb', 'acme', 'task_ready', '01a201d7-0b00-701a-a053-43723cfa4937', '{"TaskID":"01a201d7-0b00-701a-a053-43723cfa4937","Number":2,"Zone":"Asia/Shanghai","Version":2,"Renewable":3,"Blocked":0,"Fee":{"Minor":2925,"Currency":"USD"},"Balance":{"Minor":2575,"Currency":"USD"},"ExpiresAt":"2026-11-25T06:00:00Z"}', 'finance@acme.example', '', 'queued', 0, 1795327200000, '', 1795327200000, 0),
('01a201d7-0b00-7026-bb06-fc827b22ac7d', 'acme', 'task_suspended', '01a201d7-0b00-701a-a053-43723cfa4937/4/0', '{"TaskID":"01a201d7-0b00-701a-a053-43723cfa4937","Number":2,"Zone":"Asia/Shanghai","Version":4,"Day":0,"Renewed":2,"Left":1,"Shortfall":{"Minor":350,"Currency":"USD"},"Balance":{"Minor":550,"Currency":"USD"},"Endangered":null,"EndangeredTotal":0}', 'finance@acme.example li.na@acme.example', '', 'queued', 0, 1795327200000, '', 1795327200000, 0);
INSERT INTO audit (id, account_id, at, actor, action, subject, was, became, request_id) VALUES
('01a201d7-0b00-7000-b1fb-1abbfe60298d', 'acme', 1795327200000, 'Operator', 'account.create', 'account acme', '', 'name="Acme Group" zone=Asia/Shanghai email=finance@acme.example grace=15 retention=15 discount=1000 frozen=false', ''),
('01a201d7-0b00-7003-82c0-accfcafd8ce3', 'acme', 1795327200000, 'Operator', 'deposit', 'wallet acme', '$0.00', '$30.00', ''),
('01a201d7-0b00-7006-896c-9496d896a4da', 'acme', 1795327200000, 'Li Na', 'start', 'task 01a201d7-0b00-7005-b2ff-e15dd837c1ce', '', 'generating', 'test'),
('01a201d7-0b00-7007-bec0-25f46b597742', 'acme', 1795327200000, 'Perennial', 'move', 'task 01a201d7-0b00-7005-b2ff-e15dd837c1ce', 'generating', 'ready', ''),
('01a201d7-0b00-700a-b91c-2e9d62d6c314', 'acme', 1795327200000, 'Li Na', 'move', 'task 01a201d7-0b00-7005-b2ff-e15dd837c1ce', 'ready', 'running', 'test'),
('01a201d7-0b00-700c-baaf-41d0774c9fb9', 'acme', 1795327200000, 'Perennial', 'renew', 'instance u1', '2026-11-23T06:00:00Z', '2026-12-23T06:00:00Z', '01a201d7-0b00-7005-b2ff-e15dd837c1ce'),
('01a201d7-0b00-700d-9207-9246504ef40e', 'acme', 1795327200000, 'Perennial', 'renew', 'instance u2', '2026-11-24T06:00:00Z', '2026-12-24T06:00:00Z', '01a201d7-0b00-7005-b2ff-e15dd837c1ce'),
('01a201d7-0b00-700e-842f-57651dcaa619', 'acme', 1795327200000, 'Perennial', 'renew', 'instance u3', '2026-11-25T06:00:00Z', '2026-12-25T06:00:00Z', '01a201d7-0b00-7005-b2ff-e15dd837c1ce'),
('01a201d7-0b00-7010-9465-7b2d0c1c3448', 'acme', 1795327200000, 'Perennial', 'pay', 'payment 01a201d7-0b00-700b-826b-e56337aa05c9', '$30.00', '$0.75', '01a201d7-0b00-7005-b2ff-e15dd837c1ce'),
('01a201d7-0b00-7011-8a45-a7e75712b176', 'acme', 1795327200000, 'Perennial', 'move', 'task 01a201d7-0b00-7005-b2ff-e15dd837c1ce', 'running', 'completed', ''),
('01a201d7-0b00-7014-871b-100dae49278a', 'acme', 1795327200000, 'Li Na', 'top up', 'payment 01a201d7-0b00-7013-a1c4-b91f28f9d2ed', '', 'created', 'test'),
('01a201d7-0b00-7016-8975-e9999281b786', 'acme', 1795327200000, 'Li Na', 'top_up', 'wallet acme', '$0.75', '$25.75', '01a201d7-0b00-7013-a1c4-b91f28f9d2ed'),
('01a201d7-0b00-7018-ad79-a19911b17c08', 'acme', 1795327200000, 'Li Na', 'top up', 'payment 01a201d7-0b00-7017-a14c-0a7f53e2b489', '', 'created', 'test'),
('01a201d7-0b00-701b-b02e-cfa044c4eb2c', 'acme', 1795327200000, 'Li Na', 'start', 'task 01a201d7-0b00-701a-a053-43723cfa4937', '', 'generating', 'test'),
('01a201d7-0b00-701c-bdac-5714925c8b15', 'acme', 1795327200000, 'Perennial', 'move', 'task 01a201d7-0b00-701a-a053-43723cfa4937', 'generating', 'ready', ''),
('01a201d7-0b00-701f-9ed7-2e2f6c01aac1', 'acme', 1795327200000, 'Li Na', 'move', 'task 01a201d7-0b00-701a-a053-43723cfa4937', 'ready', 'running', 'test'),
('01a201d7-0b00-7021-bef8-5d1e9b009013', 'acme', 1795327200000, 'Perennial', 'renew', 'instance u1', '2026-12-23T06:00:00Z', '2027-01-23T06:00:00Z', '01a201d7-0b00-701a-a053-43723cfa4937'),
('01a201d7-0b00-7022-b9e8-2998964cbde3', 'acme', 1795327200000, 'Perennial', 'renew', 'instance u2', '2026-12-24T06:00:00Z', '2027-01-24T06:00:00Z', '01a201d7-0b00-701a-a053-43723cfa4937'),
('01a201d7-0b00-7024-a3e9-c3f532f26d9d', 'acme', 1795327200000, 'Perennial', 'pay', 'payment 01a201d7-0b00-7020-be46-1be857d55a84', '$25.75', '$5.50', '01a201d7-0b00-701a-a053-43723cfa4937'),
('01a201d7-0b00-7025-82c5-bbb7e4be918a', 'acme', 1795327200000, 'Perennial', 'move', 'task 01a201d7-0b00-701a-a053-43723cfa4937', 'running', 'suspended', '');
INSERT INTO request (account_id, key, route, fingerprint, answer, created_at) VALUES
('acme', '01a201d7-0b00-7004-ab5e-997a53950ec8', 'start', '0960d52b23358e575af0c97199a185ac2f7fc030c33af28e2f932b6cd3d75d4c', '01a201d7-0b00-7005-b2ff-e15dd837c1ce', 1795327200000),
('acme', '01a201d7-0b00-7009-83b1-57a47af2946e', 'confirm 01a201d7-0b00-7005-b2ff-e15dd837c1ce', '5495970a6ef80495bd423cb0e78b9fe146d3934a3ad2d4cecc35b79ae181bdf1', '01a201d7-0b00-7005-b2ff-e15dd837c1ce', 1795327200000),
('acme', 'paid', 'top up', '6fac1a2f7328bd888f270f06dcc73c207f60f7b1c46937b32382225aa94836ba', '01a201d7-0b00-7013-a1c4-b91f28f9d2ed', 1795327200000),
('acme', 'unknown', 'top up', '6fac1a2f7328bd888f270f06dcc73c207f60f7b1c46937b32382225aa94836ba', '01a201d7-0b00-7017-a14c-0a7f53e2b489', 1795327200000),
('acme', '01a201d7-0b00-7019-adcc-2aabe76e9952', 'start', '0960d52b23358e575af0c97199a185ac2f7fc030c33af28e2f932b6cd3d75d4c', '01a201d7-0b00-701a-a053-43723cfa4937', 1795327200000),
('acme', '01a201d7-0b00-701e-855a-83d2303933b3', 'confirm 01a201d7-0b00-701a-a053-43723cfa4937', '5495970a6ef80495bd423cb0e78b9fe146d3934a3ad2d4cecc35b79ae181bdf1', '01a201d7-0b00-701a-a053-43723cfa4937', 1795327200000);
