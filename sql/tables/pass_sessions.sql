-- pass_sessions: the phones that a door pass has opened. They are not in `sessions`, whose rows
-- stand for all that a user may do: whatever reads that table needs to know nothing of passes.

CREATE TABLE pass_sessions (
    token_hash bytea       NOT NULL,
    pass_id    bigint      NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pass_sessions_pkey PRIMARY KEY (token_hash),
    CONSTRAINT pass_sessions_pass_id_fkey
        FOREIGN KEY (pass_id) REFERENCES api_tokens (id) ON DELETE CASCADE,
    CONSTRAINT pass_sessions_token_hash_is_sha256 CHECK (octet_length(token_hash) = 32)
);

-- begin_pass_session() and revoke_api_token(): the sessions of a pass, the oldest first.
CREATE INDEX pass_sessions_by_pass ON pass_sessions (pass_id, created_at);

COMMENT ON TABLE pass_sessions IS
    'Phones that a door pass has opened. A session is valid as long as its pass.';
COMMENT ON COLUMN pass_sessions.token_hash IS
    'SHA-256 of the token in the browser''s cookie; the token itself is not stored.';
COMMENT ON COLUMN pass_sessions.pass_id IS 'The door pass; a row of api_tokens.';
COMMENT ON INDEX pass_sessions_by_pass IS 'For begin_pass_session and revoke_api_token.';
