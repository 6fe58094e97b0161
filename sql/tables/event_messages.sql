-- event_messages: what admins wrote to the guests of an event. Append-only. No foreign keys: like
-- the log, it outlives the rows it is about.

CREATE TABLE event_messages (
    id              bigint           GENERATED ALWAYS AS IDENTITY,
    event_id        bigint           NOT NULL,
    actor_id        bigint,                    -- NULL: nobody signed in, sent in psql
    idempotency_key text COLLATE "C" NOT NULL,
    text            text             NOT NULL,
    people          integer          NOT NULL,
    at              timestamptz      NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT event_messages_pkey PRIMARY KEY (id),
    CONSTRAINT event_messages_one_per_idempotency_key
        UNIQUE NULLS NOT DISTINCT (actor_id, idempotency_key),
    CONSTRAINT event_messages_idempotency_key_visible_ascii CHECK (
        char_length(idempotency_key) BETWEEN 1 AND 64 AND idempotency_key !~ '[^!-~]'
    ),
    CONSTRAINT event_messages_text_not_blank CHECK (NOT is_blank(text)),
    CONSTRAINT event_messages_text_within_1000 CHECK (char_length(text) <= 1000),
    CONSTRAINT event_messages_text_no_control_characters CHECK (
        NOT has_control_characters(translate(text, E'\n', ''))
    ),
    CONSTRAINT event_messages_people_not_negative CHECK (people >= 0)
);

-- list_event_messages.sql
CREATE INDEX event_messages_by_event ON event_messages (event_id, id);

COMMENT ON TABLE event_messages IS
    'Append-only: what admins wrote to the guests of an event. Written by send_event_message().';
COMMENT ON COLUMN event_messages.event_id IS 'The event whose guests were told.';
COMMENT ON COLUMN event_messages.actor_id IS
    'The admin who sent it. NULL: nobody signed in, it was sent in psql.';
COMMENT ON COLUMN event_messages.idempotency_key IS
    'Chosen by the client and unique for the admin: a request with the same key sends nothing '
    'more.';
COMMENT ON COLUMN event_messages.text IS
    'As it was written. Guests read the title of the event before it.';
COMMENT ON COLUMN event_messages.people IS 'How many guests were told.';
COMMENT ON COLUMN event_messages.at IS 'When it was sent.';
COMMENT ON INDEX event_messages_by_event IS 'For list_event_messages.';
