-- remember_device: what follows a sign-in, so that this browser need not wait while somebody
-- guesses the password of the account.

CREATE FUNCTION remember_device(
    p_user_id bigint,
    p_old_hash bytea,
    p_new_hash bytea,
    p_address inet
)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
BEGIN
    -- The token is a new one at each sign-in: a cookie that somebody else has put into this browser
    -- becomes worthless. Several people may use the browser, and it stays known to each of them.
    UPDATE known_devices SET token_hash = p_new_hash WHERE token_hash = p_old_hash;
    INSERT INTO known_devices (token_hash, user_id, network)
    VALUES (p_new_hash, p_user_id, client_network(p_address))
    ON CONFLICT (token_hash, user_id) DO UPDATE
    SET network = excluded.network,
        last_used_at = excluded.last_used_at;
    DELETE FROM known_devices
    WHERE (token_hash, user_id) IN (
        (
            SELECT token_hash, user_id
            FROM known_devices
            WHERE user_id = p_user_id
            ORDER BY last_used_at DESC
            OFFSET 20
        )
        UNION ALL
        (
            SELECT token_hash, user_id
            FROM known_devices
            WHERE last_used_at < now() - interval '180 days'
            ORDER BY last_used_at
            LIMIT 10
        )
    );
END;
$$;
COMMENT ON FUNCTION remember_device IS
    'Writes down that a browser has signed in to an account. p_old_hash: of the token that the '
    'browser had, which ends; NULL: it had none. Keeps the twenty newest browsers of the account, '
    'and removes some that were not used for 180 days.';
