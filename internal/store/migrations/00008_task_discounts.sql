-- What discounts of one kind take off the list prices of a task's renewable units
-- while a person decides about them. The lines of the items say the same, and
-- reading all of them takes longer than the page that shows it may. Tasks that are
-- ready get theirs beside this text.
CREATE TABLE task_discount (
  account_id TEXT NOT NULL,
  task_id    TEXT NOT NULL REFERENCES task (id),
  kind       TEXT NOT NULL CHECK (kind IN ('contract', 'partner', 'promotional')),
  amount     BIGINT NOT NULL CHECK (amount > 0),
  PRIMARY KEY (task_id, kind)
);
