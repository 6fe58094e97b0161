-- Takes 0106_erase_what_accounts_have back.

CREATE OR REPLACE FUNCTION purge(
    p_at_most integer,
    p_mail_days integer,
    p_notice_days integer
)
RETURNS integer
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    -- For as long as failed sign-ins, sign-ups and requests for a new password are counted.
    v_counted constant timestamptz := now() - interval '15 minutes';
    v_deleted integer[];
    v_rows integer;
BEGIN
    IF least(p_at_most, p_mail_days, p_notice_days) < 1 THEN
        RAISE EXCEPTION 'p_at_most, p_mail_days and p_notice_days must be at least 1'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    v_deleted := ARRAY[purge_notices(p_notice_days, p_at_most)];
    -- Arrays, so that rows are found by their keys however many a table has.
    DELETE FROM mails
    WHERE id = ANY (
        ARRAY(
            SELECT mails.id
            FROM mails
            WHERE mails.id = ANY (
                    ARRAY(SELECT first.id FROM mails AS first ORDER BY first.id LIMIT p_at_most)
                )
                AND mails.created_at < now() - make_interval(days => p_mail_days)
            FOR UPDATE SKIP LOCKED
        )
    );
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_deleted := v_deleted || v_rows;
    DELETE FROM mail_links
    WHERE token_hash = ANY (
        ARRAY(
            SELECT token_hash
            FROM mail_links
            WHERE expires_at < now()
            ORDER BY expires_at
            LIMIT p_at_most
            FOR UPDATE SKIP LOCKED
        )
    );
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_deleted := v_deleted || v_rows;
    DELETE FROM sessions
    WHERE token_hash = ANY (
        ARRAY(
            SELECT token_hash
            FROM sessions
            WHERE expires_at < now()
            ORDER BY expires_at
            LIMIT p_at_most
            FOR UPDATE SKIP LOCKED
        )
    );
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_deleted := v_deleted || v_rows;
    DELETE FROM sign_in_failures
    WHERE id = ANY (
        ARRAY(
            SELECT id
            FROM sign_in_failures
            WHERE at < v_counted
            ORDER BY at
            LIMIT p_at_most
            FOR UPDATE SKIP LOCKED
        )
    );
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_deleted := v_deleted || v_rows;
    DELETE FROM sign_ups
    WHERE id = ANY (
        ARRAY(
            SELECT id
            FROM sign_ups
            WHERE at < v_counted
            ORDER BY at
            LIMIT p_at_most
            FOR UPDATE SKIP LOCKED
        )
    );
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_deleted := v_deleted || v_rows;
    DELETE FROM password_reset_requests
    WHERE id = ANY (
        ARRAY(
            SELECT id
            FROM password_reset_requests
            WHERE at < v_counted
            ORDER BY at
            LIMIT p_at_most
            FOR UPDATE SKIP LOCKED
        )
    );
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN (SELECT max(deleted) FROM unnest(v_deleted || v_rows) AS deleted);
END;
$$;
COMMENT ON FUNCTION purge IS
    'Deletes from each table at most p_at_most rows that are over: mails p_mail_days days and '
    'notices p_notice_days days after they were written, expired links and sessions, and failed '
    'sign-ins, sign-ups and requests for a new password that no longer count. Returns how many it '
    'has deleted from the table of which it deleted most: fewer than p_at_most means that nothing '
    'is left, or that another session is at it.';

CREATE OR REPLACE FUNCTION export_user(p_user_id bigint)
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
            FROM (SELECT created_at, expires_at FROM sessions WHERE user_id = users.id) AS found
        ),
        'calendar_since', (SELECT created_at FROM calendars WHERE user_id = users.id),
        'failed_sign_ins', (
            SELECT coalesce(jsonb_agg(found ORDER BY found.at), '[]')
            FROM (
                SELECT address AS network, at
                FROM sign_in_failures
                WHERE phone = users.phone
                    AND users.phone_lost_at IS NULL
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

CREATE OR REPLACE FUNCTION delete_data_of(p_user users)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_accounts constant text[] := ARRAY(
        SELECT p_user.phone WHERE p_user.phone_lost_at IS NULL
        UNION
        SELECT lower(p_user.email)
        UNION
        SELECT lower(address) FROM mails WHERE user_id = p_user.id
        UNION
        SELECT lower(address) FROM mail_links WHERE user_id = p_user.id
    );
BEGIN
    -- What webhooks are told of a notice holds the phone number.
    DELETE FROM webhook_deliveries
    USING webhook_endpoints, notices
    WHERE notices.user_id = p_user.id
        AND webhook_deliveries.endpoint_id = webhook_endpoints.id
        AND source = 'notice'
        AND source_id = notices.id;
    -- Mails first: a link that a process makes at this moment is then found as well.
    DELETE FROM mails WHERE user_id = p_user.id;
    DELETE FROM mail_links WHERE user_id = p_user.id;
    DELETE FROM notices WHERE user_id = p_user.id;
    DELETE FROM calendars WHERE user_id = p_user.id;
    DELETE FROM sessions WHERE user_id = p_user.id;
    DELETE FROM event_creations WHERE actor_id = p_user.id;
    DELETE FROM sign_in_failures WHERE phone = ANY (v_accounts);
    DELETE FROM password_reset_requests WHERE account = ANY (v_accounts);
    -- A finding about a user holds the name.
    DELETE FROM integrity_findings WHERE table_name = 'users' AND row_id = p_user.id;
END;
$$;
COMMENT ON FUNCTION delete_data_of IS
    'For erase_user: deletes the rows of all other tables that hold something of a person.';
