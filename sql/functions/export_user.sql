-- export_user: everything that the database has about a person, for that person. app/privacy.md
-- says what is left out and why. Passwords, tokens and secrets are kept as hashes only, and hashes
-- say nothing to anybody.

CREATE FUNCTION export_bookings(p_user_id bigint)
RETURNS jsonb
LANGUAGE sql
STABLE
SET search_path = public, pg_temp
AS $$
    SELECT coalesce(
        jsonb_agg(
            jsonb_build_object(
                'id', bookings.id,
                'event_id', bookings.event_id,
                'event_title', events.title,
                'event_venue', events.venue,
                'event_date_time', events.date_time,
                'event_time_zone', events.time_zone,
                'quantity', bookings.quantity,
                'unit_price', bookings.unit_price::text,
                'total_amount', bookings.total_amount::text,
                'status', bookings.status,
                'booking_date', bookings.booking_date,
                'cancelled_at', bookings.cancelled_at,
                'booked_by', bookings.booked_by,
                'idempotency_key', bookings.idempotency_key,
                'tickets', (
                    SELECT coalesce(
                        jsonb_agg(
                            jsonb_build_object(
                                'ticket_code', ticket_code,
                                'status', tickets.status,
                                'used_at', used_at
                            )
                            ORDER BY tickets.id
                        ),
                        '[]'
                    )
                    FROM tickets
                    WHERE tickets.booking_id = bookings.id
                )
            )
            ORDER BY bookings.booking_date, bookings.id
        ),
        '[]'
    )
    FROM bookings
    JOIN events ON events.id = bookings.event_id
    WHERE bookings.user_id = p_user_id;
$$;
COMMENT ON FUNCTION export_bookings IS
    'For export_user: the bookings of a user with their tickets, oldest first.';

CREATE FUNCTION export_messages(p_user users)
RETURNS jsonb
LANGUAGE sql
STABLE
SET search_path = public, pg_temp
AS $$
    SELECT jsonb_build_object(
        'notices', (
            SELECT coalesce(jsonb_agg(found ORDER BY found.id), '[]')
            FROM (
                SELECT
                    id, kind, event_id, booking_id, at, read_at, notice_text(notices) AS text, detail
                FROM notices
                WHERE user_id = p_user.id
            ) AS found
        ),
        'mails', (
            SELECT coalesce(jsonb_agg(found ORDER BY found.id), '[]')
            FROM (
                SELECT
                    id, address, purpose, notice_id, created_at, sent_at, given_up_at, attempts,
                    last_error
                FROM mails
                WHERE user_id = p_user.id
            ) AS found
        ),
        'mail_links', (
            SELECT coalesce(jsonb_agg(found ORDER BY found.expires_at), '[]')
            FROM (
                SELECT purpose, address, expires_at FROM mail_links WHERE user_id = p_user.id
            ) AS found
        ),
        'webhook_messages', (
            SELECT coalesce(jsonb_agg(found ORDER BY found.created_at), '[]')
            FROM (
                SELECT
                    substring(url FROM '^https?://(?:[^/?#]*@)?([^/?#]*)') AS host,
                    webhook_deliveries.created_at,
                    webhook_deliveries.delivered_at,
                    webhook_deliveries.body
                FROM notices
                CROSS JOIN webhook_endpoints
                JOIN webhook_deliveries
                    ON webhook_deliveries.endpoint_id = webhook_endpoints.id
                    AND source = 'notice'
                    AND source_id = notices.id
                WHERE notices.user_id = p_user.id
            ) AS found
        )
    );
$$;
COMMENT ON FUNCTION export_messages IS
    'For export_user: what the user was told in the app, by mail and through webhooks.';

CREATE FUNCTION export_log(p_user_id bigint)
RETURNS jsonb
LANGUAGE sql
STABLE
SET search_path = public, pg_temp
AS $$
    WITH lines AS (
        SELECT * FROM activity WHERE user_id = p_user_id AND booking_id IS NULL
        UNION
        SELECT line.*
        FROM bookings
        -- OFFSET makes PostgreSQL look the lines of each booking up, instead of reading the log.
        CROSS JOIN LATERAL (
            SELECT * FROM activity WHERE activity.booking_id = bookings.id OFFSET 0
        ) AS line
        WHERE bookings.user_id = p_user_id
        UNION
        -- What an admin did at the door is found by event, and concerns the guests.
        SELECT * FROM activity WHERE actor_id = p_user_id AND action <> 'ticket-admitted'
    )
    SELECT coalesce(
        jsonb_agg(
            jsonb_build_object(
                'id', id,
                'at', at,
                'action', action,
                'by_you', actor_id IS NOT DISTINCT FROM p_user_id,
                'event_id', event_id,
                'booking_id', booking_id,
                'ticket_id', ticket_id,
                -- What an admin did to somebody else may say something about that person.
                'detail', CASE
                    WHEN coalesce(user_id, p_user_id) = p_user_id THEN detail
                    ELSE '{}'
                END
            )
            ORDER BY id
        ),
        '[]'
    )
    FROM lines;
