-- mail_links: the links in mails that prove who opens them. The program that sends a mail makes the
-- token in its link and tells the database a hash of it, so that reading this table, or a dump of
-- it, lets nobody open a link.

CREATE TABLE mail_links (
    token_hash bytea        NOT NULL,
    user_id    bigint       NOT NULL,
    purpose    link_purpose NOT NULL,
    address    text COLLATE "C" NOT NULL,
    expires_at timestamptz  NOT NULL,
    CONSTRAINT mail_links_pkey PRIMARY KEY (token_hash),
    CONSTRAINT mail_links_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT mail_links_token_hash_is_sha256 CHECK (octet_length(token_hash) = 32)
);

-- claim_mails(): expired links are removed when new ones come.
CREATE INDEX mail_links_by_expires_at ON mail_links (expires_at);

-- set_email() and reset_password() end the links of a user.
CREATE INDEX mail_links_by_user ON mail_links (user_id);

COMMENT ON TABLE mail_links IS
    'The links in mails that are still valid. One that was used is deleted, unless it may be used '
    'again.';
COMMENT ON COLUMN mail_links.token_hash IS
    'SHA-256 of the token in the link; the token itself is not stored.';
COMMENT ON COLUMN mail_links.address IS 'The address that the link was mailed to.';
COMMENT ON COLUMN mail_links.expires_at IS 'When the link ends to be valid.';
COMMENT ON INDEX mail_links_by_expires_at IS 'For removing expired links.';
COMMENT ON INDEX mail_links_by_user IS 'For ending all links of a user.';
