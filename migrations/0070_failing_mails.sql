-- Admins see which mails could not be sent, and have them tried again.
-- depends: 0069_index_failing_mails

CREATE VIEW failing_mails AS
SELECT
    id AS mail_id,
    user_id,
    address,
    purpose,
    notice_id,
    created_at,
    attempts,
    next_attempt_at,
    given_up_at,
    last_error
FROM mails
WHERE last_error IS NOT NULL
    AND (
        next_attempt_at IS NOT NULL
        -- After seven attempts: see next_mail_attempt(). One that became pointless before that, for
        -- example because the address was changed, is no failure.
        OR (attempts >= 7 AND given_up_at > now() - interval '7 days')
    );

COMMENT ON VIEW failing_mails IS
    'Mails whose last attempt failed: those that are tried again, and those that were given up in '
    'the last seven days.';
COMMENT ON COLUMN failing_mails.next_attempt_at IS 'NULL: it is given up.';
COMMENT ON COLUMN failing_mails.given_up_at IS 'NULL: it is tried again.';

GRANT SELECT ON failing_mails TO ticketing_api;

CREATE FUNCTION retry_mail(
    p_mail_id bigint,
    p_actor_id bigint
)
RETURNS boolean
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
BEGIN
    PERFORM require_admin(p_actor_id);
    UPDATE mails
    SET next_attempt_at = clock_timestamp(),
        given_up_at = NULL
    FROM failing_mails
    WHERE mails.id = p_mail_id
        AND failing_mails.mail_id = mails.id;
    RETURN EXISTS (SELECT FROM mails WHERE id = p_mail_id);
END;
$$;
COMMENT ON FUNCTION retry_mail IS
    'Has a failing mail sent at once, and returns whether there is such a mail. One that was given '
    'up gets one more attempt. A mail that is sent stays as it is. A mail that is being sent at '
    'this moment may arrive twice, with the same Message-ID. Raises TK020 when the actor is not an '
    'admin.';

GRANT EXECUTE ON FUNCTION retry_mail TO ticketing_api;
