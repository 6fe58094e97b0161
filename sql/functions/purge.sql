-- purge: what is over is deleted, so that it does not stay for ever where nobody signs in any more.
-- API processes call it in a loop. app/privacy.md says what is kept, how long, and why.

CREATE FUNCTION purge_notices(
    p_days integer,
    p_at_most integer
)
RETURNS integer
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_old bigint[];
BEGIN
    -- Ids follow the times at which rows were written, so the oldest rows are found without an
    -- index of times. Rows after a younger one wait until that one is old as well.
    v_old := ARRAY(
        SELECT notices.id
        FROM notices
        WHERE notices.id = ANY (
                ARRAY(SELECT first.id FROM notices AS first ORDER BY first.id LIMIT p_at_most)
            )
            AND notices.at < now() - make_interval(days => p_days)
        ORDER BY notices.id
        FOR UPDATE SKIP LOCKED
    );
    -- What webhooks are told of a notice holds the phone number, and goes with it.
    DELETE FROM webhook_deliveries
    USING webhook_endpoints
    WHERE endpoint_id = webhook_endpoints.id
        AND source = 'notice'
        AND source_id = ANY (v_old);
    DELETE FROM notices WHERE id = ANY (v_old);
    RETURN cardinality(v_old);
END;
$$;
COMMENT ON FUNCTION purge_notices IS
    'For purge: deletes at most p_at_most notices that are older than p_days days, with their '
    'mails and what webhooks are told of them, and returns how many.';

CREATE FUNCTION purge(
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
    -- For as long as sign-ups and requests for a new password are counted, and failed sign-ins.
    v_counted constant timestamptz := now() - interval '15 minutes';
    v_failures_counted constant timestamptz := now() - interval '1 hour';
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
    DELETE FROM password_codes
    WHERE user_id = ANY (
        ARRAY(
            SELECT user_id
            FROM password_codes
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
    DELETE FROM known_devices
    WHERE (token_hash, user_id) IN (
        SELECT token_hash, user_id
        FROM known_devices
        WHERE last_used_at < now() - interval '180 days'
        ORDER BY last_used_at
        LIMIT p_at_most
        FOR UPDATE SKIP LOCKED
    );
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_deleted := v_deleted || v_rows;
    DELETE FROM sign_in_failures
    WHERE id = ANY (
        ARRAY(
            SELECT id
            FROM sign_in_failures
            WHERE at < v_failures_counted
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
    'notices p_notice_days days after they were written, expired links, codes for passwords and '
    'sessions, browsers that were not used for 180 days, and failed sign-ins, sign-ups and '
    'requests for a new password that no longer count. Returns how many it has deleted from the '
    'table of which it deleted most: fewer than p_at_most means that nothing is left, or that '
    'another session is at it.';
