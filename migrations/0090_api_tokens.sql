-- API tokens for programs, and door passes that open the door page on a phone.
-- depends: 0089_add_token_actions

CREATE TYPE token_scope AS ENUM (
    'door',
    'box-office',
    'events',
    'reports',
    'webhooks'
);
COMMENT ON TYPE token_scope IS
    'What an API token may do, beside what anybody may. door: check tickets in. box-office: book '
    'and cancel for customers. events: create and edit events, write to their guests. reports: '
    'read figures, bookings and history. webhooks: manage webhooks.';

CREATE TABLE api_tokens (
    id           bigint        GENERATED ALWAYS AS IDENTITY,
    token_hash   bytea         NOT NULL,
    name         text          NOT NULL,
    user_id      bigint        NOT NULL,
    scopes       token_scope[] NOT NULL,
    event_id     bigint,                               -- NULL: all events
    is_pass      boolean       NOT NULL DEFAULT false,
    created_at   timestamptz   NOT NULL DEFAULT now(),
    expires_at   timestamptz   NOT NULL,
    revoked_at   timestamptz,                          -- NULL: not revoked
    last_used_on date,                                 -- NULL: never used
    CONSTRAINT api_tokens_pkey PRIMARY KEY (id),
    CONSTRAINT api_tokens_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT api_tokens_event_id_fkey
        FOREIGN KEY (event_id) REFERENCES events (id) ON DELETE CASCADE,
    CONSTRAINT api_tokens_token_hash_unique UNIQUE (token_hash),
    CONSTRAINT api_tokens_token_hash_is_sha256 CHECK (octet_length(token_hash) = 32),
    CONSTRAINT api_tokens_name_not_blank CHECK (NOT is_blank(name)),
    CONSTRAINT api_tokens_name_within_200 CHECK (char_length(name) <= 200),
    CONSTRAINT api_tokens_name_one_line CHECK (NOT has_control_characters(name)),
    CONSTRAINT api_tokens_has_a_scope CHECK (
        cardinality(scopes) >= 1 AND array_position(scopes, NULL) IS NULL
    ),
    -- 366 days, in hours: how long a day is depends on the time zone of the session.
    CONSTRAINT api_tokens_expire_within_a_year CHECK (
        expires_at > created_at AND expires_at <= created_at + interval '8784 hours'
    ),
    CONSTRAINT api_tokens_pass_opens_one_door CHECK (
        NOT is_pass OR (scopes = '{door}' AND event_id IS NOT NULL)
    ),
    CONSTRAINT api_tokens_webhooks_of_all_events CHECK (
        event_id IS NULL OR NOT scopes @> '{webhooks}'
    )
);

-- list_event_tokens.sql
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX api_tokens_by_event ON api_tokens (event_id, id) WHERE event_id IS NOT NULL;

COMMENT ON TABLE api_tokens IS
    'API tokens of programs, and door passes. Each acts for the admin who made it; deleting the '
    'user deletes them.';
COMMENT ON COLUMN api_tokens.token_hash IS
    'SHA-256 of the secret; the secret itself is not stored.';
COMMENT ON COLUMN api_tokens.name IS 'What the admin calls it.';
COMMENT ON COLUMN api_tokens.user_id IS
    'The admin for whom it acts. It is valid as long as this user is an admin.';
COMMENT ON COLUMN api_tokens.scopes IS 'What it may do, beside what anybody may.';
COMMENT ON COLUMN api_tokens.event_id IS 'The only event it is for. NULL: all events.';
COMMENT ON COLUMN api_tokens.is_pass IS
    'Whether it is a door pass: its secret only begins sessions (pass_sessions), and is no API '
    'token.';
COMMENT ON COLUMN api_tokens.expires_at IS
    'When it ends. A door pass ends earlier if its event does: see token_expires_at().';
COMMENT ON COLUMN api_tokens.revoked_at IS 'When an admin revoked it. NULL: not revoked.';
COMMENT ON COLUMN api_tokens.last_used_on IS
    'The last day (UTC) on which it was used; written once a day. NULL: never.';
COMMENT ON CONSTRAINT api_tokens_token_hash_unique ON api_tokens IS
    'For find_token: whose token a secret is.';
COMMENT ON INDEX api_tokens_by_event IS
    'For list_event_tokens. Partial: other tokens are for all events.';

