-- The status draft. A step of its own: PostgreSQL lets no transaction use the value that it adds.
-- depends: 0044_validate_three_decimals

ALTER TYPE event_status ADD VALUE 'draft' BEFORE 'active';
COMMENT ON TYPE event_status IS
    'draft: only admins see it. active: on sale until it starts. cancelled and completed are '
    'final: the event is read-only from then on.';
