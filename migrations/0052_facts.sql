-- What happened is told: facts to other programs, notices and mails to customers.
-- depends: 0051_index_written_in

-- The longest address that SMTP can carry (RFC 5321) has 254 characters. Whether an address exists is
-- decided by the link that is mailed to it.
CREATE FUNCTION is_mail_address(p_text text)
RETURNS boolean
LANGUAGE plpgsql
IMMUTABLE
PARALLEL SAFE
SET search_path = public, pg_temp
AS $$
BEGIN
    RETURN char_length(p_text) <= 254
        AND p_text ~ '^[^@[:space:]]+@[^@[:space:]]+$'
        AND NOT has_control_characters(p_text);
END;
$$;
COMMENT ON FUNCTION is_mail_address IS
    'Whether a text has the form of an address of electronic mail.';

CREATE TYPE notice_kind AS ENUM (
    'booking-confirmed',
    'booking-cancelled',
    'event-changed',
    'event-cancelled',
    'event-message',
    'event-reminder'
);
COMMENT ON TYPE notice_kind IS
    'What customers are told. event-message: an organiser wrote to all holders of tickets.';

CREATE TYPE mail_purpose AS ENUM (
    'notice',
    'email-verification',
    'password-reset'
);
COMMENT ON TYPE mail_purpose IS 'Why a mail is sent.';

CREATE FUNCTION webhook_types()
RETURNS text[]
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN ARRAY[
    'booking.confirmed', 'booking.cancelled', 'ticket.admitted', 'event.created', 'event.changed',
    'event.cancelled', 'event.completed', 'user.created', 'user.changed', 'customer.notice'
];
COMMENT ON FUNCTION webhook_types IS 'The types of messages that a webhook endpoint can ask for.';

ALTER TABLE users
    ADD COLUMN email text COLLATE "C",
    ADD COLUMN email_verified_at timestamptz,
    ADD COLUMN optional_mail boolean NOT NULL DEFAULT true,
    -- The new columns are empty, so these take only a moment.
    -- squawk-ignore constraint-missing-not-valid
    ADD CONSTRAINT users_email_is_mail_address CHECK (is_mail_address(email)),
    -- squawk-ignore constraint-missing-not-valid
    ADD CONSTRAINT users_email_verified_only_with_email CHECK (
        email_verified_at IS NULL OR email IS NOT NULL
    );
COMMENT ON COLUMN users.email IS
    'Where mail goes once the user has opened the link in the first one. NULL: no address is '
    'known.';
COMMENT ON COLUMN users.email_verified_at IS
    'When the user opened that link. NULL: the address is not verified, and gets nothing else.';
COMMENT ON COLUMN users.optional_mail IS
    'Whether the user wants optional mail: reminders and messages of organisers.';

-- fact_cursors: up to where fan_out_facts() has read each source of facts.

CREATE TABLE fact_cursors (
    source     text    NOT NULL,
    -- After the rows of transaction 0, which were written before the facts began.
    written_in xid8    NOT NULL DEFAULT '0',
    id         bigint  NOT NULL DEFAULT 9223372036854775807,
    after_id   bigint  NOT NULL DEFAULT 0,
    database   text    NOT NULL,
    paused     boolean NOT NULL DEFAULT false,
    CONSTRAINT fact_cursors_pkey PRIMARY KEY (source),
    CONSTRAINT fact_cursors_source_known CHECK (source IN ('booking', 'activity'))
);

COMMENT ON TABLE fact_cursors IS
    'Up to where the facts of each source have been read. In a database that was restored '
    'elsewhere, reading pauses until resume_facts() is called, so that a copy sends nothing.';
COMMENT ON COLUMN fact_cursors.written_in IS 'The transaction of the last fact that was read.';
COMMENT ON COLUMN fact_cursors.id IS 'The id of the last fact that was read.';
COMMENT ON COLUMN fact_cursors.after_id IS
    'Rows up to this id hold transaction ids of another database. They are not read again.';
COMMENT ON COLUMN fact_cursors.database IS
    'The database whose transaction ids these are: see this_database().';
COMMENT ON COLUMN fact_cursors.paused IS 'Whether nothing is read and nothing is sent.';

