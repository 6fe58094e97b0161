-- How mails are taken and finished. No transaction is open while a mail server is talked to: a
-- claim is a time until which no other process tries. A process that dies between claim and finish
-- leaves a mail that is due again after that time, so a mail may arrive twice, with the same
-- Message-ID.

CREATE FUNCTION is_optional_mail(p_kind notice_kind)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN p_kind IN ('event-message', 'event-reminder');
COMMENT ON FUNCTION is_optional_mail IS
    'Whether a mail with a notice of this kind is sent only to users who want optional mail.';

CREATE FUNCTION link_of_mail(
    p_purpose mail_purpose,
    p_kind notice_kind
)
RETURNS link_purpose
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE
    WHEN p_purpose = 'email-verification' THEN 'email-verification'::link_purpose
    WHEN p_purpose = 'password-reset' THEN 'password-reset'
    WHEN is_optional_mail(p_kind) THEN 'unsubscription'
END;
COMMENT ON FUNCTION link_of_mail IS
    'What the secret link in a mail is for. NULL: the mail has no secret link.';

CREATE FUNCTION claim_mails(
    p_token_hashes bytea[],
    p_lease interval
)
RETURNS TABLE (
    id bigint,
    token_no integer,
    address text,
    purpose mail_purpose,
    link link_purpose,
    created_at timestamptz,
    user_id bigint,
    user_name text,
    kind notice_kind,
    event_id bigint,
    event_title text,
    booking_id bigint,
    notice text
)
LANGUAGE sql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    WITH due AS (
        SELECT mails.id
        FROM mails
        WHERE next_attempt_at <= clock_timestamp()
            AND NOT EXISTS (SELECT FROM fact_cursors WHERE paused)
        ORDER BY next_attempt_at, mails.id
        LIMIT cardinality(p_token_hashes)
        FOR UPDATE SKIP LOCKED
    ),
    claimed AS (
        UPDATE mails
        SET attempts = attempts + 1,
            next_attempt_at = clock_timestamp() + p_lease
        FROM due
        WHERE mails.id = due.id
        RETURNING mails.*
    ),
    written AS (
        SELECT
            claimed.*,
            notices,
            notices.kind,
            notices.event_id,
            notices.booking_id,
            link_of_mail(claimed.purpose, notices.kind) AS link,
            (row_number() OVER (ORDER BY claimed.id))::integer AS token_no
        FROM claimed
        LEFT JOIN notices ON notices.id = claimed.notice_id
    ),
    expired AS (
        DELETE FROM mail_links
        WHERE token_hash IN (
            SELECT token_hash
            FROM mail_links
            WHERE expires_at < now()
                AND EXISTS (SELECT FROM due)
            ORDER BY expires_at
            LIMIT 100
            FOR UPDATE SKIP LOCKED
        )
    ),
    linked AS (
        INSERT INTO mail_links (token_hash, user_id, purpose, address, expires_at)
        SELECT
            p_token_hashes[token_no],
            written.user_id,
            written.link,
            written.address,
            clock_timestamp() + CASE written.link
                WHEN 'email-verification' THEN interval '2 days'
                WHEN 'password-reset' THEN interval '15 minutes'
                ELSE interval '90 days'
            END
        FROM written
        WHERE written.link IS NOT NULL
    )
    SELECT
        written.id,
        written.token_no,
        written.address,
        written.purpose,
        written.link,
        written.created_at,
        written.user_id,
        users.name,
        written.kind,
        written.event_id,
        events.title,
        written.booking_id,
        CASE WHEN written.event_id IS NOT NULL THEN notice_text(written.notices) END
    FROM written
    JOIN users ON users.id = written.user_id
    LEFT JOIN events ON events.id = written.event_id
    ORDER BY written.id;
$$;
COMMENT ON FUNCTION claim_mails IS
    'Takes mails that are due, at most one for each token whose SHA-256 the caller gives. Nobody '
    'else takes them for the time of p_lease. token_no says which of the tokens belongs into the '
    'link of a mail, and link what it is for (NULL: no secret link): a verification is valid for '
    'two days, a new password for 15 minutes, an unsubscription for 90 days. No row: nothing is '
    'due, or facts are paused.';

CREATE FUNCTION next_mail_attempt(p_attempts integer)
RETURNS timestamptz
LANGUAGE sql
VOLATILE
RETURN clock_timestamp() + (
    ARRAY[
        interval '1 minute', '5 minutes', '30 minutes', '2 hours', '6 hours', '15 hours'
    ]
)[p_attempts];
COMMENT ON FUNCTION next_mail_attempt IS
    'When to try again after that many attempts, the last a day after the first. NULL: never.';

CREATE FUNCTION finish_mail(
    p_mail_id bigint,
    p_error text
)
RETURNS void
LANGUAGE sql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    WITH finished AS (
        SELECT
            id,
            CASE WHEN p_error IS NOT NULL THEN next_mail_attempt(attempts) END AS next_attempt_at
        FROM mails
        WHERE id = p_mail_id
            -- Another process may have sent it after the time of the claim.
            AND mails.next_attempt_at IS NOT NULL
        FOR NO KEY UPDATE
    )
    UPDATE mails
    SET next_attempt_at = finished.next_attempt_at,
        sent_at = CASE WHEN p_error IS NULL THEN clock_timestamp() END,
        given_up_at = CASE
            WHEN p_error IS NOT NULL AND finished.next_attempt_at IS NULL THEN clock_timestamp()
        END,
        last_error = p_error
    FROM finished
    WHERE mails.id = finished.id;
$$;
COMMENT ON FUNCTION finish_mail IS
    'Records that the mail server took a mail, or why it did not: then it is tried again, seven '
    'times in a day. p_error NULL: it is sent.';
