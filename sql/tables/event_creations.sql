-- event_creations: which request made which events, so that a retry whose first answer was lost
-- finds them and makes no second ones.

CREATE TABLE event_creations (
    actor_id        bigint           NOT NULL,
    idempotency_key text COLLATE "C" NOT NULL,
    event_id        bigint           NOT NULL,
    request_hash    bytea            NOT NULL,
    CONSTRAINT event_creations_pkey PRIMARY KEY (actor_id, idempotency_key, event_id),
    CONSTRAINT event_creations_actor_id_fkey
        FOREIGN KEY (actor_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT event_creations_event_id_fkey
        FOREIGN KEY (event_id) REFERENCES events (id) ON DELETE CASCADE,
    CONSTRAINT event_creations_idempotency_key_visible_ascii CHECK (
        char_length(idempotency_key) BETWEEN 1 AND 64 AND idempotency_key !~ '[^!-~]'
    )
);

COMMENT ON TABLE event_creations IS
    'Events that were made with an idempotency key. Written by create_event_once() and '
    'copy_event_once().';
COMMENT ON COLUMN event_creations.actor_id IS 'The admin whose key it is.';
COMMENT ON COLUMN event_creations.idempotency_key IS
    'Chosen by the client and unique for the admin: a request with the same key returns its '
    'events.';
COMMENT ON COLUMN event_creations.event_id IS
    'An event that the request made. A request to copy makes several.';
COMMENT ON COLUMN event_creations.request_hash IS
    'SHA-256 of what was asked for: a request for something else may not use this key.';
