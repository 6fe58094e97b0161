-- Whom the activity log names. A function with an actor as parameter calls act_as() before it
-- writes, and the triggers that write the log ask acting_user_id().

CREATE FUNCTION act_as(p_actor_id bigint)
RETURNS void
LANGUAGE sql
VOLATILE
BEGIN ATOMIC
    SELECT set_config('marquee.actor_id', coalesce(p_actor_id::text, ''), true);
END;
COMMENT ON FUNCTION act_as IS
    'Sets the user whom the log names for the next statements of this transaction. A function with '
    'an actor as parameter calls it before it writes, and calls it with NULL afterwards.';

CREATE FUNCTION acting_user_id()
RETURNS bigint
LANGUAGE sql
STABLE
RETURN nullif(current_setting('marquee.actor_id', true), '')::bigint;
COMMENT ON FUNCTION acting_user_id IS
    'The user whom act_as() has set, for the log. NULL: no user is known, as for a statement in '
    'psql.';

CREATE FUNCTION acting_login()
RETURNS jsonb
LANGUAGE sql
STABLE
RETURN CASE
    WHEN acting_user_id() IS NULL THEN jsonb_build_object('login', session_user)
    ELSE '{}'
END;
COMMENT ON FUNCTION acting_login IS
    'For the detail of a line in the log: the database login, when no user is known.';