$$;
COMMENT ON FUNCTION export_log IS
    'For export_user: the lines of the activity log about a user, about the user''s bookings, and '
    'about what the user did, except for checking in.';

CREATE FUNCTION export_user(p_user_id bigint)
RETURNS jsonb
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    SELECT jsonb_build_object(
        'account', jsonb_build_object(
            'id', id,
            'name', name,
            'phone', phone,
            'phone_verified_at', phone_verified_at,
            'phone_lost_at', phone_lost_at,
            'email', email,
            'email_verified_at', email_verified_at,
            'optional_mail', optional_mail,
            'role', role,
            'has_password', password_hash IS NOT NULL,
            'created_at', created_at,
            'disabled_at', disabled_at
        ),
        'bookings', export_bookings(id),
        'booked_for_others', (
            SELECT coalesce(jsonb_agg(found ORDER BY found.id), '[]')
            FROM (
                SELECT id, event_id, booking_date
                FROM bookings
                WHERE booked_by = users.id
                    AND booked_by <> user_id
            ) AS found
        ),
        'sessions', (
            SELECT coalesce(jsonb_agg(found ORDER BY found.created_at), '[]')
            FROM (
                SELECT created_at, last_seen_at, expires_at, network, browser
                FROM sessions
                WHERE user_id = users.id
            ) AS found
        ),
        'known_devices', (
            SELECT coalesce(jsonb_agg(found ORDER BY found.last_used_at), '[]')
            FROM (
                SELECT network, last_used_at FROM known_devices WHERE user_id = users.id
            ) AS found
        ),
        'api_tokens', (
            SELECT coalesce(jsonb_agg(found ORDER BY found.id), '[]')
            FROM (
                SELECT id, name, scopes, event_id, created_at, expires_at, revoked_at, last_used_on
                FROM api_tokens
                WHERE user_id = users.id
            ) AS found
        ),
        'phone_code_requests', (
            SELECT coalesce(jsonb_agg(found ORDER BY found.at), '[]')
            FROM (
                SELECT phone, network, at
                FROM phone_code_requests
                WHERE user_id = users.id
            ) AS found
        ),
        'calendar_since', (SELECT created_at FROM calendars WHERE user_id = users.id),
        'failed_sign_ins', (
            SELECT coalesce(jsonb_agg(found ORDER BY found.at), '[]')
            FROM (
                SELECT address AS network, at
                FROM sign_in_failures
                WHERE (phone = users.phone AND users.phone_lost_at IS NULL)
                    OR (email = lower(users.email) AND users.email_verified_at IS NOT NULL)
            ) AS found
        ),
        'password_reset_requests', (
            SELECT coalesce(jsonb_agg(found ORDER BY found.at), '[]')
            FROM (
                SELECT account, network, at
                FROM password_reset_requests
                WHERE (account = users.phone AND users.phone_lost_at IS NULL)
                    OR (account = lower(users.email) AND users.email_verified_at IS NOT NULL)
            ) AS found
        ),
        'messages_sent', (
            SELECT coalesce(jsonb_agg(found ORDER BY found.id), '[]')
            FROM (
                SELECT id, event_id, at, text, people
                FROM event_messages
                WHERE actor_id = users.id
            ) AS found
        ),
        'event_requests', (
            SELECT coalesce(jsonb_agg(found ORDER BY found.event_id), '[]')
            FROM (
                SELECT event_id, idempotency_key FROM event_creations WHERE actor_id = users.id
            ) AS found
        ),
        'log', export_log(id)
    ) || export_messages(users)
    FROM users
    WHERE id = p_user_id;
$$;
COMMENT ON FUNCTION export_user IS
    'Everything that the database has about a user, as one object. NULL: there is no such user. '
    'Only for that user: it holds ticket codes.';
