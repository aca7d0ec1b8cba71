-- The person who confirmed a task, by id, and the people a mail is for beside the
-- account: addresses are looked up when a mail is sent, so that someone who was
-- deleted meanwhile gets none. Ids have blanks between them.
ALTER TABLE task ADD COLUMN confirmed_member TEXT NOT NULL DEFAULT '';
UPDATE task SET confirmed_member = COALESCE((SELECT m.id FROM member m
  WHERE m.account_id = task.account_id AND m.email = task.confirmed_email), '') WHERE confirmed_email <> '';

-- The account's address comes first in recipients, and one person's may follow.
ALTER TABLE outbox ADD COLUMN members TEXT NOT NULL DEFAULT '';
UPDATE outbox SET members = COALESCE((SELECT m.id FROM member m WHERE m.account_id = outbox.account_id
  AND SUBSTR(outbox.recipients, LENGTH(outbox.recipients) - LENGTH(m.email)) = ' ' || m.email), '') WHERE state <> 'sent';
