-- event_creations: which request made which event, so that a retry whose first answer was lost
-- finds the event and makes no second one.

CREATE TABLE event_creations (
    actor_id        bigint           NOT NULL,
    idempotency_key text COLLATE "C" NOT NULL,
    event_id        bigint           NOT NULL,
    request_hash    bytea            NOT NULL,
    CONSTRAINT event_creations_pkey PRIMARY KEY (actor_id, idempotency_key),
    CONSTRAINT event_creations_actor_id_fkey
        FOREIGN KEY (actor_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT event_creations_event_id_fkey
        FOREIGN KEY (event_id) REFERENCES events (id) ON DELETE CASCADE,
    CONSTRAINT event_creations_idempotency_key_visible_ascii CHECK (
        char_length(idempotency_key) BETWEEN 1 AND 64 AND idempotency_key !~ '[^!-~]'
    )
);

COMMENT ON TABLE event_creations IS
    'Events that were made with an idempotency key. Written by create_event_once().';
COMMENT ON COLUMN event_creations.actor_id IS 'The admin whose key it is.';
COMMENT ON COLUMN event_creations.idempotency_key IS
    'Chosen by the client and unique for the admin: a request with the same key returns this '
    'event.';
COMMENT ON COLUMN event_creations.event_id IS 'The event that the request made.';
COMMENT ON COLUMN event_creations.request_hash IS
    'SHA-256 of the fields that were asked for: a request with other fields may not use this key.';