-- webhook_endpoints: other programs that are told of facts, by the Standard Webhooks
-- specification (https://www.standardwebhooks.com).

CREATE TABLE webhook_endpoints (
    id              bigint      GENERATED ALWAYS AS IDENTITY,
    url             text        NOT NULL,
    types           text[]      NOT NULL DEFAULT '{}',
    event_id        bigint,                              -- NULL: facts of all events
    secret          bytea       NOT NULL,
    previous_secret bytea,                               -- NULL: the secret was not changed lately
    previous_until  timestamptz,                         -- NULL: there is no previous secret
    created_at      timestamptz NOT NULL DEFAULT now(),
    failing_since   timestamptz,                         -- NULL: the last delivery succeeded
    disabled_at     timestamptz,                         -- NULL: facts are sent
    CONSTRAINT webhook_endpoints_pkey PRIMARY KEY (id),
    CONSTRAINT webhook_endpoints_event_id_fkey
        FOREIGN KEY (event_id) REFERENCES events (id) ON DELETE CASCADE,
    CONSTRAINT webhook_endpoints_url_http CHECK (url ~ '^https?://[!-~]+$'),
    CONSTRAINT webhook_endpoints_url_within_2000 CHECK (char_length(url) <= 2000),
    CONSTRAINT webhook_endpoints_types_known CHECK (types <@ webhook_types()),
    CONSTRAINT webhook_endpoints_secret_length CHECK (octet_length(secret) BETWEEN 24 AND 64),
    CONSTRAINT webhook_endpoints_previous_secret_length CHECK (
        octet_length(previous_secret) BETWEEN 24 AND 64
    ),
    CONSTRAINT webhook_endpoints_previous_both_or_none CHECK (
        (previous_secret IS NULL) = (previous_until IS NULL)
    )
);

COMMENT ON TABLE webhook_endpoints IS 'Programs that are told of facts by POST requests.';
COMMENT ON COLUMN webhook_endpoints.types IS
    'The types of facts that are sent. Empty: every type but customer.notice, which holds phone '
    'numbers and is sent only to an endpoint that names it.';
COMMENT ON COLUMN webhook_endpoints.event_id IS
    'Only facts of this event are sent. NULL: those of all events.';
COMMENT ON COLUMN webhook_endpoints.secret IS 'The key of the signature (HMAC-SHA256).';
COMMENT ON COLUMN webhook_endpoints.previous_secret IS
    'The key before it. Until previous_until both sign, so that a receiver can change its key at '
    'any moment between. NULL: there is none.';
COMMENT ON COLUMN webhook_endpoints.previous_until IS
    'Until when the previous secret signs. NULL: there is none.';
COMMENT ON COLUMN webhook_endpoints.failing_since IS
    'Since when no delivery has succeeded. NULL: the last one did.';
COMMENT ON COLUMN webhook_endpoints.disabled_at IS
    'When it was disabled, by an admin or by an answer 410. NULL: it is enabled.';

-- webhook_deliveries: one row for each fact and each endpoint that is told of it.

CREATE TABLE webhook_deliveries (
    id              bigint      GENERATED ALWAYS AS IDENTITY,
    endpoint_id     bigint      NOT NULL,
    source          text        NOT NULL,
    source_id       bigint      NOT NULL,
    type            text        NOT NULL,
    body            text        NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    attempts        integer     NOT NULL DEFAULT 0,
    next_attempt_at timestamptz DEFAULT now(),  -- NULL: it is delivered or given up
    delivered_at    timestamptz,                -- NULL: not delivered
    given_up_at     timestamptz,                -- NULL: not given up
    last_status     integer,                    -- NULL: nothing was answered
    last_error      text,                       -- NULL: the last attempt succeeded
    CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (id),
    CONSTRAINT webhook_deliveries_endpoint_id_fkey
        FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
    CONSTRAINT webhook_deliveries_once UNIQUE (endpoint_id, source, source_id),
    CONSTRAINT webhook_deliveries_source_known CHECK (
        source IN ('booking', 'activity', 'notice', 'test')
    ),
    CONSTRAINT webhook_deliveries_attempts_not_negative CHECK (attempts >= 0),
    CONSTRAINT webhook_deliveries_over_exactly_when_no_attempt CHECK (
        (next_attempt_at IS NULL) = (delivered_at IS NOT NULL OR given_up_at IS NOT NULL)
    ),
    CONSTRAINT webhook_deliveries_delivered_or_given_up CHECK (
        delivered_at IS NULL OR given_up_at IS NULL
    )
)
WITH (autovacuum_vacuum_scale_factor = 0.02);

-- claim_deliveries(): what is due.
CREATE INDEX webhook_deliveries_due
ON webhook_deliveries (endpoint_id, next_attempt_at)
WHERE next_attempt_at IS NOT NULL;

COMMENT ON TABLE webhook_deliveries IS
    'Messages to webhook endpoints: one row for each fact and endpoint.';
COMMENT ON COLUMN webhook_deliveries.source IS
    'booking, activity, notice or test. source and source_id make the id of the message, which '
    'is the same at each attempt.';
COMMENT ON COLUMN webhook_deliveries.source_id IS 'The id of the row in that source.';
COMMENT ON COLUMN webhook_deliveries.body IS 'The bytes that are signed and sent.';
COMMENT ON COLUMN webhook_deliveries.next_attempt_at IS
    'When it is sent. While a process is sending it, when another process may try. NULL: it is '
    'delivered or given up.';
COMMENT ON COLUMN webhook_deliveries.delivered_at IS
    'When the receiver answered 2xx. NULL: it did not yet.';
COMMENT ON COLUMN webhook_deliveries.given_up_at IS
    'When the last attempt failed, or the receiver answered 410. NULL: it is not given up.';
COMMENT ON COLUMN webhook_deliveries.last_status IS
    'The HTTP status of the last answer. NULL: there was no answer.';
COMMENT ON COLUMN webhook_deliveries.last_error IS
    'Why the last attempt failed. NULL: none has failed, or the last one succeeded.';
COMMENT ON INDEX webhook_deliveries_due IS 'For claim_deliveries.';

-- notices: what a customer is told. One row a customer and matter, so that nobody is told twice.

CREATE TABLE notices (
    id         bigint      GENERATED ALWAYS AS IDENTITY,
    user_id    bigint      NOT NULL,
    kind       notice_kind NOT NULL,
    event_id   bigint      NOT NULL,
    booking_id bigint,                        -- NULL: not about one booking
    matter     text COLLATE "C" NOT NULL,
    detail     jsonb       NOT NULL DEFAULT '{}',
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    read_at    timestamptz,                   -- NULL: not read yet
    CONSTRAINT notices_pkey PRIMARY KEY (id),
    CONSTRAINT notices_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT notices_once_for_each_matter UNIQUE (user_id, matter),
    CONSTRAINT notices_detail_is_object CHECK (jsonb_typeof(detail) = 'object')
);

-- mark_notices_read(): what a customer has not read yet.
CREATE INDEX notices_unread ON notices (user_id, id) WHERE read_at IS NULL;

COMMENT ON TABLE notices IS
    'What customers are told in the app, and by mail if they have given an address.';
COMMENT ON COLUMN notices.event_id IS
    'The event it is about. No foreign key: it would lock the row that every sale updates.';
COMMENT ON COLUMN notices.booking_id IS 'NULL: it is not about one booking.';
COMMENT ON COLUMN notices.matter IS
    'What it is about, such as activity/4711. A customer is told of a matter once.';
COMMENT ON COLUMN notices.detail IS
    'What its text needs: was and became of a changed event, the text of a message.';
COMMENT ON COLUMN notices.read_at IS 'When the customer saw it in the app. NULL: not yet.';
COMMENT ON INDEX notices_unread IS 'For mark_notices_read. Partial: most are read.';

-- mails: what is to be sent by mail. A mail is written by the program that sends it, from the row
-- as it is then: secrets in links are made at that moment and stand nowhere else.

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

-- claim_mails(): what is due.
CREATE INDEX mails_due ON mails (next_attempt_at) WHERE next_attempt_at IS NOT NULL;

-- A user's mails are deleted with the user.
CREATE INDEX mails_by_user ON mails (user_id);

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
COMMENT ON INDEX mails_by_user IS 'For deleting a user.';

-- facts: what happened, for other programs and for notices. The ledger itself is read, not a copy
-- of it: a booking is the fact that it was booked, and a line of the activity log is the fact that
-- it names.
--
-- Read it in the order of (written_in, id), and only below pg_snapshot_xmin(pg_current_snapshot()).
-- Ids are given out before a commit, so that a row with a smaller id may appear later. But once
-- every transaction below a number has ended, no row with a smaller written_in can appear.
--
-- It holds ids, amounts and public fields of events: no names, no phone numbers, no ticket codes.

CREATE FUNCTION public_changes(p_fields jsonb)
RETURNS jsonb
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN p_fields - 'organiser_contact';
COMMENT ON FUNCTION public_changes IS
    'The fields of an event without those that may name a person.';

CREATE VIEW facts AS
SELECT
    'booking' AS source,
    id,
    written_in,
    booking_date AS at,
    'booking.confirmed' AS type,
    event_id,
    id AS booking_id,
    user_id,
    jsonb_build_object(
        'booking_id', id,
        'event_id', event_id,
        'user_id', user_id,
        'booked_by', booked_by,
        'quantity', quantity,
        'unit_price', unit_price::text,
        'total_amount', total_amount::text
    ) AS data
FROM bookings
UNION ALL
SELECT
    'activity',
    id,
    written_in,
    at,
    CASE action
        WHEN 'event-created' THEN 'event.created'
        WHEN 'event-edited' THEN 'event.changed'
        WHEN 'event-cancelled' THEN 'event.cancelled'
        WHEN 'event-completed' THEN 'event.completed'
        WHEN 'booking-cancelled' THEN 'booking.cancelled'
        WHEN 'ticket-admitted' THEN 'ticket.admitted'
        WHEN 'user-created' THEN 'user.created'
        WHEN 'user-changed' THEN 'user.changed'
    END,
    event_id,
    booking_id,
    user_id,
    jsonb_strip_nulls(
        jsonb_build_object(
            'actor_id', actor_id,
            'event_id', event_id,
            'booking_id', booking_id,
            'ticket_id', ticket_id,
            'user_id', user_id,
            'quantity', detail -> 'quantity',
            'total_amount', detail -> 'total_amount',
            'bookings_cancelled', detail -> 'bookings_cancelled',
            'tickets_cancelled', detail -> 'tickets_cancelled'
        )
    ) || CASE
        WHEN event_id IS NULL OR detail -> 'was' IS NULL THEN '{}'
        ELSE jsonb_build_object(
            'was', public_changes(detail -> 'was'),
            'became', public_changes(detail -> 'became')
        )
    END
FROM activity;

COMMENT ON VIEW facts IS
    'What happened, without personal data, for webhooks and notices: every booking, and every line '
    'of the activity log. Read it in the order of (written_in, id), below '
    'pg_snapshot_xmin(pg_current_snapshot()).';
COMMENT ON COLUMN facts.source IS 'booking or activity: the table whose row it is.';
COMMENT ON COLUMN facts.id IS 'The id of that row. source and id together name the fact.';
COMMENT ON COLUMN facts.written_in IS
    'The transaction that wrote it. 0: it is older than the facts.';
COMMENT ON COLUMN facts.at IS 'When it happened.';
COMMENT ON COLUMN facts.type IS 'booking.confirmed, event.changed and so on.';
COMMENT ON COLUMN facts.event_id IS 'NULL: it is not about an event.';
COMMENT ON COLUMN facts.booking_id IS 'NULL: it is not about one booking.';
COMMENT ON COLUMN facts.user_id IS
    'The customer whom it concerns. NULL: it concerns no single customer.';
COMMENT ON COLUMN facts.data IS
    'Ids, amounts and, for a changed event, its fields before and after.';

CREATE FUNCTION fact_body(p_fact facts)
RETURNS text
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN jsonb_build_object(
    'type', p_fact.type,
    'timestamp', to_char(timezone('UTC', p_fact.at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'data', p_fact.data
)::text;
COMMENT ON FUNCTION fact_body IS
    'The JSON that is sent to webhooks for a fact: the same bytes each time it is asked for.';

-- write_notices: which customers are told of which facts. Who is told follows from the ledger at
-- the time of the fact, so it does not matter how much later this runs: a guest who booked after a
-- change knew it already.

CREATE FUNCTION tells_guests(p_fact facts)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN p_fact.type = 'event.cancelled' OR (
    p_fact.type = 'event.changed'
    AND p_fact.data -> 'became' ?| ARRAY[
        'date_time', 'time_zone', 'local_date_time', 'venue', 'address', 'doors_open', 'end_time',
        'minimum_age', 'access_note'
    ]
);
COMMENT ON FUNCTION tells_guests IS
    'Whether all guests of the event are told of this fact: it was cancelled, or something that a '
    'guest must know was changed.';

CREATE FUNCTION guests_at(
    p_event_id bigint,
    p_at timestamptz
)
RETURNS SETOF bigint
LANGUAGE sql
STABLE
SET search_path = public, pg_temp
BEGIN ATOMIC
    SELECT DISTINCT user_id
    FROM bookings
    WHERE event_id = p_event_id
        AND booking_date <= p_at
        AND (
            status = 'confirmed'
            OR cancelled_at > p_at
            -- Cancelled with the event, which writes no line for each booking.
            OR NOT EXISTS (
                SELECT
                FROM activity
                WHERE activity.booking_id = bookings.id
                    AND action = 'booking-cancelled'
            )
        );
END;
COMMENT ON FUNCTION guests_at IS
    'The customers who held tickets of an event at that time, or until it was cancelled.';

CREATE FUNCTION date_for_people(p_local_date_time timestamp)
RETURNS text
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN to_char(p_local_date_time, 'FMDay, FMDD FMMonth YYYY, HH24:MI');
COMMENT ON FUNCTION date_for_people IS 'A time on the venue''s clock, as a sentence holds it.';

CREATE FUNCTION changes_for_people(p_became jsonb)
RETURNS text
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN concat_ws(
    ' ',
    'It now begins on ' || date_for_people((p_became ->> 'local_date_time')::timestamp) || '.',
    'It now takes place at ' || (p_became ->> 'venue') || '.',
    'The address is now ' || (p_became ->> 'address') || '.',
    'The doors now open at ' || (p_became ->> 'doors_open') || '.',
    'It now ends at ' || (p_became ->> 'end_time') || '.',
    'Guests must now be at least ' || (p_became ->> 'minimum_age') || ' years old.',
    'About access: ' || (p_became ->> 'access_note')
);
COMMENT ON FUNCTION changes_for_people IS
    'Says in sentences what guests must know of a changed event. A field that was emptied is not '
    'told.';

CREATE FUNCTION notice_text(p_notice notices)
RETURNS text
LANGUAGE sql
STABLE
SET search_path = public, pg_temp
RETURN (
    SELECT
        CASE p_notice.kind
            WHEN 'booking-confirmed' THEN format(
                'Booking %s is confirmed: %s for %s, %s, %s.',
                p_notice.booking_id,
                CASE p_notice.detail ->> 'quantity'
                    WHEN '1' THEN '1 ticket'
                    ELSE (p_notice.detail ->> 'quantity') || ' tickets'
                END,
                title,
                date_for_people(local_date_time),
                venue
            )
            WHEN 'booking-cancelled' THEN format(
                'Booking %s for %s was cancelled%s.',
                p_notice.booking_id,
                title,
                CASE
                    WHEN (p_notice.detail ->> 'actor_id')::bigint = p_notice.user_id
                        THEN ' as you asked'
                    ELSE ' by the organiser'
                END
            )
            WHEN 'event-changed' THEN concat_ws(
                ' ', title || ' has changed.', changes_for_people(p_notice.detail -> 'became')
            )
            WHEN 'event-cancelled' THEN concat_ws(
                ' ',
                format('%s on %s is cancelled.', title, date_for_people(local_date_time)),
                cancellation_reason
            )
            WHEN 'event-message' THEN format('%s: %s', title, p_notice.detail ->> 'text')
            WHEN 'event-reminder' THEN format(
                '%s begins on %s, %s.', title, date_for_people(local_date_time), venue
            )
        END
    FROM events
    WHERE id = p_notice.event_id
);
COMMENT ON FUNCTION notice_text IS
    'What a notice says, in one to a few sentences of plain text: the app, mails and text messages '
    'all show it.';

CREATE FUNCTION tell_customers(p_notices notices[])
RETURNS bigint
LANGUAGE sql
VOLATILE
SET search_path = public, pg_temp
AS $$
    WITH told AS (
        INSERT INTO notices (user_id, kind, event_id, booking_id, matter, detail, at, read_at)
        SELECT
            notice.user_id, kind, event_id, booking_id, matter, detail, notice.at, read_at
        FROM unnest(p_notices) AS notice
        JOIN users ON users.id = notice.user_id
        -- A notice that is read from the beginning is only there to be sent.
        WHERE read_at IS NULL
            OR users.email_verified_at IS NOT NULL
            OR EXISTS (
                SELECT FROM webhook_endpoints WHERE 'customer.notice' = ANY (types)
            )
        ORDER BY notice.at
        ON CONFLICT DO NOTHING
        RETURNING notices.*
    ),
    mailed AS (
        INSERT INTO mails (user_id, address, purpose, notice_id)
        SELECT told.user_id, users.email, 'notice', told.id
        FROM told
        JOIN users ON users.id = told.user_id
        WHERE users.email_verified_at IS NOT NULL
            AND (users.optional_mail OR told.kind NOT IN ('event-message', 'event-reminder'))
    ),
    sent AS (
        INSERT INTO webhook_deliveries (endpoint_id, source, source_id, type, body)
        SELECT
            endpoint.id,
            'notice',
            told.id,
            'customer.notice',
            jsonb_build_object(
                'type', 'customer.notice',
                'timestamp', to_char(timezone('UTC', told.at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                'data', jsonb_build_object(
                    'notice_id', told.id,
                    'user_id', told.user_id,
                    'kind', told.kind,
                    'event_id', told.event_id,
                    'booking_id', told.booking_id,
                    'phone', users.phone,
                    'text', notice_text(told)
                )
            )::text
        FROM told
        JOIN users ON users.id = told.user_id
        JOIN webhook_endpoints AS endpoint
            ON endpoint.disabled_at IS NULL
            AND 'customer.notice' = ANY (endpoint.types)
            AND (endpoint.event_id IS NULL OR endpoint.event_id = told.event_id)
    )
    SELECT count(*) FROM told;
$$;
COMMENT ON FUNCTION tell_customers IS
    'Writes notices, leaving out those whose customer was told of their matter before, and with '
    'each of them a mail if the customer has a verified address, and a customer.notice for each '
    'webhook endpoint that asks for it. Returns how many notices are new.';

CREATE FUNCTION write_notices(p_facts facts[])
RETURNS void
LANGUAGE sql
VOLATILE
SET search_path = public, pg_temp
AS $$
    SELECT tell_customers(
        ARRAY(
            SELECT
                ROW(
                    NULL,
                    fact.user_id,
                    replace(fact.type, '.', '-'),
                    fact.event_id,
                    fact.booking_id,
                    fact.source || '/' || fact.id,
                    fact.data,
                    fact.at,
                    -- What customers did themselves is no news to them in the app.
                    CASE
                        WHEN fact.user_id IN (
                            (fact.data ->> 'booked_by')::bigint, (fact.data ->> 'actor_id')::bigint
                        ) THEN fact.at
                    END
                )::notices
            FROM unnest(p_facts) AS fact
            WHERE fact.type IN ('booking.confirmed', 'booking.cancelled')
            UNION ALL
            SELECT
                ROW(
                    NULL,
                    guest.user_id,
                    replace(fact.type, '.', '-'),
                    fact.event_id,
                    NULL,
                    fact.source || '/' || fact.id,
                    fact.data,
                    fact.at,
                    NULL
                )::notices
            FROM unnest(p_facts) AS fact
            CROSS JOIN LATERAL guests_at(fact.event_id, fact.at) AS guest (user_id)
            WHERE tells_guests(fact)
        )
    );
$$;
COMMENT ON FUNCTION write_notices IS
    'For fan_out_facts: tells customers of their bookings, and guests of a cancelled event or of '
    'a change that they must know.';

-- fan_out_facts: turns new facts into deliveries to webhooks and notices to customers. API
-- processes call it in a loop; one of them at a time does the work. It never sends anything.
--
-- Deliveries, notices and the cursor are written in one transaction: a process that is killed has
-- done either all of it or nothing.

CREATE FUNCTION this_database()
RETURNS text
LANGUAGE sql
STABLE
SET search_path = public, pg_temp
RETURN (
    SELECT system_identifier || '/' || pg_database.oid
    FROM pg_control_system()
    CROSS JOIN pg_database
    WHERE datname = current_database()
);
COMMENT ON FUNCTION this_database IS
    'Tells this database from a copy of it. It is the same after a failover; it is another after '
    'a restore elsewhere, after pg_upgrade, and in a database that has this one as its template.';

CREATE FUNCTION next_facts(
    p_cursor fact_cursors,
    p_horizon xid8,
    p_from_id bigint,
    p_to_id bigint,
    p_at_most integer
)
RETURNS facts[]
LANGUAGE plpgsql
STABLE
SET search_path = public, pg_temp
AS $$
BEGIN
    -- Two statements, so that each reads one table only.
    IF p_cursor.source = 'booking' THEN
        RETURN ARRAY(
            SELECT facts
            FROM facts
            WHERE source = 'booking'
                AND (written_in, id) > (p_cursor.written_in, p_cursor.id)
                AND written_in < p_horizon
                AND id BETWEEN p_from_id AND p_to_id
            ORDER BY written_in, id
            LIMIT p_at_most
        );
    END IF;
    RETURN ARRAY(
        SELECT facts
        FROM facts
        WHERE source = 'activity'
            AND (written_in, id) > (p_cursor.written_in, p_cursor.id)
            AND written_in < p_horizon
            AND id BETWEEN p_from_id AND p_to_id
        ORDER BY written_in, id
        LIMIT p_at_most
    );
END;
$$;
COMMENT ON FUNCTION next_facts IS
    'The facts after the cursor, in order, whose transaction is below p_horizon and whose id lies '
    'between p_from_id and p_to_id.';

CREATE FUNCTION wants_fact(
    p_endpoint webhook_endpoints,
    p_fact facts
)
RETURNS boolean
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN p_endpoint.disabled_at IS NULL
    AND (p_endpoint.types = '{}' OR p_fact.type = ANY (p_endpoint.types))
    AND (p_endpoint.event_id IS NULL OR p_endpoint.event_id = p_fact.event_id);
COMMENT ON FUNCTION wants_fact IS 'Whether this fact is sent to this webhook endpoint.';

CREATE FUNCTION deliver_facts(p_facts facts[])
RETURNS void
LANGUAGE sql
VOLATILE
SET search_path = public, pg_temp
AS $$
    INSERT INTO webhook_deliveries (endpoint_id, source, source_id, type, body)
    SELECT endpoint.id, fact.source, fact.id, fact.type, fact_body(fact)
    FROM unnest(p_facts) AS fact
    JOIN webhook_endpoints AS endpoint ON wants_fact(endpoint, fact)
    ON CONFLICT DO NOTHING;
$$;
COMMENT ON FUNCTION deliver_facts IS
    'For fan_out_facts: writes one delivery for each fact and each webhook endpoint that wants it.';

CREATE FUNCTION fan_out_facts(p_at_most integer DEFAULT 500)
RETURNS integer
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    v_horizon xid8;
    v_cursor fact_cursors;
    v_facts facts[];
    v_read integer := 0;
BEGIN
    IF pause_restored_facts() THEN
        RETURN 0;
    END IF;
    -- Taken before the facts are read: what became visible since then is read the next time.
    v_horizon := pg_snapshot_xmin(pg_current_snapshot());
    FOR v_cursor IN
        -- Bookings come before their cancellations and check-ins.
        SELECT fact_cursors.* FROM fact_cursors ORDER BY source DESC FOR UPDATE SKIP LOCKED
    LOOP
        v_facts := next_facts(
            v_cursor, v_horizon, v_cursor.after_id + 1, 9223372036854775807, p_at_most
        );
        CONTINUE WHEN v_facts = '{}' AND v_cursor.written_in > '0';
        PERFORM deliver_facts(v_facts);
        PERFORM write_notices(v_facts);
        v_read := v_read + cardinality(v_facts);
        UPDATE fact_cursors
        SET (written_in, id) = (
            SELECT last.written_in, last.id
            FROM (
                -- When fewer facts are left than asked for, all below the horizon are read.
                SELECT v_horizon, 0 WHERE cardinality(v_facts) < p_at_most
                UNION ALL
                SELECT written_in, id FROM unnest(v_facts[p_at_most:])
            ) AS last (written_in, id)
        )
        WHERE source = v_cursor.source;
    END LOOP;
    RETURN v_read;
END;
$$;
COMMENT ON FUNCTION fan_out_facts IS
    'Reads at most p_at_most new facts of each source, in an order that loses none, and writes '
    'down which webhook endpoints and customers are to be told. Returns how many facts it has '
    'read; 0 also when another session is doing it, or when facts are paused.';

CREATE FUNCTION pause_restored_facts()
RETURNS boolean
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM fact_cursors) THEN
        INSERT INTO fact_cursors (source, database)
        SELECT source, this_database()
        FROM unnest(ARRAY['booking', 'activity']) AS source
        ON CONFLICT DO NOTHING;
    END IF;
    UPDATE fact_cursors
    SET paused = true,
        database = this_database(),
        after_id = CASE source
            WHEN 'booking' THEN (SELECT coalesce(max(id), 0) FROM bookings)
            ELSE (SELECT coalesce(max(id), 0) FROM activity)
        END
    WHERE database <> this_database();
    RETURN EXISTS (SELECT FROM fact_cursors WHERE paused);
END;
$$;
COMMENT ON FUNCTION pause_restored_facts IS
    'Pauses the reading of facts if this database is a copy of another, and returns whether it is '
    'paused. API processes call it before they answer requests: what they write is then known to '
    'be newer than the copy.';

CREATE FUNCTION resume_facts()
RETURNS bigint
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_cursor fact_cursors;
    v_facts facts[];
    v_read bigint := 0;
BEGIN
    PERFORM pause_restored_facts();
    FOR v_cursor IN
        SELECT fact_cursors.* FROM fact_cursors WHERE paused ORDER BY source DESC FOR UPDATE
    LOOP
        -- What was copied is committed, so there is no horizon.
        v_facts := next_facts(
            v_cursor, '18446744073709551615', 0, v_cursor.after_id, 2147483647
        );
        PERFORM deliver_facts(v_facts);
        PERFORM write_notices(v_facts);
        v_read := v_read + cardinality(v_facts);
        -- What this database wrote itself is read from its first transaction on.
        UPDATE fact_cursors
        SET paused = false,
            written_in = DEFAULT,
            id = DEFAULT
        WHERE source = v_cursor.source;
    END LOOP;
    RETURN v_read;
END;
$$;
COMMENT ON FUNCTION resume_facts IS
    'For the owner, after a restore: this database takes the place of the one that it is a copy '
    'of. The facts that were not read there are read now, and sending goes on. Returns how many it '
    'has read.';

-- How deliveries to webhook endpoints are taken, finished and repeated. No transaction is open
-- while a request is under way: a claim is a time until which no other process tries. A process
-- that dies between claim and finish leaves a delivery that is due again after that time, so a
-- receiver may get a message twice and knows it by its id.

CREATE FUNCTION claim_deliveries(
    p_endpoint_id bigint,
    p_at_most integer,
    p_lease interval
)
RETURNS TABLE (
    id bigint,
    message_id text,
    body text,
    url text,
    secrets bytea[]
)
LANGUAGE sql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    WITH endpoint AS (
        SELECT
            webhook_endpoints.url,
            array_remove(
                ARRAY[
                    secret,
                    CASE WHEN previous_until > clock_timestamp() THEN previous_secret END
                ],
                NULL
            ) AS secrets,
            -- One message finds out whether an endpoint that was failing answers again.
            CASE WHEN failing_since IS NULL THEN p_at_most ELSE 1 END AS at_most
        FROM webhook_endpoints
        WHERE webhook_endpoints.id = p_endpoint_id
            AND disabled_at IS NULL
            AND NOT EXISTS (SELECT FROM fact_cursors WHERE paused)
    ),
    due AS (
        SELECT webhook_deliveries.id
        FROM webhook_deliveries
        WHERE endpoint_id = p_endpoint_id
            AND next_attempt_at <= clock_timestamp()
        ORDER BY next_attempt_at, webhook_deliveries.id
        LIMIT (SELECT at_most FROM endpoint)
        FOR UPDATE SKIP LOCKED
    )
    UPDATE webhook_deliveries
    SET attempts = attempts + 1,
        next_attempt_at = clock_timestamp() + p_lease
    FROM due
    CROSS JOIN endpoint
    WHERE webhook_deliveries.id = due.id
    RETURNING
        webhook_deliveries.id,
        'fact_' || source || '_' || source_id,
        webhook_deliveries.body,
        endpoint.url,
        endpoint.secrets;
$$;
COMMENT ON FUNCTION claim_deliveries IS
    'Takes at most p_at_most deliveries of an endpoint that are due, one only while it is failing. '
    'Nobody else takes them for the time of p_lease. secrets: the keys that sign, newest first. '
    'No row: nothing is due, the endpoint is disabled, or facts are paused.';

CREATE FUNCTION next_webhook_attempt(
    p_attempts integer,
    p_retry_after interval
)
RETURNS timestamptz
LANGUAGE sql
VOLATILE
RETURN clock_timestamp() + greatest(
    -- The times that the Standard Webhooks specification proposes: three days in all.
    (
        ARRAY[
            interval '5 seconds', '5 minutes', '30 minutes', '2 hours', '5 hours', '10 hours',
            '14 hours', '20 hours', '24 hours'
        ]
    )[p_attempts] * (0.9 + 0.2 * random()),
    least(p_retry_after, interval '24 hours')
);
COMMENT ON FUNCTION next_webhook_attempt IS
    'When to try again after that many attempts. NULL: never, when nothing asks for it later. '
    'p_retry_after: what the receiver asked for, at most a day. NULL: nothing.';

CREATE FUNCTION finish_delivery(
    p_delivery_id bigint,
    p_status integer,
    p_error text,
    p_retry_after interval
)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    v_delivery webhook_deliveries;
    v_delivered boolean := p_status BETWEEN 200 AND 299;
    v_gone boolean := p_status = 410;
BEGIN
    SELECT webhook_deliveries.*
    INTO v_delivery
    FROM webhook_deliveries
    WHERE id = p_delivery_id
    FOR NO KEY UPDATE;
    -- Another process may have delivered it after the time of the claim.
    IF v_delivery.next_attempt_at IS NULL THEN
        RETURN;
    END IF;
    v_delivery.next_attempt_at := CASE
        WHEN NOT coalesce(v_delivered OR v_gone, false) AND v_delivery.attempts < 10
            THEN next_webhook_attempt(v_delivery.attempts, p_retry_after)
    END;
    UPDATE webhook_deliveries
    SET next_attempt_at = v_delivery.next_attempt_at,
        delivered_at = CASE WHEN v_delivered THEN clock_timestamp() END,
        given_up_at = CASE
            WHEN v_delivered IS NOT TRUE AND v_delivery.next_attempt_at IS NULL
                THEN clock_timestamp()
        END,
        last_status = p_status,
        last_error = CASE WHEN v_delivered IS NOT TRUE THEN p_error END
    WHERE id = p_delivery_id;
    UPDATE webhook_endpoints
    SET failing_since = CASE
            WHEN v_delivered IS NOT TRUE THEN coalesce(failing_since, clock_timestamp())
        END,
        disabled_at = CASE
            WHEN v_gone THEN coalesce(disabled_at, clock_timestamp())
            ELSE disabled_at
        END
    WHERE id = v_delivery.endpoint_id
        AND (v_gone IS TRUE OR (failing_since IS NULL) <> (v_delivered IS TRUE));
END;
$$;
COMMENT ON FUNCTION finish_delivery IS
    'Records the answer to a delivery: 2xx delivers it, 410 disables its endpoint, anything else '
    'is tried again, ten times in three days. p_status NULL: there was no answer. p_error: why it '
    'failed. p_retry_after: what the receiver asked for. NULL: nothing.';

CREATE FUNCTION replay_facts(
    p_endpoint_id bigint,
    p_from timestamptz,
    p_to timestamptz,
    p_actor_id bigint
)
RETURNS bigint
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_replayed bigint;
BEGIN
    PERFORM require_admin(p_actor_id);
    INSERT INTO webhook_deliveries (endpoint_id, source, source_id, type, body)
    SELECT endpoint.id, fact.source, fact.id, fact.type, fact_body(fact)
    FROM facts AS fact
    JOIN webhook_endpoints AS endpoint ON wants_fact(endpoint, fact)
    WHERE endpoint.id = p_endpoint_id
        AND fact.at >= p_from
        AND fact.at < p_to
    ON CONFLICT (endpoint_id, source, source_id) DO UPDATE
    SET attempts = 0,
        next_attempt_at = clock_timestamp(),
        delivered_at = NULL,
        given_up_at = NULL;
    GET DIAGNOSTICS v_replayed = ROW_COUNT;
    RETURN v_replayed;
END;
$$;
COMMENT ON FUNCTION replay_facts IS
    'Sends all facts from p_from until before p_to to an endpoint again, with the same ids and the '
    'same bytes, and returns how many there are. Raises TK020 when the actor is not an admin.';

GRANT EXECUTE ON FUNCTION fact_body, is_mail_address, public_changes, webhook_types TO PUBLIC;

-- Facts hold no personal data. What is told to customers does, and keys sign for us.
GRANT SELECT ON facts TO ticketing_api, ticketing_reader;
GRANT SELECT ON fact_cursors, webhook_deliveries, notices, mails TO ticketing_api;
GRANT SELECT (
    id, url, types, event_id, previous_until, created_at, failing_since, disabled_at
) ON webhook_endpoints TO ticketing_api;
GRANT EXECUTE ON FUNCTION pause_restored_facts TO ticketing_api;
GRANT EXECUTE ON FUNCTION fan_out_facts TO ticketing_api;
GRANT EXECUTE ON FUNCTION claim_deliveries TO ticketing_api;
GRANT EXECUTE ON FUNCTION finish_delivery TO ticketing_api;
GRANT EXECUTE ON FUNCTION replay_facts TO ticketing_api;
GRANT EXECUTE ON FUNCTION notice_text TO ticketing_api;
