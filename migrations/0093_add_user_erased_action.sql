-- The action of the activity log for a user who was erased. A step of its own: PostgreSQL lets no
-- transaction use the value that it adds.
-- depends: 0090_api_tokens

ALTER TYPE activity_action ADD VALUE 'user-erased' AFTER 'token-revoked';