CREATE TABLE pass_sessions (
    token_hash bytea       NOT NULL,
    pass_id    bigint      NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pass_sessions_pkey PRIMARY KEY (token_hash),
    CONSTRAINT pass_sessions_pass_id_fkey
        FOREIGN KEY (pass_id) REFERENCES api_tokens (id) ON DELETE CASCADE,
    CONSTRAINT pass_sessions_token_hash_is_sha256 CHECK (octet_length(token_hash) = 32)
);

-- begin_pass_session() and revoke_api_token(): the sessions of a pass, the oldest first.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX pass_sessions_by_pass ON pass_sessions (pass_id, created_at);

COMMENT ON TABLE pass_sessions IS
    'Phones that a door pass has opened. A session is valid as long as its pass.';
COMMENT ON COLUMN pass_sessions.token_hash IS
    'SHA-256 of the token in the browser''s cookie; the token itself is not stored.';
COMMENT ON COLUMN pass_sessions.pass_id IS 'The door pass; a row of api_tokens.';
COMMENT ON INDEX pass_sessions_by_pass IS 'For begin_pass_session and revoke_api_token.';

COMMENT ON TABLE activity IS
    'Append-only log: events created, edited, cancelled, completed; bookings cancelled; tickets '
    'admitted; users created or changed by an admin; messages sent to guests; webhooks created, '
    'changed, deleted, and facts that were sent to them again; API tokens and door passes created '
    'and revoked. A sale is its booking row. One partition a month; to delete an old month, drop '
    'its partition.';

CREATE OR REPLACE FUNCTION webhook_types()
RETURNS text[]
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN ARRAY[
    'booking.confirmed', 'booking.cancelled', 'ticket.admitted', 'event.created', 'event.changed',
    'event.cancelled', 'event.completed', 'event.message-sent', 'user.created', 'user.changed',
    'webhook.created', 'webhook.changed', 'webhook.deleted', 'webhook.replayed', 'token.created',
    'token.revoked', 'customer.notice'
];
COMMENT ON FUNCTION webhook_types IS 'The types of messages that a webhook endpoint can ask for.';

CREATE OR REPLACE VIEW facts AS
SELECT
    'booking' AS source,
    id,
    written_in,
    booking_date AS at,
    'booking.confirmed' AS type,
    event_id,
    id AS booking_id,
    user_id,
    jsonb_build_object(
        'booking_id', id,
        'event_id', event_id,
        'user_id', user_id,
        'booked_by', booked_by,
        'quantity', quantity,
        'unit_price', unit_price::text,
        'total_amount', total_amount::text
    ) AS data
FROM bookings
UNION ALL
SELECT
    'activity',
    id,
    written_in,
    at,
    CASE action
        WHEN 'event-created' THEN 'event.created'
        WHEN 'event-edited' THEN 'event.changed'
        WHEN 'event-cancelled' THEN 'event.cancelled'
        WHEN 'event-completed' THEN 'event.completed'
        WHEN 'booking-cancelled' THEN 'booking.cancelled'
        WHEN 'ticket-admitted' THEN 'ticket.admitted'
        WHEN 'user-created' THEN 'user.created'
        WHEN 'user-changed' THEN 'user.changed'
        WHEN 'event-message-sent' THEN 'event.message-sent'
        WHEN 'webhook-created' THEN 'webhook.created'
        WHEN 'webhook-changed' THEN 'webhook.changed'
        WHEN 'webhook-deleted' THEN 'webhook.deleted'
        WHEN 'webhook-replayed' THEN 'webhook.replayed'
        WHEN 'token-created' THEN 'token.created'
        WHEN 'token-revoked' THEN 'token.revoked'
    END,
    event_id,
    booking_id,
    user_id,
    jsonb_strip_nulls(
        jsonb_build_object(
            'actor_id', actor_id,
            'event_id', event_id,
            'booking_id', booking_id,
            'ticket_id', ticket_id,
            'user_id', user_id,
            'quantity', detail -> 'quantity',
            'total_amount', detail -> 'total_amount',
            'bookings_cancelled', detail -> 'bookings_cancelled',
            'tickets_cancelled', detail -> 'tickets_cancelled',
            'message_id', detail -> 'message_id',
            'people', detail -> 'people',
            'webhook_id', detail -> 'webhook_id',
            'token_id', detail -> 'token_id'
        )
    ) || CASE
        WHEN event_id IS NULL OR detail -> 'was' IS NULL THEN '{}'
        ELSE jsonb_build_object(
            'was', public_changes(detail -> 'was'),
            'became', public_changes(detail -> 'became')
        )
    END
