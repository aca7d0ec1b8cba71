-- Every step of a task asks for its open payment, and its pages for all of them:
-- neither may take longer because the account has paid for other tasks before.
CREATE INDEX payment_task ON payment (account_id, task_id, created_at, id);
CREATE INDEX ledger_transaction_task ON ledger_transaction (account_id, task_id) WHERE task_id <> '';
