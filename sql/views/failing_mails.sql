-- failing_mails: mails that the mail server did not take, as long as somebody should know of them.

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
