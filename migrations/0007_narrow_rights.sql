-- PUBLIC may do nothing that is not granted by name, and the API writes users through functions only.
-- depends: 0006_bound_searches

-- Functions that run with the rights of their owner look for tables and functions in the schema
-- public. PostgreSQL 15 and later let nobody but the owner of a new database create objects
-- there. A database that pg_upgrade brought from an older version still lets everybody do so, and
-- an analyst could then place a function of their own where such a function finds it first.
--
-- PUBLIC keeps the right to create temporary tables: analysts need working copies, and every
-- function here that runs with other rights than the caller's looks into pg_temp last.

REVOKE CREATE ON SCHEMA public FROM PUBLIC;

DO $$
BEGIN
    IF has_schema_privilege('public', 'public', 'CREATE') THEN
        RAISE EXCEPTION 'everybody may create objects in the schema public, and % may not change that', current_user
            USING ERRCODE = 'insufficient_privilege',
                HINT = 'Have a superuser run in this database: REVOKE CREATE ON SCHEMA public FROM PUBLIC.';
    END IF;
END;
$$;

ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- Helpers about a text or a row. They run with the rights of the role that calls them: CHECKs,
-- generated columns and views need them, whoever writes or reads.
GRANT EXECUTE ON FUNCTION
    bookable(events),
    editable_fields(events),
    has_control_characters(text),
    has_trigram(text),
    is_blank(text),
    like_contains(text),
    mask_phone(text),
    mask_ticket_code(text),
    ticket_code_group(bigint),
    one_letter_shorter(text),
    parse_ticket_code(text),
    problem_name(text),
    raise_problem(text, jsonb),
    search_text(text),
    search_words(text),
    ticket_code_check_symbol(text),
    tickets_available(events),
    typed_words(text),
    write_ticket_code(text)
TO PUBLIC;

CREATE FUNCTION sign_up(
    p_name text,
    p_phone text,
    p_password_hash text
)
RETURNS TABLE (
    id bigint,
    name text,
    phone text,
    role user_role,
    created_at timestamptz
)
LANGUAGE sql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    INSERT INTO users (name, phone, password_hash)
    VALUES (p_name, p_phone, p_password_hash)
    RETURNING users.id, users.name, users.phone, users.role, users.created_at;
$$;

COMMENT ON FUNCTION sign_up(text, text, text) IS
    'Creates a customer who chose the password, and returns the new row. A phone that is taken '
    'violates users_phone_unique.';

REVOKE EXECUTE ON FUNCTION sign_up(text, text, text) FROM PUBLIC;

CREATE FUNCTION rehash_password(
    p_user_id bigint,
    p_old_hash text,
    p_new_hash text
)
RETURNS void
LANGUAGE sql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    UPDATE users
    SET password_hash = p_new_hash
    WHERE id = p_user_id
        AND password_hash = p_old_hash;
$$;

COMMENT ON FUNCTION rehash_password(bigint, text, text) IS
    'Replaces the hash of a password by a hash of the same password with newer parameters, unless '
    'the password was changed meanwhile.';

REVOKE EXECUTE ON FUNCTION rehash_password(bigint, text, text) FROM PUBLIC;

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
    PERFORM require_admin(p_actor_id);
    INSERT INTO users (name, phone, role, password_hash)
    VALUES (p_name, p_phone, p_role, p_password_hash)
    RETURNING id INTO v_user_id;
    INSERT INTO activity (actor_id, action, user_id, detail)
    VALUES (p_actor_id, 'user-created', v_user_id, jsonb_build_object('name', p_name, 'role', p_role));
    RETURN v_user_id;
END;
$$;

COMMENT ON FUNCTION create_user(text, text, user_role, text, bigint) IS
    'Creates a user of any role, for an admin. p_password_hash NULL: a customer who cannot sign in. '
    'A phone that is taken violates users_phone_unique. Raises TK020 when the actor is not an '
    'admin.';

REVOKE EXECUTE ON FUNCTION create_user(text, text, user_role, text, bigint) FROM PUBLIC;

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
    PERFORM require_admin(p_actor_id);
    SELECT users.* INTO v_was FROM users WHERE id = p_user_id FOR NO KEY UPDATE;
    IF v_was.id IS NULL THEN
        PERFORM raise_problem('TK008');
    END IF;
    UPDATE users
    SET name = p_name,
        password_hash = coalesce(p_password_hash, password_hash)
    WHERE id = p_user_id;
    -- Anyone who signed in with the old password is signed out.
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

COMMENT ON FUNCTION update_user(bigint, text, text, bigint) IS
    'Changes a user''s name and, unless p_password_hash is NULL, the password, which ends the user''s '
    'sessions. Raises TK008 when unknown, TK020 when the actor is not an admin.';

REVOKE EXECUTE ON FUNCTION update_user(bigint, text, text, bigint) FROM PUBLIC;

CREATE OR REPLACE FUNCTION make_admin(
    p_name text,
    p_phone text,
    p_password_hash text
)
RETURNS bigint
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
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
    -- Anyone who signed in with the old password is signed out.
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
SET lock_timeout = '2s'
AS $$
#variable_conflict use_column
DECLARE
    v_window constant interval := interval '15 minutes';
    v_attempt_id bigint;
    v_retry_at timestamptz;
BEGIN
    -- Attempts from one address are counted one at a time; the lock ends with this transaction.
    -- Locks of two integers are apart from those of one bigint, which idempotency keys take.
    PERFORM pg_advisory_xact_lock(19, hashtext(host(p_address)));
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

COMMENT ON FUNCTION begin_sign_in(text, inet) IS
    'Counts an attempt to sign in as failed until it succeeds, and returns the user with this phone, '
    'if there is one. Raises TK019 (retry_after: seconds) after ten failures for a phone from one '
    'address, or a hundred from one address, in 15 minutes.';

REVOKE EXECUTE ON FUNCTION begin_sign_in(text, inet) FROM PUBLIC;

-- users is written by functions only. SELECT ... FOR SHARE, which a sign-in needs so that a new
-- password cannot overtake it, takes the right to update some column. This one is generated: all
-- that can be written into it is what it holds.
GRANT UPDATE (search_text) ON users TO ticketing_api;

GRANT EXECUTE ON FUNCTION sign_up(text, text, text) TO ticketing_api;

GRANT EXECUTE ON FUNCTION rehash_password(bigint, text, text) TO ticketing_api;
