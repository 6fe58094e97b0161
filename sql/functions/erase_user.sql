-- erase_user: a person is forgotten. The row of the user stays, because bookings, tickets and the
-- log refer to it, but nothing in the database says any more who it was. app/privacy.md lists what
-- goes and what stays. A new table that holds something of a person is added here and to
-- export_user(); tests/schema/test_personal_data.py fails until both have decided about it.

CREATE FUNCTION require_other_admin(p_user_id bigint)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    -- All admins are locked, in order, so that two admins who leave at once do not count each other.
    PERFORM FROM users WHERE role = 'admin' ORDER BY id FOR NO KEY UPDATE;
    IF NOT EXISTS (
        SELECT
        FROM users
        WHERE role = 'admin'
            AND id <> p_user_id
            AND password_hash IS NOT NULL
            AND phone_lost_at IS NULL
            AND disabled_at IS NULL
    ) THEN
        PERFORM raise_problem('TK030');
    END IF;
END;
$$;
COMMENT ON FUNCTION require_other_admin IS
    'Raises TK030 unless an admin other than this user can sign in. Admins cannot leave until the '
    'end of this transaction.';

CREATE FUNCTION without_names(p_detail jsonb)
RETURNS jsonb
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN p_detail #- '{name}' #- '{was,name}' #- '{became,name}';
COMMENT ON FUNCTION without_names IS
    'The detail of a line of the activity log without the name of a user. Earlier releases wrote '
    'names into it.';

CREATE FUNCTION redact_log_of(p_user_id bigint)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_repairing constant boolean := repair_begun();
BEGIN
    IF NOT EXISTS (
        SELECT
        FROM activity
        WHERE user_id = p_user_id
            AND booking_id IS NULL
            AND detail <> without_names(detail)
    ) THEN
        RETURN;
    END IF;
    -- Nobody rewrites the log, except in a repair, which leaves a row of its own.
    IF NOT v_repairing THEN
        PERFORM begin_repair(format('erase_user(%s): names in the activity log', p_user_id));
    END IF;
    UPDATE activity
    SET detail = without_names(detail)
    WHERE user_id = p_user_id
        AND booking_id IS NULL
        AND detail <> without_names(detail);
    IF NOT v_repairing THEN
        PERFORM end_repair();
    END IF;
END;
$$;
COMMENT ON FUNCTION redact_log_of IS
    'For erase_user: takes the names that earlier releases wrote about a user out of the activity '
    'log, in a repair. Lines of this release hold none.';

CREATE FUNCTION delete_data_of(p_user users)
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
    DELETE FROM known_devices WHERE user_id = p_user.id;
    DELETE FROM password_codes WHERE user_id = p_user.id;
    DELETE FROM recovery_codes WHERE user_id = p_user.id;
    DELETE FROM second_factors WHERE user_id = p_user.id;
    DELETE FROM phone_codes WHERE user_id = p_user.id OR phone = ANY (v_accounts);
    DELETE FROM phone_code_requests WHERE user_id = p_user.id OR phone = ANY (v_accounts);
    -- Their names may be those of people. Sessions of door passes go with them.
    DELETE FROM api_tokens WHERE user_id = p_user.id;
    DELETE FROM sign_in_failures WHERE coalesce(phone, email) = ANY (v_accounts);
    DELETE FROM password_reset_requests WHERE account = ANY (v_accounts);
    -- A finding about a user holds the name.
    DELETE FROM integrity_findings WHERE table_name = 'users' AND row_id = p_user.id;
END;
$$;
COMMENT ON FUNCTION delete_data_of IS
    'For erase_user: deletes the rows of all other tables that hold something of a person.';

CREATE FUNCTION erase_user(
    p_user_id bigint,
    p_actor_id bigint
)
RETURNS users
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_user users;
    v_upcoming integer;
BEGIN
    IF p_actor_id IS NOT NULL AND NOT may_act_for(p_user_id, p_actor_id) THEN
        PERFORM raise_problem('TK020');
    END IF;
    IF EXISTS (SELECT FROM users WHERE id = p_user_id AND role = 'admin') THEN
        PERFORM require_other_admin(p_user_id);
    END IF;
    -- A process that takes a mail locks it before its user, and purge() locks notices before mails.
    PERFORM FROM notices WHERE user_id = p_user_id ORDER BY id FOR UPDATE;
    PERFORM FROM mails WHERE user_id = p_user_id ORDER BY id FOR UPDATE;
    -- FOR UPDATE conflicts with the lock that the foreign keys to users take: a booking or a notice
    -- that is being written is waited for and then found, and a later one waits and then finds that
    -- the user is erased.
    SELECT users.* INTO v_user FROM users WHERE id = p_user_id FOR UPDATE;
    IF v_user.id IS NULL THEN
        PERFORM raise_problem('TK008');
    ELSIF v_user.erased_at IS NOT NULL THEN
        PERFORM wait_for_standby_at_commit();
        RETURN v_user;
    END IF;
    SELECT count(*)
    INTO v_upcoming
    FROM bookings
    JOIN events ON events.id = bookings.event_id
    WHERE bookings.user_id = p_user_id
        AND bookings.status = 'confirmed'
        AND events.bookable;
    IF v_upcoming > 0 THEN
        PERFORM raise_problem('TK051', jsonb_build_object('bookings', v_upcoming));
    END IF;

    PERFORM delete_data_of(v_user);
    PERFORM redact_log_of(p_user_id);
    UPDATE users
    SET name = 'Erased',
        phone = NULL,
        phone_verified_at = NULL,
        phone_lost_at = NULL,
        email = NULL,
        email_verified_at = NULL,
        optional_mail = true,
        password_hash = NULL,
        role = 'customer',
        disabled_at = NULL,
        erased_at = clock_timestamp()
    WHERE id = p_user_id
    RETURNING * INTO v_user;
    PERFORM act_as(p_actor_id);
    INSERT INTO activity (actor_id, action, user_id, detail)
    VALUES (p_actor_id, 'user-erased', p_user_id, acting_login());
    PERFORM act_as(NULL);
    RETURN v_user;
END;
$$;
COMMENT ON FUNCTION erase_user IS
    'Erases the personal data of a user, and returns the row, which stays as "Erased". Bookings, '
    'tickets and the log stay without the person. A user who is erased already stays so. Raises '
    'TK008 when the user is unknown, TK020 when the actor is neither the user nor an admin, TK051 '
    '(bookings: how many) while the user has bookings to come, TK030 for the last admin.';
