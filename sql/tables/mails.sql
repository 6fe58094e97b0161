-- mails: the mails to send. The program that sends a mail writes its text at that moment, from the
-- row as it is then. Secrets in links are made then as well, and are stored nowhere else.

CREATE TABLE mails (
    id              bigint       GENERATED ALWAYS AS IDENTITY,
    user_id         bigint       NOT NULL,
    address         text COLLATE "C" NOT NULL,
    purpose         mail_purpose NOT NULL,
    notice_id       bigint,                     -- NULL: not about a notice
    created_at      timestamptz  NOT NULL DEFAULT now(),
    attempts        integer      NOT NULL DEFAULT 0,
    next_attempt_at timestamptz  DEFAULT now(), -- NULL: it is sent or given up
    sent_at         timestamptz,                -- NULL: not sent
    given_up_at     timestamptz,                -- NULL: not given up
    last_error      text,                       -- NULL: no attempt failed
    CONSTRAINT mails_pkey PRIMARY KEY (id),
    CONSTRAINT mails_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT mails_notice_id_fkey
        FOREIGN KEY (notice_id) REFERENCES notices (id) ON DELETE CASCADE,
    CONSTRAINT mails_one_for_each_notice UNIQUE (notice_id),
    CONSTRAINT mails_address_is_mail_address CHECK (is_mail_address(address)),
    CONSTRAINT mails_notice_exactly_when_purpose_is_notice CHECK (
        (purpose = 'notice') = (notice_id IS NOT NULL)
    ),
    CONSTRAINT mails_attempts_not_negative CHECK (attempts >= 0),
    CONSTRAINT mails_over_exactly_when_no_attempt CHECK (
        (next_attempt_at IS NULL) = (sent_at IS NOT NULL OR given_up_at IS NOT NULL)
    ),
    CONSTRAINT mails_sent_or_given_up CHECK (sent_at IS NULL OR given_up_at IS NULL)
)
WITH (autovacuum_vacuum_scale_factor = 0.02);

-- For claim_mails(): mails that are due.
CREATE INDEX mails_due ON mails (next_attempt_at) WHERE next_attempt_at IS NOT NULL;

-- failing_mails
CREATE INDEX mails_failing ON mails (id) WHERE last_error IS NOT NULL;

-- A user's mails are deleted with the user.
CREATE INDEX mails_by_user ON mails (user_id);

-- send_verification(): how many such mails an address got.
CREATE INDEX mails_verifying_address
ON mails (address, created_at)
WHERE purpose = 'email-verification';

COMMENT ON TABLE mails IS 'Mails to send, and whether each was sent.';
COMMENT ON COLUMN mails.address IS
    'Where it goes: the address that the user had when it was written down.';
COMMENT ON COLUMN mails.notice_id IS 'The notice that it carries. NULL: it carries none.';
COMMENT ON COLUMN mails.next_attempt_at IS
    'When it is sent. While a process is sending it, when another process may try. NULL: it is '
    'sent or given up.';
COMMENT ON COLUMN mails.sent_at IS 'When the mail server took it. NULL: it did not yet.';
COMMENT ON COLUMN mails.given_up_at IS 'When the last attempt failed. NULL: it is not given up.';
COMMENT ON COLUMN mails.last_error IS 'Why the last attempt failed. NULL: none has failed.';
COMMENT ON INDEX mails_due IS 'For claim_mails.';
COMMENT ON INDEX mails_failing IS 'For failing_mails. Partial: most mails do not fail.';
COMMENT ON INDEX mails_by_user IS 'For deleting a user.';
COMMENT ON INDEX mails_verifying_address IS
    'For send_verification. Partial: most mails bring notices.';
