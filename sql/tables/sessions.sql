-- sessions: who is signed in. Only a hash of the token is kept, so reading this table lets
-- nobody sign in as somebody else.

CREATE TABLE sessions (
    token_hash bytea       NOT NULL,
    user_id    bigint      NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL DEFAULT now() + interval '30 days',
    id         bigint      GENERATED ALWAYS AS IDENTITY,
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    network    inet,                          -- NULL: not known
    browser    text,                          -- NULL: not known
    confirmed_at timestamptz DEFAULT now(),   -- NULL: begun before this was written down
    second_factor_at timestamptz,             -- NULL: it was not given
    awaits_second_factor boolean NOT NULL DEFAULT false,
    CONSTRAINT sessions_pkey PRIMARY KEY (token_hash),
    CONSTRAINT sessions_id_unique UNIQUE (id),
    CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT sessions_token_hash_is_sha256 CHECK (octet_length(token_hash) = 32),
    CONSTRAINT sessions_expires_after_created CHECK (expires_at > created_at),
    CONSTRAINT sessions_browser_not_blank CHECK (NOT is_blank(browser)),
    CONSTRAINT sessions_browser_within_200 CHECK (char_length(browser) <= 200),
    CONSTRAINT sessions_browser_one_line CHECK (NOT has_control_characters(browser))
);

-- begin_session(): expired sessions are removed when new ones come.
CREATE INDEX sessions_by_expires_at ON sessions (expires_at);

-- list_sessions.sql; and update_user(): a new password ends the user's sessions.
CREATE INDEX sessions_by_user ON sessions (user_id);

COMMENT ON TABLE sessions IS 'Who is signed in. Deleting a user deletes their sessions.';
COMMENT ON COLUMN sessions.token_hash IS
    'SHA-256 of the token in the browser''s cookie; the token itself is not stored.';
COMMENT ON COLUMN sessions.expires_at IS
    'When it ends at the latest. It ends earlier when it is not used: see session_ends_at().';
COMMENT ON COLUMN sessions.id IS 'By which its user names it, without the token.';
COMMENT ON COLUMN sessions.last_seen_at IS
    'When it was last used, up to five minutes late: see mark_sessions_seen().';
COMMENT ON COLUMN sessions.network IS
    'Where it began: client_network() of the address. NULL: not known.';
COMMENT ON COLUMN sessions.browser IS
    'What it began in, in a few words, such as Firefox on Android. NULL: not known.';
COMMENT ON COLUMN sessions.confirmed_at IS
    'When the user last gave the password, and the second factor if it is on. What concerns other '
    'accounts needs that this was a short time ago: see session_is_confirmed(). NULL: it is not '
    'known.';
COMMENT ON COLUMN sessions.second_factor_at IS
    'When the second factor was last given in this session. NULL: it was not, or it is off.';
COMMENT ON COLUMN sessions.awaits_second_factor IS
    'Whether only the password was given, and the second factor must follow before the session is '
    'good for anything else.';
COMMENT ON INDEX sessions_by_expires_at IS 'For removing expired sessions.';
COMMENT ON INDEX sessions_by_user IS 'For listing and ending the sessions of a user.';
