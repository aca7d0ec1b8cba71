-- A bank transfer is booked once, whether it is a deposit or pays the credit line
-- back. Only transfers have a value date.
DROP INDEX ledger_transaction_deposit;
CREATE UNIQUE INDEX ledger_transaction_transfer ON ledger_transaction (account_id, reference) WHERE value_date <> '';
