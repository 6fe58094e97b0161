-- The actions of the activity log about API tokens. A step of its own: PostgreSQL lets no transaction
-- use the values that it adds.
-- depends: 0082_administer_accounts

ALTER TYPE activity_action ADD VALUE 'token-created' AFTER 'webhook-replayed';
ALTER TYPE activity_action ADD VALUE 'token-revoked' AFTER 'token-created';