FROM activity;

CREATE FUNCTION door_closes_at(p_event events)
RETURNS timestamptz
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN p_event.date_time + interval '12 hours';
COMMENT ON FUNCTION door_closes_at IS
    'When the door passes of an event end: 12 hours after its start, which may be moved.';

CREATE FUNCTION token_expires_at(
    p_token api_tokens,
    p_event events
)
RETURNS timestamptz
LANGUAGE sql
STABLE
PARALLEL SAFE
-- least() leaves out what is NULL.
RETURN least(
    p_token.expires_at,
    CASE WHEN p_token.is_pass THEN door_closes_at(p_event) END
);
COMMENT ON FUNCTION token_expires_at IS
    'When a token ends, given its event. A door pass ends with the door of its event at the '
    'latest.';

CREATE FUNCTION token_usable(
    p_token api_tokens,
    p_user users,
    p_event events
)
RETURNS boolean
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN p_token.revoked_at IS NULL
    AND p_user.role = 'admin'
    AND p_user.disabled_at IS NULL
    AND p_user.erased_at IS NULL
    AND token_expires_at(p_token, p_event) > now();
COMMENT ON FUNCTION token_usable IS
    'Whether a token may be used now, given its user and its event: it is not revoked, it has not '
    'ended, and its user is an admin who may sign in.';

CREATE FUNCTION log_token(
    p_action activity_action,
    p_token api_tokens,
    p_actor_id bigint
)
RETURNS void
LANGUAGE sql
VOLATILE
SET search_path = public, pg_temp
AS $$
    INSERT INTO activity (actor_id, action, event_id, user_id, detail)
    VALUES (
        p_actor_id,
        p_action,
        p_token.event_id,
        p_token.user_id,
        jsonb_build_object(
            'token_id', p_token.id,
            'scopes', p_token.scopes,
            'is_pass', p_token.is_pass
        )
            || CASE
                WHEN p_actor_id IS NULL THEN jsonb_build_object('login', session_user)
                ELSE '{}'
            END
    );
$$;
COMMENT ON FUNCTION log_token IS
    'Writes a line about a token into the activity log, without its name, which may be a person''s.';

CREATE FUNCTION create_api_token(
    p_token_hash bytea,
    p_name text,
    p_scopes token_scope[],
    p_event_id bigint,
    p_expires_at timestamptz,
    p_actor_id bigint
)
RETURNS api_tokens
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_token api_tokens;
BEGIN
    PERFORM require_admin(p_actor_id);
    INSERT INTO api_tokens (token_hash, name, user_id, scopes, event_id, expires_at)
    VALUES (p_token_hash, p_name, p_actor_id, p_scopes, p_event_id, p_expires_at)
    RETURNING * INTO v_token;
    PERFORM log_token('token-created', v_token, p_actor_id);
    RETURN v_token;
END;
$$;
COMMENT ON FUNCTION create_api_token IS
    'Creates a token that acts for the actor, and returns its row. An unknown event violates '
    'api_tokens_event_id_fkey, and another time than within 366 days '
    'api_tokens_expire_within_a_year. Raises TK020 when the actor is not an admin.';

CREATE FUNCTION create_door_pass(
    p_token_hash bytea,
    p_event_id bigint,
    p_name text,
    p_actor_id bigint
)
RETURNS api_tokens
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_event events;
    v_token api_tokens;
BEGIN
    PERFORM require_admin(p_actor_id);
    SELECT events.* INTO v_event FROM events WHERE id = p_event_id;
    IF v_event.id IS NULL THEN
        PERFORM raise_problem('TK002');
    ELSIF door_closes_at(v_event) <= now() THEN
        RETURN NULL;
    END IF;
    INSERT INTO api_tokens (token_hash, name, user_id, scopes, event_id, is_pass, expires_at)
    VALUES (
        p_token_hash,
        p_name,
        p_actor_id,
        '{door}',
        p_event_id,
        true,
        now() + interval '8784 hours'
    )
    RETURNING * INTO v_token;
    PERFORM log_token('token-created', v_token, p_actor_id);
    RETURN v_token;
END;
$$;
COMMENT ON FUNCTION create_door_pass IS
    'Creates a door pass for an event, and returns its row; NULL when the door of the event has '
    'closed. Raises TK002 when the event is unknown, TK020 when the actor is not an admin.';

