-- The action event-message-sent. A step of its own: PostgreSQL lets no transaction use the value
-- that it adds.
-- depends: 0057_index_verifying_mails

ALTER TYPE activity_action ADD VALUE 'event-message-sent' AFTER 'user-changed';
