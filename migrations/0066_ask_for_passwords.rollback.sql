-- Takes 0066_ask_for_passwords back.

DROP FUNCTION confirm_password;
DROP FUNCTION request_password_reset;

CREATE FUNCTION request_password_reset(
    p_phone text,
    p_address inet
)
RETURNS void
LANGUAGE sql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    -- It counts as a failed attempt to sign in, so that both have one limit.
    SELECT FROM begin_sign_in(p_phone, p_address);
    -- The answer is the same for a phone without an account, and takes as long.
    INSERT INTO mails (user_id, address, purpose)
    SELECT id, email, 'password-reset'
    FROM users
    WHERE phone = p_phone
        AND email_verified_at IS NOT NULL
        AND (
            SELECT count(*)
            FROM mails
            WHERE user_id = users.id
                AND purpose = 'password-reset'
                AND created_at > now() - interval '1 hour'
        ) < 3;
$$;
COMMENT ON FUNCTION request_password_reset IS
    'Has a link for a new password mailed to the account with this phone, if it has a verified '
    'address and got fewer than three such mails within an hour. It does not say whether it did. '
    'Raises TK019 (retry_after: seconds) after too many requests and failed sign-ins: see '
    'begin_sign_in().';

GRANT EXECUTE ON FUNCTION request_password_reset TO ticketing_api;

DROP TABLE password_reset_requests;
