-- retry_mail: an admin has a mail tried again at once, once the reason for its failure is gone.

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
