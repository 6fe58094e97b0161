-- The actions of the activity log about webhooks. A step of its own: PostgreSQL lets no transaction
-- use the values that it adds.
-- depends: 0059_event_messages

ALTER TYPE activity_action ADD VALUE 'webhook-created' AFTER 'event-message-sent';
ALTER TYPE activity_action ADD VALUE 'webhook-changed' AFTER 'webhook-created';
ALTER TYPE activity_action ADD VALUE 'webhook-deleted' AFTER 'webhook-changed';
ALTER TYPE activity_action ADD VALUE 'webhook-replayed' AFTER 'webhook-deleted';
