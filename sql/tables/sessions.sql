-- sessions: who is signed in. Only a hash of the token is kept, so reading this table lets
-- nobody sign in as somebody else.

CREATE TABLE sessions (
    token_hash bytea       NOT NULL,
    user_id    bigint      NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL DEFAULT now() + interval '30 days',
    CONSTRAINT sessions_pkey PRIMARY KEY (token_hash),
    CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT sessions_token_hash_is_sha256 CHECK (octet_length(token_hash) = 32),
    CONSTRAINT sessions_expires_after_created CHECK (expires_at > created_at)
);

-- end_sign_in.sql: expired sessions are removed when new ones come.
CREATE INDEX sessions_by_expires_at ON sessions (expires_at);

-- update_user(): a new password ends the user's sessions.
CREATE INDEX sessions_by_user ON sessions (user_id);

COMMENT ON TABLE sessions IS 'Who is signed in. Deleting a user deletes their sessions.';
COMMENT ON COLUMN sessions.token_hash IS
    'SHA-256 of the token in the browser''s cookie; the token itself is not stored.';
COMMENT ON INDEX sessions_by_expires_at IS 'For removing expired sessions.';
COMMENT ON INDEX sessions_by_user IS 'For ending all sessions of a user.';
