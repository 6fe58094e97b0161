-- api_tokens: what programs show instead of a session, and the passes that open the door page on a
-- phone. A token acts for the admin who made it, within its scopes, and ends with that admin's
-- role. Only a hash of its secret is kept, so reading this table lets nobody use a token.

CREATE TABLE api_tokens (
    id           bigint        GENERATED ALWAYS AS IDENTITY,
    token_hash   bytea         NOT NULL,
    name         text          NOT NULL,
    user_id      bigint        NOT NULL,
    scopes       token_scope[] NOT NULL,
    event_id     bigint,                               -- NULL: all events
    is_pass      boolean       NOT NULL DEFAULT false,
    created_at   timestamptz   NOT NULL DEFAULT now(),
    expires_at   timestamptz   NOT NULL,
    revoked_at   timestamptz,                          -- NULL: not revoked
    last_used_on date,                                 -- NULL: never used
    CONSTRAINT api_tokens_pkey PRIMARY KEY (id),
    CONSTRAINT api_tokens_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT api_tokens_event_id_fkey
        FOREIGN KEY (event_id) REFERENCES events (id) ON DELETE CASCADE,
    CONSTRAINT api_tokens_token_hash_unique UNIQUE (token_hash),
    CONSTRAINT api_tokens_token_hash_is_sha256 CHECK (octet_length(token_hash) = 32),
    CONSTRAINT api_tokens_name_not_blank CHECK (NOT is_blank(name)),
    CONSTRAINT api_tokens_name_within_200 CHECK (char_length(name) <= 200),
    CONSTRAINT api_tokens_name_one_line CHECK (NOT has_control_characters(name)),
    CONSTRAINT api_tokens_has_a_scope CHECK (
        cardinality(scopes) >= 1 AND array_position(scopes, NULL) IS NULL
    ),
    -- 366 days, in hours: how long a day is depends on the time zone of the session.
    CONSTRAINT api_tokens_expire_within_a_year CHECK (
        expires_at > created_at AND expires_at <= created_at + interval '8784 hours'
    ),
    CONSTRAINT api_tokens_pass_opens_one_door CHECK (
        NOT is_pass OR (scopes = '{door}' AND event_id IS NOT NULL)
    ),
    CONSTRAINT api_tokens_webhooks_of_all_events CHECK (
        event_id IS NULL OR NOT scopes @> '{webhooks}'
    )
);

-- list_event_tokens.sql
CREATE INDEX api_tokens_by_event ON api_tokens (event_id, id) WHERE event_id IS NOT NULL;

COMMENT ON TABLE api_tokens IS
    'API tokens of programs, and door passes. Each acts for the admin who made it; deleting the '
    'user deletes them.';
COMMENT ON COLUMN api_tokens.token_hash IS
    'SHA-256 of the secret; the secret itself is not stored.';
COMMENT ON COLUMN api_tokens.name IS 'What the admin calls it.';
COMMENT ON COLUMN api_tokens.user_id IS
    'The admin for whom it acts. It is valid as long as this user is an admin.';
COMMENT ON COLUMN api_tokens.scopes IS 'What it may do, beside what anybody may.';
COMMENT ON COLUMN api_tokens.event_id IS 'The only event it is for. NULL: all events.';
COMMENT ON COLUMN api_tokens.is_pass IS
    'Whether it is a door pass: its secret only begins sessions (pass_sessions), and is no API '
    'token.';
COMMENT ON COLUMN api_tokens.expires_at IS
    'When it ends. A door pass ends earlier if its event does: see token_expires_at().';
COMMENT ON COLUMN api_tokens.revoked_at IS 'When an admin revoked it. NULL: not revoked.';
COMMENT ON COLUMN api_tokens.last_used_on IS
    'The last day (UTC) on which it was used; written once a day. NULL: never.';
COMMENT ON CONSTRAINT api_tokens_token_hash_unique ON api_tokens IS
    'For find_token: whose token a secret is.';
COMMENT ON INDEX api_tokens_by_event IS
    'For list_event_tokens. Partial: other tokens are for all events.';
