-- Takes 0007_narrow_rights back. Nobody gets back the right to create objects in the schema public.

REVOKE UPDATE (search_text) ON users FROM ticketing_api;

CREATE OR REPLACE FUNCTION begin_sign_in(
    p_phone text,
    p_address inet
)
RETURNS TABLE (
    attempt_id bigint,
    user_id bigint,
    password_hash text
)
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_window constant interval := interval '15 minutes';
    v_attempt_id bigint;
    v_retry_at timestamptz;
BEGIN
    -- One attempt of an address at a time is counted; the lock ends with this transaction.
    PERFORM pg_advisory_xact_lock(hashtextextended(host(p_address), 19));
    DELETE FROM sign_in_failures
    WHERE id IN (
        SELECT id
        FROM sign_in_failures
        WHERE at < now() - v_window
        ORDER BY at
        LIMIT 100
        FOR UPDATE SKIP LOCKED
    );

    -- The failure that must grow old before another attempt is allowed: the tenth last for the
    -- phone, the hundredth last of all.
    SELECT max(limiting.at) + v_window
    INTO v_retry_at
    FROM (
        (
            SELECT at FROM sign_in_failures
            WHERE address = p_address AND phone = p_phone
            ORDER BY at DESC OFFSET 9 LIMIT 1
        )
        UNION ALL
        (
            SELECT at FROM sign_in_failures
            WHERE address = p_address
            ORDER BY at DESC OFFSET 99 LIMIT 1
        )
    ) AS limiting;
    IF v_retry_at > now() THEN
        PERFORM raise_problem(
            'TK019', jsonb_build_object('retry_after', ceil(extract(epoch FROM v_retry_at - now()))::integer)
        );
    END IF;

    INSERT INTO sign_in_failures (phone, address)
    VALUES (p_phone, p_address)
    RETURNING id INTO v_attempt_id;
    RETURN QUERY
    SELECT v_attempt_id, users.id, users.password_hash
    FROM (VALUES (p_phone)) AS tried (phone)
    LEFT JOIN users ON users.phone = tried.phone;
END;
$$;

COMMENT ON FUNCTION begin_sign_in(text, inet) IS 'Counts an attempt to sign in as failed until it succeeds, and returns the user with this phone, if there is one. Raises TK019 (retry_after: seconds) after ten failures for a phone from one address, or a hundred from one address, in 15 minutes.';

REVOKE EXECUTE ON FUNCTION begin_sign_in(text, inet) FROM PUBLIC;

CREATE OR REPLACE FUNCTION make_admin(
    p_name text,
    p_phone text,
    p_password_hash text
)
RETURNS bigint
LANGUAGE plpgsql
VOLATILE
AS $$
DECLARE
    v_user_id bigint;
    v_is_new boolean;
BEGIN
    INSERT INTO users (name, phone, role, password_hash)
    VALUES (p_name, p_phone, 'admin', p_password_hash)
    ON CONFLICT (phone) DO UPDATE
    SET name = excluded.name,
        role = 'admin',
        password_hash = excluded.password_hash
    -- A row that was there before has the lock of its update in xmax.
    RETURNING id, xmax = 0 INTO v_user_id, v_is_new;
    -- Whoever held the old password is signed out.
    DELETE FROM sessions WHERE user_id = v_user_id;
    IF v_is_new THEN
        INSERT INTO activity (action, user_id, detail)
        VALUES ('user-created', v_user_id, jsonb_build_object('name', p_name, 'role', 'admin'));
    ELSE
        INSERT INTO activity (action, user_id, detail)
        VALUES ('user-changed', v_user_id, jsonb_build_object('became', jsonb_build_object('name', p_name, 'role', 'admin'), 'new_password', true));
    END IF;
    RETURN v_user_id;
END;
$$;

COMMENT ON FUNCTION make_admin(text, text, text) IS 'Creates an admin, or makes the user with this phone one, with a new name and password. For the owner of the database (make admin): the API may not call it.';

REVOKE EXECUTE ON FUNCTION make_admin(text, text, text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION update_user(
    p_user_id bigint,
    p_name text,
    p_password_hash text,
    p_actor_id bigint
)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    v_was users;
BEGIN
    SELECT users.* INTO v_was FROM users WHERE id = p_user_id FOR NO KEY UPDATE;
    IF v_was.id IS NULL THEN
        PERFORM raise_problem('TK008');
    END IF;
    UPDATE users
    SET name = p_name,
        password_hash = coalesce(p_password_hash, password_hash)
    WHERE id = p_user_id;
    -- Whoever held the old password is signed out.
    IF p_password_hash IS NOT NULL THEN
        DELETE FROM sessions WHERE user_id = p_user_id;
    END IF;
    INSERT INTO activity (actor_id, action, user_id, detail)
    VALUES (
        p_actor_id,
        'user-changed',
        p_user_id,
        jsonb_build_object(
            'was', jsonb_build_object('name', v_was.name),
            'became', jsonb_build_object('name', p_name),
            'new_password', p_password_hash IS NOT NULL
        )
    );
END;
$$;

COMMENT ON FUNCTION update_user(bigint, text, text, bigint) IS 'Changes a user''s name and, unless p_password_hash is NULL, the password, which ends the user''s sessions. Raises TK008 when unknown.';

REVOKE EXECUTE ON FUNCTION update_user(bigint, text, text, bigint) FROM PUBLIC;

CREATE OR REPLACE FUNCTION create_user(
    p_name text,
    p_phone text,
    p_role user_role,
    p_password_hash text,
    p_actor_id bigint
)
RETURNS bigint
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    v_user_id bigint;
BEGIN
    INSERT INTO users (name, phone, role, password_hash)
    VALUES (p_name, p_phone, p_role, p_password_hash)
    RETURNING id INTO v_user_id;
    INSERT INTO activity (actor_id, action, user_id, detail)
    VALUES (p_actor_id, 'user-created', v_user_id, jsonb_build_object('name', p_name, 'role', p_role));
    RETURN v_user_id;
END;
$$;

COMMENT ON FUNCTION create_user(text, text, user_role, text, bigint) IS 'Creates a user of any role, for an admin. p_password_hash NULL: a customer who cannot sign in. A phone that is taken violates users_phone_unique.';

REVOKE EXECUTE ON FUNCTION create_user(text, text, user_role, text, bigint) FROM PUBLIC;

DROP FUNCTION rehash_password(bigint, text, text);

DROP FUNCTION sign_up(text, text, text);

ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC;