CREATE FUNCTION revoke_api_token(
    p_token_id bigint,
    p_actor_id bigint
)
RETURNS api_tokens
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_token api_tokens;
BEGIN
    PERFORM require_admin(p_actor_id);
    SELECT api_tokens.* INTO v_token FROM api_tokens WHERE id = p_token_id FOR NO KEY UPDATE;
    IF v_token.id IS NULL OR v_token.revoked_at IS NOT NULL THEN
        -- A token that is revoked already must stay revoked, too.
        PERFORM wait_for_standby_at_commit();
        RETURN v_token;
    END IF;
    UPDATE api_tokens
    SET revoked_at = clock_timestamp()
    WHERE id = p_token_id
    RETURNING * INTO v_token;
    DELETE FROM pass_sessions WHERE pass_id = p_token_id;
    PERFORM log_token('token-revoked', v_token, p_actor_id);
    RETURN v_token;
END;
$$;
COMMENT ON FUNCTION revoke_api_token IS
    'Ends a token or a door pass with its sessions, and returns its row; NULL when it is unknown. '
    'Revoking it again changes nothing. Raises TK020 when the actor is not an admin.';

CREATE FUNCTION note_token_use(p_token_id bigint)
RETURNS void
LANGUAGE sql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    UPDATE api_tokens
    SET last_used_on = timezone('UTC', now())::date
    WHERE id = (
        SELECT id
        FROM api_tokens
        WHERE id = p_token_id
            AND last_used_on IS DISTINCT FROM timezone('UTC', now())::date
        -- Of requests at the same time one writes, and the others do not wait for it.
        FOR NO KEY UPDATE SKIP LOCKED
    );
$$;
COMMENT ON FUNCTION note_token_use IS
    'Writes down that a token was used today (UTC), unless that is known.';

CREATE FUNCTION begin_pass_session(
    p_pass_hash bytea,
    p_token_hash bytea
)
RETURNS bigint
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_pass_id bigint;
BEGIN
    SELECT api_tokens.id
    INTO v_pass_id
    FROM api_tokens
    JOIN users ON users.id = api_tokens.user_id
    JOIN events ON events.id = api_tokens.event_id
    WHERE api_tokens.token_hash = p_pass_hash
        AND is_pass
        AND token_usable(api_tokens, users, events)
    FOR NO KEY UPDATE OF api_tokens;
    IF v_pass_id IS NULL THEN
        RETURN NULL;
    END IF;
    -- Anyone who has the secret can begin sessions, so their number must have an end.
    DELETE FROM pass_sessions
    WHERE token_hash IN (
        SELECT token_hash
        FROM pass_sessions
        WHERE pass_id = v_pass_id
        ORDER BY created_at DESC
        OFFSET 99
    );
    INSERT INTO pass_sessions (token_hash, pass_id) VALUES (p_token_hash, v_pass_id);
    RETURN v_pass_id;
END;
$$;
COMMENT ON FUNCTION begin_pass_session IS
    'Begins the session of a phone with a door pass, and returns the id of the pass; NULL when no '
    'usable pass has this hash. A pass has a hundred sessions at most: the oldest end.';

CREATE FUNCTION end_pass_session(p_token_hash bytea)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
BEGIN
    DELETE FROM pass_sessions WHERE token_hash = p_token_hash;
    IF NOT FOUND THEN
        -- A session that is gone already must stay gone, too.
        PERFORM wait_for_standby_at_commit();
    END IF;
END;
$$;
COMMENT ON FUNCTION end_pass_session IS 'Ends the session of a phone, if there is one.';

GRANT EXECUTE ON FUNCTION door_closes_at, token_expires_at, token_usable TO PUBLIC;
GRANT SELECT ON api_tokens, pass_sessions TO ticketing_api;
GRANT EXECUTE ON FUNCTION create_api_token TO ticketing_api;
GRANT EXECUTE ON FUNCTION create_door_pass TO ticketing_api;
GRANT EXECUTE ON FUNCTION revoke_api_token TO ticketing_api;
GRANT EXECUTE ON FUNCTION note_token_use TO ticketing_api;
GRANT EXECUTE ON FUNCTION begin_pass_session TO ticketing_api;
GRANT EXECUTE ON FUNCTION end_pass_session TO ticketing_api;
