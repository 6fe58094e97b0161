-- The database of the first release.

-- Extensions, all shipped with PostgreSQL and trusted: the owner of the database may create them.

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;        -- substring search by index
CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public;       -- 'Café' is found by 'cafe'
CREATE EXTENSION IF NOT EXISTS fuzzystrmatch WITH SCHEMA public;  -- edit distance for typing errors

-- Rules about text that CHECKs, generated columns and searches share.
-- They run with the rights of whoever triggers them, so PUBLIC keeps EXECUTE on them.

-- \s misses several Unicode spaces and every zero-width character, so they are listed: controls,
-- spaces, the braille blank, and what Unicode calls default-ignorable (soft hyphen, Hangul
-- fillers, directional marks, variation selectors, byte order mark, tags).
CREATE FUNCTION is_blank(p_text text)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN p_text ~ '^[\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]*$';
COMMENT ON FUNCTION is_blank(text) IS 'True when nothing is left after removing every Unicode space, control and zero-width character.';

CREATE FUNCTION has_control_characters(p_text text)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN p_text ~ '[\u0001-\u001f\u007f-\u009f]';
COMMENT ON FUNCTION has_control_characters(text) IS 'True when the text holds a C0 or C1 control character, line breaks and tabs included.';

-- unaccent(text) is only STABLE, because its dictionary can be changed; named in full it may
-- stand in an index, and builds and restores find it whatever their search_path.
CREATE FUNCTION search_text(p_text text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN lower(public.unaccent('public.unaccent'::regdictionary, p_text));
COMMENT ON FUNCTION search_text(text) IS 'The text as searches compare it: lower case, without accents.';

CREATE FUNCTION search_words(p_text text)
RETURNS text[]
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN ARRAY(
    SELECT DISTINCT word
    FROM regexp_split_to_table(search_text(p_text), '[^[:alnum:]]+') AS word
    WHERE word <> ''
    ORDER BY word
);
COMMENT ON FUNCTION search_words(text) IS 'The distinct words of a text as searches compare them: runs of letters and digits.';

CREATE FUNCTION one_letter_shorter(p_word text)
RETURNS text[]
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN ARRAY(
    SELECT DISTINCT overlay(p_word PLACING '' FROM position FOR 1)
    FROM generate_series(1, char_length(p_word)) AS position
    UNION
    SELECT p_word
);
COMMENT ON FUNCTION one_letter_shorter(text) IS 'The word and what is left of it after leaving out any one letter. Two words that one insertion, deletion, substitution or swap of neighbours turns into each other always share one of these.';

-- Views are for people who need not know a whole phone number or a code that admits.
CREATE FUNCTION mask_phone(p_phone text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN left(p_phone, 3) || repeat('*', greatest(char_length(p_phone) - 5, 0)) || right(p_phone, 2);
COMMENT ON FUNCTION mask_phone(text) IS 'A phone number with all but its first three and last two characters hidden.';

CREATE FUNCTION mask_ticket_code(p_code text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN left(p_code, 5) || '-*****-*****-*****-*';
COMMENT ON FUNCTION mask_ticket_code(text) IS 'A ticket code with all but its first group hidden: enough to recognise it, not to be admitted with it.';

-- Enumerations. Each value says what may follow it.

CREATE TYPE user_role AS ENUM (
    'customer',
    'admin'
);
COMMENT ON TYPE user_role IS 'customer: books for themselves. admin: runs events, sells at the box office, checks tickets in.';

CREATE TYPE event_status AS ENUM (
    'active',     -- -> cancelled, completed
    'cancelled',  -- final
    'completed'   -- final
);
COMMENT ON TYPE event_status IS 'active: on sale until it starts. cancelled and completed are final: the event is read-only from then on.';

CREATE TYPE booking_status AS ENUM (
    'confirmed',  -- -> cancelled
    'cancelled'   -- final
);
COMMENT ON TYPE booking_status IS 'confirmed at once when booked; cancelled is final.';

CREATE TYPE ticket_status AS ENUM (
    'active',     -- -> used, cancelled
    'used',       -- final
    'cancelled'   -- final
);
COMMENT ON TYPE ticket_status IS 'active: admits one person. used: has admitted. cancelled: admits nobody.';

-- A domain's CHECKs run when a value is written. A table's run at every update of its row: at
-- each sale, for an event, and looking through 10,000 characters takes ten times a sale's update.
CREATE DOMAIN event_description AS text
    CONSTRAINT events_description_within_10000 CHECK (char_length(VALUE) <= 10000)
    CONSTRAINT events_description_no_control_characters CHECK (NOT has_control_characters(translate(VALUE, E'\t\n', '')));
COMMENT ON DOMAIN event_description IS 'Paragraphs of at most 10,000 characters; no control characters but tab and line feed.';

CREATE TYPE activity_action AS ENUM (
    'event-created',
    'event-edited',
    'event-cancelled',
    'event-completed',
    'booking-cancelled',
    'ticket-admitted',
    'user-created',
    'user-changed'
);
COMMENT ON TYPE activity_action IS 'What the activity log records. A sale is not among them: a sale is its booking row.';

-- Ticket codes: 20 random symbols (100 bits) and one Luhn mod N check symbol, in an alphabet
-- without letters that are mistaken for digits (I, L, O) or make words (U), written
-- XXXXX-XXXXX-XXXXX-XXXXX-X.  Algorithm: https://en.wikipedia.org/wiki/Luhn_mod_N_algorithm

CREATE FUNCTION ticket_code_check_symbol(p_symbols text)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE
PARALLEL SAFE
AS $$
DECLARE
    -- From the right, every other symbol counts twice, a product as the sum of its base 32
    -- digits. translate() does that arithmetic: to each symbol the character with code 64 plus
    -- its value, and 64 plus the digit sum of twice its value. 20 times 64 is 0 mod 32.
    v_single constant bytea := convert_to(
        translate(p_symbols, '0123456789ABCDEFGHJKMNPQRSTVWXYZ', E'@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_'), 'UTF8'
    );
    v_double constant bytea := convert_to(
        translate(p_symbols, '0123456789ABCDEFGHJKMNPQRSTVWXYZ', E'@BDFHJLNPRTVXZ\\^ACEGIKMOQSUWY[]_'), 'UTF8'
    );
    v_sum integer := 0;
BEGIN
    FOR place IN 0 .. 18 BY 2 LOOP
        v_sum := v_sum + get_byte(v_single, place) + get_byte(v_double, place + 1);
    END LOOP;
    RETURN substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', (32 - v_sum % 32) % 32 + 1, 1);
END;
$$;
COMMENT ON FUNCTION ticket_code_check_symbol(text) IS 'The Luhn mod 32 check symbol for the 20 symbols of a ticket code: finds every single wrong symbol and nearly every swapped pair.';

CREATE FUNCTION write_ticket_code(p_symbols text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN substr(p_symbols, 1, 5) || '-' || substr(p_symbols, 6, 5) || '-' || substr(p_symbols, 11, 5) || '-'
    || substr(p_symbols, 16, 5) || '-' || substr(p_symbols, 21, 1);
COMMENT ON FUNCTION write_ticket_code(text) IS 'The 21 symbols of a ticket code in groups, as it is stored and shown.';

-- Each of the first 42 characters of the base64 text carries 6 random bits. Its 64 characters
-- become 32 symbols, two to one, so that 5 uniform bits are left: a small letter is its capital,
-- I, L, O, U, of either case, are 0 to 3, and 0 to 3, + and / join 4 to 9.
CREATE FUNCTION new_ticket_code()
RETURNS text
LANGUAGE plpgsql
VOLATILE
AS $$
DECLARE
    v_random constant text := encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'base64');
    v_symbols constant text := translate(upper(left(v_random, 20) COLLATE "C"), 'ILOU0123+/', '0123456789');
BEGIN
    RETURN write_ticket_code(v_symbols || ticket_code_check_symbol(v_symbols));
END;
$$;
COMMENT ON FUNCTION new_ticket_code() IS 'A new unguessable ticket code: 100 bits of a cryptographic hash over two random UUIDs, and a check symbol.';

CREATE FUNCTION parse_ticket_code(p_typed text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $$
    SELECT write_ticket_code(typed.symbols)
    FROM (
        SELECT translate(upper(regexp_replace(p_typed, '[\s\u2010-\u2015-]', '', 'g')), 'ILO', '110') AS symbols
    ) AS typed
    WHERE typed.symbols ~ '^[0-9A-HJKMNP-TV-Z]{21}$'
        AND right(typed.symbols, 1) = ticket_code_check_symbol(left(typed.symbols, 20));
$$;
COMMENT ON FUNCTION parse_ticket_code(text) IS 'A ticket code as a person typed it, in its stored form: case, spaces and hyphens do not matter, I and L read as 1, O as 0. NULL when it cannot be a ticket code.';

-- The errors of the booking rules: one SQLSTATE each, in a class of their own. DETAIL is a JSON
-- object with the facts a client needs.

CREATE FUNCTION problem_name(p_code text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE p_code
    WHEN 'TK001' THEN 'sold-out'
    WHEN 'TK002' THEN 'event-not-found'
    WHEN 'TK003' THEN 'event-not-bookable'
    WHEN 'TK004' THEN 'quantity-not-allowed'
    WHEN 'TK005' THEN 'booking-not-found'
    WHEN 'TK006' THEN 'booking-not-cancellable'
    WHEN 'TK007' THEN 'idempotency-key-reused'
    WHEN 'TK008' THEN 'user-not-found'
    WHEN 'TK009' THEN 'ticket-not-found'
    WHEN 'TK010' THEN 'ticket-already-used'
    WHEN 'TK011' THEN 'ticket-cancelled'
    WHEN 'TK012' THEN 'ticket-for-another-event'
    WHEN 'TK013' THEN 'event-status-final'
    WHEN 'TK014' THEN 'capacity-below-sold'
    WHEN 'TK015' THEN 'date-time-in-past'
    WHEN 'TK016' THEN 'price-changed'
    WHEN 'TK017' THEN 'ticket-code-malformed'
    WHEN 'TK018' THEN 'edited-meanwhile'
    WHEN 'TK019' THEN 'too-many-attempts'
    WHEN '23514' THEN 'check-violation'
END;
COMMENT ON FUNCTION problem_name(text) IS 'The name of a SQLSTATE that the functions raise; sql/README.md has the table with what each means.';

CREATE FUNCTION raise_problem(
    p_code text,
    p_detail jsonb DEFAULT '{}'
)
RETURNS void
LANGUAGE plpgsql
VOLATILE
AS $$
BEGIN
    RAISE EXCEPTION '%', problem_name(p_code)
        USING ERRCODE = p_code, DETAIL = p_detail::text;
END;
$$;
COMMENT ON FUNCTION raise_problem(text, jsonb) IS 'Raises the problem with this SQLSTATE; its name is the message, its facts the DETAIL.';

-- users: everybody who books or works here. A phone number names a person; a password lets
-- them sign in. Users with bookings are never deleted: they are part of the ledger.

CREATE TABLE users (
    id            bigint      GENERATED ALWAYS AS IDENTITY,
    name          text        NOT NULL,
    phone         text        NOT NULL,                     -- E.164: +4915112345678
    role          user_role   NOT NULL DEFAULT 'customer',
    password_hash text,                                     -- NULL: cannot sign in (a box-office customer)
    created_at    timestamptz NOT NULL DEFAULT now(),
    search_text   text        NOT NULL GENERATED ALWAYS AS (search_text(name || ' ' || phone)) STORED,
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_phone_unique UNIQUE (phone),
    CONSTRAINT users_name_not_blank CHECK (NOT is_blank(name)),
    CONSTRAINT users_name_within_200 CHECK (char_length(name) <= 200),
    CONSTRAINT users_name_one_line CHECK (NOT has_control_characters(name)),
    CONSTRAINT users_phone_e164 CHECK (phone ~ '^\+[1-9][0-9]{4,14}$'),
    CONSTRAINT users_password_hash_argon2id CHECK (password_hash LIKE '$argon2id$%')
);

-- search_users.sql: the box office finds a customer by part of a name or phone number.
CREATE INDEX users_search ON users USING gin (search_text gin_trgm_ops);

COMMENT ON TABLE users IS 'Customers and admins. With bookings they cannot be deleted: they are part of the ledger.';
COMMENT ON COLUMN users.phone IS 'E.164, unique: what a person signs in with.';
COMMENT ON COLUMN users.role IS 'Set when the user is created; the API role may not change it.';
COMMENT ON COLUMN users.password_hash IS 'argon2id, encoded. NULL: this user cannot sign in (a customer created at the box office).';
COMMENT ON COLUMN users.search_text IS 'Name and phone as searches compare them: lower case, without accents.';
COMMENT ON INDEX users_search IS 'For search_users: part of a name or phone number.';

-- events: what is on sale. The counters on each row make availability and statistics cost the
-- same with ten bookings and with a million; triggers on bookings keep them, so they hold
-- whoever writes. events_never_oversold is the promise of the whole system: an oversold event
-- cannot be written.

CREATE TABLE events (
    id                      bigint            GENERATED ALWAYS AS IDENTITY,
    title                   text              NOT NULL,
    description             event_description NOT NULL DEFAULT '',
    venue                   text              NOT NULL,
    date_time               timestamptz(0)    NOT NULL,
    time_zone               text              NOT NULL,
    capacity                integer           NOT NULL,
    price                   numeric(10, 2)    NOT NULL,
    max_tickets_per_booking integer           NOT NULL DEFAULT 10,
    status                  event_status      NOT NULL DEFAULT 'active',
    tickets_sold            integer           NOT NULL DEFAULT 0,
    bookings_count          integer           NOT NULL DEFAULT 0,
    revenue                 numeric(16, 2)    NOT NULL DEFAULT 0,
    tickets_checked_in      integer           NOT NULL DEFAULT 0,
    version                 integer           NOT NULL DEFAULT 1,
    created_at              timestamptz       NOT NULL DEFAULT now(),
    updated_at              timestamptz       NOT NULL DEFAULT now(),
    search_text             text              NOT NULL GENERATED ALWAYS AS (search_text(title || ' ' || venue)) STORED,
    CONSTRAINT events_pkey PRIMARY KEY (id),
    CONSTRAINT events_never_oversold CHECK (tickets_sold BETWEEN 0 AND capacity),
    CONSTRAINT events_title_not_blank CHECK (NOT is_blank(title)),
    CONSTRAINT events_title_within_200 CHECK (char_length(title) <= 200),
    CONSTRAINT events_title_one_line CHECK (NOT has_control_characters(title)),
    CONSTRAINT events_venue_not_blank CHECK (NOT is_blank(venue)),
    CONSTRAINT events_venue_within_200 CHECK (char_length(venue) <= 200),
    CONSTRAINT events_venue_one_line CHECK (NOT has_control_characters(venue)),
    CONSTRAINT events_date_time_after_created_at CHECK (date_time > created_at),
    CONSTRAINT events_date_time_before_2100 CHECK (date_time < timestamptz '2100-01-01 00:00:00+00'),
    -- Converting is the check: PostgreSQL refuses a zone it does not know.
    CONSTRAINT events_time_zone_known CHECK (time_zone ~ '^[A-Z]' AND timezone(time_zone, created_at) IS NOT NULL),
    CONSTRAINT events_capacity_in_range CHECK (capacity BETWEEN 1 AND 1000000),
    -- Bounded above also because NaN passes price >= 0.
    CONSTRAINT events_price_in_range CHECK (price BETWEEN 0 AND 99999999.99),
    CONSTRAINT events_max_tickets_per_booking_in_range CHECK (max_tickets_per_booking BETWEEN 1 AND 100),
    CONSTRAINT events_bookings_count_in_range CHECK (bookings_count BETWEEN 0 AND tickets_sold),
    CONSTRAINT events_revenue_in_range CHECK (revenue BETWEEN 0 AND 99999999999999.99),
    CONSTRAINT events_tickets_checked_in_in_range CHECK (tickets_checked_in BETWEEN 0 AND tickets_sold),
    CONSTRAINT events_version_positive CHECK (version >= 1)
)
-- Every booking updates its event's row: room on the page and no index on a counter keep
-- those updates inside the page.
WITH (fillfactor = 50);

-- list_events.sql: what is still on sale, soonest first.
CREATE INDEX events_active_by_date_time ON events (date_time, id) WHERE status = 'active';

-- admin_events_by_date_time.sql: all events by date.
CREATE INDEX events_by_date_time ON events (date_time, id);

-- search_events(): part of a word in title or venue.
CREATE INDEX events_search ON events USING gin (search_text gin_trgm_ops);

COMMENT ON TABLE events IS 'What is on sale. Events with bookings cannot be deleted. Written only through create_event, update_event and the counters'' triggers.';
COMMENT ON COLUMN events.date_time IS 'When it starts, in whole seconds. An event has a start and no end.';
COMMENT ON COLUMN events.time_zone IS 'IANA name of the venue''s time zone: where wall time and calendar days are counted.';
COMMENT ON COLUMN events.capacity IS 'How many tickets may be sold; never below tickets_sold.';
COMMENT ON COLUMN events.price IS 'For one ticket, in the installation''s currency. A new price touches no existing booking.';
COMMENT ON COLUMN events.max_tickets_per_booking IS 'The most tickets one booking may hold; for admins, too.';
COMMENT ON COLUMN events.tickets_sold IS 'Counter kept by triggers: tickets of confirmed bookings.';
COMMENT ON COLUMN events.bookings_count IS 'Counter kept by triggers: confirmed bookings.';
COMMENT ON COLUMN events.revenue IS 'Counter kept by triggers: total_amount of confirmed bookings.';
COMMENT ON COLUMN events.tickets_checked_in IS 'Counter kept by triggers: used tickets of confirmed bookings.';
COMMENT ON COLUMN events.version IS 'Raised by edits only, never by sales: what If-Match compares.';
COMMENT ON COLUMN events.updated_at IS 'When it was last edited.';
COMMENT ON COLUMN events.search_text IS 'Title and venue as searches compare them: lower case, without accents.';
COMMENT ON CONSTRAINT events_never_oversold ON events IS 'The promise: no event can hold more sold tickets than its capacity, whoever writes.';
COMMENT ON INDEX events_active_by_date_time IS 'For list_events: the public list. Partial: past seasons do not weigh on it.';
COMMENT ON INDEX events_by_date_time IS 'For the admin list by date, every status.';
COMMENT ON INDEX events_search IS 'For search_events: words contained in title or venue.';

-- bookings: who bought how many tickets for what, at which price. The ledger: rows are written
-- by book_tickets, become cancelled at most once, and are not deleted.

CREATE TABLE bookings (
    id                 bigint         GENERATED ALWAYS AS IDENTITY,
    user_id            bigint         NOT NULL,
    event_id           bigint         NOT NULL,
    quantity           integer        NOT NULL,
    unit_price         numeric(10, 2) NOT NULL,
    total_amount       numeric(12, 2) NOT NULL,
    booking_date       timestamptz    NOT NULL DEFAULT now(),
    status             booking_status NOT NULL DEFAULT 'confirmed',
    booked_by          bigint         NOT NULL,
    idempotency_key    text,                                 -- NULL: booked without one
    cancelled_at       timestamptz,                          -- NULL: confirmed
    tickets_checked_in integer        NOT NULL DEFAULT 0,
    CONSTRAINT bookings_pkey PRIMARY KEY (id),
    CONSTRAINT bookings_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT bookings_event_id_fkey FOREIGN KEY (event_id) REFERENCES events (id) ON DELETE RESTRICT,
    CONSTRAINT bookings_booked_by_fkey FOREIGN KEY (booked_by) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT bookings_quantity_positive CHECK (quantity BETWEEN 1 AND 100),
    CONSTRAINT bookings_unit_price_in_range CHECK (unit_price BETWEEN 0 AND 99999999.99),
    CONSTRAINT bookings_total_amount_is_price_times_quantity CHECK (total_amount = unit_price * quantity),
    CONSTRAINT bookings_cancelled_exactly_when_cancelled_at CHECK ((status = 'cancelled') = (cancelled_at IS NOT NULL)),
    CONSTRAINT bookings_booking_date_before_2100 CHECK (booking_date < timestamptz '2100-01-01 00:00:00+00'),
    CONSTRAINT bookings_cancelled_after_booked CHECK (cancelled_at >= booking_date),
    CONSTRAINT bookings_idempotency_key_visible_ascii CHECK (
        char_length(idempotency_key) BETWEEN 1 AND 64 AND idempotency_key !~ '[^!-~]'
    ),
    CONSTRAINT bookings_tickets_checked_in_in_range CHECK (tickets_checked_in BETWEEN 0 AND quantity)
);

-- One booking a key: a retried request finds the booking it already made.
CREATE UNIQUE INDEX bookings_one_per_idempotency_key ON bookings (user_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

-- list_user_bookings.sql: a customer's bookings, newest first.
CREATE INDEX bookings_by_user ON bookings (user_id, booking_date DESC, id DESC);

-- list_event_bookings.sql: an event's bookings, newest first.
CREATE INDEX bookings_by_event ON bookings (event_id, booking_date DESC, id DESC);

COMMENT ON TABLE bookings IS 'The ledger of sales. Written by book_tickets, cancelled by cancel_booking or with the event, never deleted by the application.';
COMMENT ON COLUMN bookings.user_id IS 'The customer the tickets are for.';
COMMENT ON COLUMN bookings.event_id IS 'Never changes: a trigger refuses it.';
COMMENT ON COLUMN bookings.unit_price IS 'What one ticket cost when it was booked.';
COMMENT ON COLUMN bookings.booking_date IS 'When it was booked.';
COMMENT ON COLUMN bookings.booked_by IS 'Who pressed the button: the customer, or the admin at the box office.';
COMMENT ON COLUMN bookings.idempotency_key IS 'Chosen by the client, unique for the customer: the same key again returns this booking. NULL: booked without one.';
COMMENT ON COLUMN bookings.cancelled_at IS 'NULL: the booking is confirmed.';
COMMENT ON COLUMN bookings.tickets_checked_in IS 'Counter kept by triggers: used tickets of this booking.';
COMMENT ON INDEX bookings_one_per_idempotency_key IS 'Prevents a second booking for a retried request. Partial: bookings without a key are not limited.';
COMMENT ON INDEX bookings_by_user IS 'For list_user_bookings.';
COMMENT ON INDEX bookings_by_event IS 'For list_event_bookings, daily_sales and cancelling an event.';

-- tickets: one row admits one person, once. The code is what they hold.

CREATE TABLE tickets (
    id          bigint        GENERATED ALWAYS AS IDENTITY,
    booking_id  bigint        NOT NULL,
    ticket_code text          NOT NULL DEFAULT new_ticket_code(),
    status      ticket_status NOT NULL DEFAULT 'active',
    used_at     timestamptz,                                 -- NULL: has not admitted anybody
    CONSTRAINT tickets_pkey PRIMARY KEY (id),
    CONSTRAINT tickets_booking_id_fkey FOREIGN KEY (booking_id) REFERENCES bookings (id) ON DELETE CASCADE,
    CONSTRAINT tickets_code_unique UNIQUE (ticket_code),
    CONSTRAINT tickets_code_format CHECK (ticket_code ~ '^([0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]$'),
    CONSTRAINT tickets_used_exactly_when_used_at CHECK ((status = 'used') = (used_at IS NOT NULL))
);

-- The tickets of a booking, in the order they were written.
CREATE INDEX tickets_by_booking ON tickets (booking_id, id);

COMMENT ON TABLE tickets IS 'One row admits one person, once. Tickets go with their booking.';
COMMENT ON COLUMN tickets.booking_id IS 'Never changes: a trigger refuses it.';
COMMENT ON COLUMN tickets.ticket_code IS 'What the customer shows at the door: XXXXX-XXXXX-XXXXX-XXXXX-X, unguessable, the last symbol a check symbol.';
COMMENT ON COLUMN tickets.used_at IS 'When it admitted somebody. NULL: it has not.';
COMMENT ON CONSTRAINT tickets_code_unique ON tickets IS 'A code admits to one seat; its index is how check-in finds a ticket.';
COMMENT ON INDEX tickets_by_booking IS 'For showing a booking with its tickets, and for cancelling it.';

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

-- start_session.sql: expired sessions are removed when new ones come.
CREATE INDEX sessions_by_expires_at ON sessions (expires_at);

-- update_user(): a new password ends the user's sessions.
CREATE INDEX sessions_by_user ON sessions (user_id);

COMMENT ON TABLE sessions IS 'Who is signed in. Sessions go with their user.';
COMMENT ON COLUMN sessions.token_hash IS 'SHA-256 of the token in the browser''s cookie; the token itself is not stored.';
COMMENT ON INDEX sessions_by_expires_at IS 'For removing expired sessions.';
COMMENT ON INDEX sessions_by_user IS 'For ending all sessions of a user.';

-- sign_in_failures: what makes guessing passwords slow. An attempt is written before the
-- password is looked at and taken back when it was right, so attempts made at the same time
-- all count. Kept in the database so that every API process counts alike.

CREATE TABLE sign_in_failures (
    id      bigint      GENERATED ALWAYS AS IDENTITY,
    phone   text        NOT NULL,
    address inet        NOT NULL,
    at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT sign_in_failures_pkey PRIMARY KEY (id),
    CONSTRAINT sign_in_failures_phone_e164 CHECK (phone ~ '^\+[1-9][0-9]{4,14}$')
);

-- begin_sign_in(): recent failures from an address, and of them those for a phone.
CREATE INDEX sign_in_failures_by_address ON sign_in_failures (address, at);

-- begin_sign_in(): old ones go when new ones come.
CREATE INDEX sign_in_failures_by_at ON sign_in_failures (at);

COMMENT ON TABLE sign_in_failures IS 'Recent failed sign-ins, for limiting them; rows older than 15 minutes mean nothing and are removed.';
COMMENT ON COLUMN sign_in_failures.phone IS 'The phone that was tried, whether or not a user has it.';
COMMENT ON COLUMN sign_in_failures.address IS 'The network address the attempt came from.';
COMMENT ON INDEX sign_in_failures_by_address IS 'For counting recent failures from an address.';
COMMENT ON INDEX sign_in_failures_by_at IS 'For removing old rows.';

-- activity: what admins and customers did that is not visible from the rows themselves.
-- Append-only, and written in the transaction that did it. It has no foreign keys: the log
-- outlives what it tells of.

CREATE TABLE activity (
    id         bigint          GENERATED ALWAYS AS IDENTITY,
    at         timestamptz     NOT NULL DEFAULT now(),
    actor_id   bigint,         -- NULL: nobody signed in, done in psql
    action     activity_action NOT NULL,
    event_id   bigint,         -- NULL: not about an event
    booking_id bigint,         -- NULL: not about a booking
    ticket_id  bigint,         -- NULL: not about a ticket
    user_id    bigint,         -- NULL: not about a user
    detail     jsonb           NOT NULL DEFAULT '{}',
    CONSTRAINT activity_pkey PRIMARY KEY (id),
    CONSTRAINT activity_detail_is_object CHECK (jsonb_typeof(detail) = 'object')
);

-- recent_activity of one event: who cancelled it, and what it was before.
CREATE INDEX activity_by_event ON activity (event_id, id) WHERE event_id IS NOT NULL;

COMMENT ON TABLE activity IS 'Append-only log: events created, edited, cancelled, completed; bookings cancelled; tickets admitted; users created or changed by an admin. A sale is its booking row.';
COMMENT ON COLUMN activity.actor_id IS 'The user who did it. NULL: nobody signed in, it was done in psql.';
COMMENT ON COLUMN activity.event_id IS 'NULL: not about an event.';
COMMENT ON COLUMN activity.booking_id IS 'NULL: not about a booking.';
COMMENT ON COLUMN activity.ticket_id IS 'NULL: not about a ticket.';
COMMENT ON COLUMN activity.user_id IS 'The user it was done to. NULL: not about a user.';
COMMENT ON COLUMN activity.detail IS 'For edits: {"was": {...}, "became": {...}} with the fields that changed. Never a phone, a password or a ticket code.';
COMMENT ON INDEX activity_by_event IS 'For the history of one event. Partial: most rows about users have no event.';

-- event_words: the distinct words of active events' titles and venues, so that a mistyped word
-- can be put right. Kept by triggers on events.

CREATE TABLE event_words (
    word               text    NOT NULL,
    events_count       integer NOT NULL,
    one_letter_shorter text[]  NOT NULL GENERATED ALWAYS AS (one_letter_shorter(word)) STORED,
    CONSTRAINT event_words_pkey PRIMARY KEY (word),
    CONSTRAINT event_words_events_count_not_negative CHECK (events_count >= 0)
);

-- correct_word(): one typing error, in words too short for trigrams to recognise.
CREATE INDEX event_words_one_letter_shorter ON event_words USING gin (one_letter_shorter);

-- correct_word(): more than one typing error in a long word.
CREATE INDEX event_words_trigrams ON event_words USING gin (word gin_trgm_ops);

COMMENT ON TABLE event_words IS 'Distinct words of active events, as searches compare them; kept by triggers on events.';
COMMENT ON COLUMN event_words.events_count IS 'In how many active events the word stands; at 0 the row goes.';
COMMENT ON COLUMN event_words.one_letter_shorter IS 'The word, and it without any one letter: words one typing error apart share one of these.';
COMMENT ON INDEX event_words_one_letter_shorter IS 'For correct_word: words one typing error away.';
COMMENT ON INDEX event_words_trigrams IS 'For correct_word: longer words further away.';

-- What no UPDATE may touch, the owner's included.

CREATE FUNCTION refuse_change()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END;
$$;
COMMENT ON FUNCTION refuse_change() IS 'Trigger: refuses the statement with the sentence given as its argument.';
REVOKE EXECUTE ON FUNCTION refuse_change() FROM PUBLIC;

CREATE TRIGGER activity_is_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON activity
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('activity is append-only');
COMMENT ON TRIGGER activity_is_append_only ON activity IS 'Nobody rewrites the log, the owner included.';

CREATE TRIGGER bookings_event_id_never_changes
BEFORE UPDATE OF event_id ON bookings
FOR EACH ROW WHEN (NEW.event_id <> OLD.event_id)
EXECUTE FUNCTION refuse_change('bookings.event_id never changes');
COMMENT ON TRIGGER bookings_event_id_never_changes ON bookings IS 'A booking stays with its event.';

CREATE TRIGGER tickets_booking_id_never_changes
BEFORE UPDATE OF booking_id ON tickets
FOR EACH ROW WHEN (NEW.booking_id <> OLD.booking_id)
EXECUTE FUNCTION refuse_change('tickets.booking_id never changes');
COMMENT ON TRIGGER tickets_booking_id_never_changes ON tickets IS 'A ticket stays with its booking.';

CREATE TRIGGER bookings_are_never_truncated
BEFORE TRUNCATE ON bookings
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('bookings are the ledger: TRUNCATE would leave counters wrong');
COMMENT ON TRIGGER bookings_are_never_truncated ON bookings IS 'TRUNCATE calls none of the triggers that keep the counters.';

CREATE TRIGGER tickets_are_never_truncated
BEFORE TRUNCATE ON tickets
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('tickets are the ledger: TRUNCATE would leave counters wrong');
COMMENT ON TRIGGER tickets_are_never_truncated ON tickets IS 'TRUNCATE calls none of the triggers that keep the counters.';

-- What can be bought of an event: the one definition of "tickets available" and "bookable".
-- They read like columns: SELECT events.tickets_available FROM events.

CREATE FUNCTION tickets_available(p_event events)
RETURNS integer
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN p_event.capacity - p_event.tickets_sold;
COMMENT ON FUNCTION tickets_available(events) IS 'How many tickets of the event can still be sold; 0 is sold out.';

CREATE FUNCTION bookable(p_event events)
RETURNS boolean
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN p_event.status = 'active' AND p_event.date_time > now();
COMMENT ON FUNCTION bookable(events) IS 'Active and not yet started. A sold-out event stays bookable: somebody may cancel.';

-- The counters on events and bookings, kept by statement-level triggers with transition tables:
-- a statement that writes a thousand bookings updates each event once. Because triggers keep
-- them, a row inserted by hand counts too, and beyond capacity events_never_oversold refuses it.
-- Each trigger first locks the rows it is going to update, in id order: UPDATE alone promises
-- no order, and two statements could deadlock.

CREATE FUNCTION count_inserted_bookings()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
AS $$
BEGIN
    PERFORM FROM events WHERE id IN (SELECT event_id FROM new_rows WHERE status = 'confirmed') ORDER BY id FOR NO KEY UPDATE;
    UPDATE events
    SET bookings_count = bookings_count + change.bookings,
        tickets_sold = tickets_sold + change.tickets,
        revenue = events.revenue + change.revenue,
        tickets_checked_in = tickets_checked_in + change.checked_in
    FROM (
        SELECT
            event_id,
            count(*) AS bookings,
            sum(quantity) AS tickets,
            sum(total_amount) AS revenue,
            sum(tickets_checked_in) AS checked_in
        FROM new_rows
        WHERE status = 'confirmed'
        GROUP BY event_id
    ) AS change
    WHERE events.id = change.event_id;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION count_inserted_bookings() IS 'Trigger: adds new confirmed bookings to their events'' counters.';
REVOKE EXECUTE ON FUNCTION count_inserted_bookings() FROM PUBLIC;

CREATE FUNCTION count_updated_bookings()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
AS $$
BEGIN
    PERFORM FROM events WHERE id IN (SELECT event_id FROM new_rows) ORDER BY id FOR NO KEY UPDATE;
    UPDATE events
    SET bookings_count = bookings_count + change.bookings,
        tickets_sold = tickets_sold + change.tickets,
        revenue = events.revenue + change.revenue,
        tickets_checked_in = tickets_checked_in + change.checked_in
    FROM (
        SELECT
            event_id,
            sum(sign) AS bookings,
            sum(sign * quantity) AS tickets,
            sum(sign * total_amount) AS revenue,
            sum(sign * tickets_checked_in) AS checked_in
        FROM (
            SELECT 1 AS sign, event_id, quantity, total_amount, tickets_checked_in, status FROM new_rows
            UNION ALL
            SELECT -1, event_id, quantity, total_amount, tickets_checked_in, status FROM old_rows
        ) AS version
        WHERE status = 'confirmed'
        GROUP BY event_id
    ) AS change
    WHERE events.id = change.event_id;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION count_updated_bookings() IS 'Trigger: what changed about confirmed bookings goes into their events'' counters.';
REVOKE EXECUTE ON FUNCTION count_updated_bookings() FROM PUBLIC;

CREATE FUNCTION count_deleted_bookings()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
AS $$
BEGIN
    PERFORM FROM events WHERE id IN (SELECT event_id FROM old_rows WHERE status = 'confirmed') ORDER BY id FOR NO KEY UPDATE;
    UPDATE events
    SET bookings_count = bookings_count + change.bookings,
        tickets_sold = tickets_sold + change.tickets,
        revenue = events.revenue + change.revenue,
        tickets_checked_in = tickets_checked_in + change.checked_in
    FROM (
        SELECT
            event_id,
            -count(*) AS bookings,
            -sum(quantity) AS tickets,
            -sum(total_amount) AS revenue,
            -sum(tickets_checked_in) AS checked_in
        FROM old_rows
        WHERE status = 'confirmed'
        GROUP BY event_id
    ) AS change
    WHERE events.id = change.event_id;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION count_deleted_bookings() IS 'Trigger: takes deleted confirmed bookings out of their events'' counters.';
REVOKE EXECUTE ON FUNCTION count_deleted_bookings() FROM PUBLIC;

CREATE TRIGGER bookings_count_inserted
AFTER INSERT ON bookings
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_inserted_bookings();
COMMENT ON TRIGGER bookings_count_inserted ON bookings IS 'Keeps the counters of events.';

CREATE TRIGGER bookings_count_updated
AFTER UPDATE ON bookings
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_updated_bookings();
COMMENT ON TRIGGER bookings_count_updated ON bookings IS 'Keeps the counters of events.';

CREATE TRIGGER bookings_count_deleted
AFTER DELETE ON bookings
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_deleted_bookings();
COMMENT ON TRIGGER bookings_count_deleted ON bookings IS 'Keeps the counters of events.';

-- Used tickets count on their booking, and from there, by the triggers above, on the event: so
-- cancelling or deleting a booking takes its used tickets out of the event's counter as well.
CREATE FUNCTION count_inserted_tickets()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
AS $$
BEGIN
    -- The usual case: no booking is touched.
    IF NOT EXISTS (SELECT FROM new_rows WHERE status = 'used') THEN
        RETURN NULL;
    END IF;
    PERFORM FROM bookings WHERE id IN (SELECT booking_id FROM new_rows WHERE status = 'used') ORDER BY id FOR NO KEY UPDATE;
    UPDATE bookings
    SET tickets_checked_in = tickets_checked_in + change.checked_in
    FROM (
        SELECT booking_id, count(*) AS checked_in
        FROM new_rows
        WHERE status = 'used'
        GROUP BY booking_id
    ) AS change
    WHERE bookings.id = change.booking_id;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION count_inserted_tickets() IS 'Trigger: adds used tickets to their bookings'' counter.';
REVOKE EXECUTE ON FUNCTION count_inserted_tickets() FROM PUBLIC;

CREATE FUNCTION count_updated_tickets()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
AS $$
BEGIN
    -- The usual case: no booking is touched.
    IF NOT EXISTS (SELECT FROM new_rows WHERE status = 'used' UNION ALL SELECT FROM old_rows WHERE status = 'used') THEN
        RETURN NULL;
    END IF;
    PERFORM FROM bookings WHERE id IN (SELECT booking_id FROM new_rows) ORDER BY id FOR NO KEY UPDATE;
    UPDATE bookings
    SET tickets_checked_in = tickets_checked_in + change.checked_in
    FROM (
        SELECT booking_id, sum(sign) AS checked_in
        FROM (
            SELECT 1 AS sign, booking_id, status FROM new_rows
            UNION ALL
            SELECT -1, booking_id, status FROM old_rows
        ) AS version
        WHERE status = 'used'
        GROUP BY booking_id
        HAVING sum(sign) <> 0
    ) AS change
    WHERE bookings.id = change.booking_id;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION count_updated_tickets() IS 'Trigger: tickets that became used, or are so no longer, go into their bookings'' counter.';
REVOKE EXECUTE ON FUNCTION count_updated_tickets() FROM PUBLIC;

CREATE FUNCTION count_deleted_tickets()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
AS $$
BEGIN
    -- The usual case: no booking is touched.
    IF NOT EXISTS (SELECT FROM old_rows WHERE status = 'used') THEN
        RETURN NULL;
    END IF;
    PERFORM FROM bookings WHERE id IN (SELECT booking_id FROM old_rows WHERE status = 'used') ORDER BY id FOR NO KEY UPDATE;
    UPDATE bookings
    SET tickets_checked_in = tickets_checked_in + change.checked_in
    FROM (
        SELECT booking_id, -count(*) AS checked_in
        FROM old_rows
        WHERE status = 'used'
        GROUP BY booking_id
    ) AS change
    WHERE bookings.id = change.booking_id;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION count_deleted_tickets() IS 'Trigger: takes deleted used tickets out of their bookings'' counter.';
REVOKE EXECUTE ON FUNCTION count_deleted_tickets() FROM PUBLIC;

CREATE TRIGGER tickets_count_inserted
AFTER INSERT ON tickets
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_inserted_tickets();
COMMENT ON TRIGGER tickets_count_inserted ON tickets IS 'Keeps the counter of bookings.';

CREATE TRIGGER tickets_count_updated
AFTER UPDATE ON tickets
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_updated_tickets();
COMMENT ON TRIGGER tickets_count_updated ON tickets IS 'Keeps the counter of bookings.';

CREATE TRIGGER tickets_count_deleted
AFTER DELETE ON tickets
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_deleted_tickets();
COMMENT ON TRIGGER tickets_count_deleted ON tickets IS 'Keeps the counter of bookings.';

-- event_words, kept by triggers on events. UPDATE has a row-level trigger with a column list,
-- because the counters' updates, the hot path, must not pay for it.

CREATE FUNCTION change_event_words(
    p_gone text[],
    p_come text[]
)
RETURNS void
LANGUAGE plpgsql
VOLATILE
AS $$
BEGIN
    -- This statement takes the rows of all the words, in their order, so that two writers cannot
    -- deadlock: what goes is added 0 times, and taken away below.
    INSERT INTO event_words (word, events_count)
    SELECT word, count(*) FILTER (WHERE come)
    FROM (
        SELECT word, true AS come FROM unnest(p_come) AS word
        UNION ALL
        SELECT word, false FROM unnest(p_gone) AS word
    ) AS change
    WHERE char_length(word) <= 60
    GROUP BY word
    ORDER BY word
    ON CONFLICT (word) DO UPDATE SET events_count = event_words.events_count + excluded.events_count;

    UPDATE event_words
    SET events_count = event_words.events_count - gone.events_count
    FROM (SELECT word, count(*) AS events_count FROM unnest(p_gone) AS word GROUP BY word) AS gone
    WHERE event_words.word = gone.word;
    DELETE FROM event_words WHERE word = ANY (p_gone) AND events_count = 0;
END;
$$;
COMMENT ON FUNCTION change_event_words(text[], text[]) IS 'Counts each of the words that are gone once less and each that has come once more, as often as it is in its array.';
REVOKE EXECUTE ON FUNCTION change_event_words(text[], text[]) FROM PUBLIC;

CREATE FUNCTION keep_event_words()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
AS $$
DECLARE
    v_gone text[] := '{}';
    v_come text[] := '{}';
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM change_event_words('{}', array_agg(word))
        FROM new_rows, unnest(search_words(title || ' ' || venue)) AS word
        WHERE status = 'active';
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM change_event_words(array_agg(word), '{}')
        FROM old_rows, unnest(search_words(title || ' ' || venue)) AS word
        WHERE status = 'active';
    ELSE
        IF OLD.status = 'active' THEN
            v_gone := search_words(OLD.title || ' ' || OLD.venue);
        END IF;
        IF NEW.status = 'active' THEN
            v_come := search_words(NEW.title || ' ' || NEW.venue);
        END IF;
        PERFORM change_event_words(
            ARRAY(SELECT unnest(v_gone) EXCEPT SELECT unnest(v_come)),
            ARRAY(SELECT unnest(v_come) EXCEPT SELECT unnest(v_gone))
        );
    END IF;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION keep_event_words() IS 'Trigger: keeps event_words equal to the words of active events.';
REVOKE EXECUTE ON FUNCTION keep_event_words() FROM PUBLIC;

CREATE TRIGGER events_words_inserted
AFTER INSERT ON events
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION keep_event_words();
COMMENT ON TRIGGER events_words_inserted ON events IS 'Keeps event_words.';

CREATE TRIGGER events_words_updated
AFTER UPDATE OF title, venue, status ON events
FOR EACH ROW WHEN ((OLD.title, OLD.venue, OLD.status) IS DISTINCT FROM (NEW.title, NEW.venue, NEW.status))
EXECUTE FUNCTION keep_event_words();
COMMENT ON TRIGGER events_words_updated ON events IS 'Keeps event_words.';

CREATE TRIGGER events_words_deleted
AFTER DELETE ON events
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION keep_event_words();
COMMENT ON TRIGGER events_words_deleted ON events IS 'Keeps event_words.';

-- Searching active events. Two stages: events that contain every word typed; only when there
-- is none, events that contain every word after typing errors are put right.

CREATE FUNCTION like_contains(p_text text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN '%' || regexp_replace(p_text, '([%_\\])', '\\\1', 'g') || '%';
COMMENT ON FUNCTION like_contains(text) IS 'A LIKE pattern for text that contains exactly this text.';

CREATE FUNCTION correct_word(p_word text)
RETURNS text[]
LANGUAGE plpgsql
STABLE
PARALLEL SAFE
AS $$
BEGIN
    -- A mistyped long word shares fewer trigrams than % asks for by default. Not as a SET clause
    -- of the function: who restores a dump may not give one, unless pg_trgm is loaded by then.
    PERFORM set_config('pg_trgm.similarity_threshold', '0.2', true);
    RETURN (
        WITH allowed AS (
            SELECT CASE
                WHEN char_length(p_word) < 3 THEN 0
                WHEN char_length(p_word) < 6 THEN 1
                ELSE 2
            END AS errors
        ),
        candidates AS (
            SELECT word FROM event_words WHERE one_letter_shorter && one_letter_shorter(p_word)
            UNION
            SELECT word FROM event_words WHERE char_length(p_word) >= 6 AND word % p_word
        ),
        -- What was meant, if two neighbouring letters were swapped: that counts as one error.
        swapped AS (
            SELECT overlay(p_word PLACING substr(p_word, place + 1, 1) || substr(p_word, place, 1) FROM place FOR 2) AS word
            FROM generate_series(1, char_length(p_word) - 1) AS place
        ),
        distances AS (
            SELECT
                candidates.word,
                least(
                    levenshtein_less_equal(p_word, candidates.word, 2),
                    1 + (SELECT min(levenshtein_less_equal(swapped.word, candidates.word, 1)) FROM swapped)
                ) AS errors
            FROM candidates
            WHERE abs(char_length(candidates.word) - char_length(p_word)) <= 2
        )
        SELECT coalesce(array_agg(word ORDER BY word), '{}')
        FROM distances
        WHERE errors <= (SELECT errors FROM allowed)
            AND errors = (SELECT min(errors) FROM distances)
    );
END;
$$;
COMMENT ON FUNCTION correct_word(text) IS 'The words of active events nearest to a mistyped one: up to one error (insertion, deletion, substitution, swapped neighbours) in 3 to 5 letters, two from 6 on. Empty when none is near.';
REVOKE EXECUTE ON FUNCTION correct_word(text) FROM PUBLIC;

CREATE FUNCTION corrected_pattern(p_word text)
RETURNS text
LANGUAGE sql
STABLE
PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN EXISTS (SELECT FROM event_words WHERE word LIKE like_contains(p_word)) THEN p_word
        ELSE (SELECT string_agg(near, '|') FROM unnest(correct_word(p_word)) AS near)
    END;
$$;
COMMENT ON FUNCTION corrected_pattern(text) IS 'A regular expression for the word, or for the words nearest to it when no active event contains it. NULL when none is near. The word consists of letters and digits only.';
REVOKE EXECUTE ON FUNCTION corrected_pattern(text) FROM PUBLIC;

CREATE FUNCTION search_events(
    p_search text,
    p_from timestamptz,
    p_to timestamptz,
    p_from_date date,
    p_to_date date
)
RETURNS TABLE (event_id bigint, date_time timestamptz, match_class integer)
LANGUAGE plpgsql
STABLE
PARALLEL SAFE
-- Which index is best depends on the words, so a plan is made for each search.
SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
DECLARE
    -- Longest first: the longest word is the most selective and goes through the index.
    v_typed constant text[] := ARRAY(
        SELECT word
        FROM regexp_split_to_table(search_text(p_search), '\s+') AS word
        WHERE word <> ''
        ORDER BY char_length(word) DESC
    );
    v_contained constant text[] := ARRAY(SELECT like_contains(word) FROM unnest(v_typed) AS word);
    v_word_starts constant text[] := ARRAY(SELECT '% ' || ltrim(like_contains(word), '%') FROM unnest(v_typed) AS word);
    v_corrected text[];
BEGIN
    RETURN QUERY
    SELECT
        id,
        date_time::timestamptz,
        CASE
            WHEN ' ' || search_text(title) LIKE ALL (v_word_starts) THEN 1
            WHEN search_text(title) LIKE ALL (v_contained) THEN 2
            ELSE 3
        END
    FROM events
    WHERE status = 'active'
        AND search_text LIKE v_contained[1]
        AND search_text LIKE ALL (v_contained)
        AND date_time >= p_from
        AND date_time < p_to
        AND (p_from_date IS NULL OR timezone(time_zone, date_time)::date >= p_from_date)
        AND (p_to_date IS NULL OR timezone(time_zone, date_time)::date <= p_to_date);
    IF FOUND THEN
        RETURN;
    END IF;

    SELECT array_agg(corrected_pattern(word) ORDER BY char_length(word) DESC)
    INTO v_corrected
    FROM unnest(search_words(p_search)) AS word;
    IF v_corrected IS NULL OR array_position(v_corrected, NULL) IS NOT NULL THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT id, date_time::timestamptz, 4
    FROM events
    WHERE status = 'active'
        AND search_text ~ v_corrected[1]
        AND search_text ~ ALL (v_corrected)
        AND date_time >= p_from
        AND date_time < p_to
        AND (p_from_date IS NULL OR timezone(time_zone, date_time)::date >= p_from_date)
        AND (p_to_date IS NULL OR timezone(time_zone, date_time)::date <= p_to_date);
END;
$$;
COMMENT ON FUNCTION search_events(text, timestamptz, timestamptz, date, date) IS 'Active events with every word of the search, each with its match class: 1 every word begins a word of the title, 2 the title contains every word, 3 title and venue do, 4 only after correcting typing errors. The dates, if given, are whole days in each event''s zone.';
REVOKE EXECUTE ON FUNCTION search_events(text, timestamptz, timestamptz, date, date) FROM PUBLIC;

CREATE FUNCTION events_containing(p_search text)
RETURNS SETOF bigint
LANGUAGE plpgsql
STABLE
PARALLEL SAFE
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    v_contained constant text[] := ARRAY(
        SELECT like_contains(word)
        FROM regexp_split_to_table(search_text(p_search), '\s+') AS word
        ORDER BY char_length(word) DESC
    );
BEGIN
    RETURN QUERY
    SELECT id
    FROM events
    WHERE events.search_text LIKE v_contained[1]
        AND events.search_text LIKE ALL (v_contained);
END;
$$;
COMMENT ON FUNCTION events_containing(text) IS 'The ids of events of any status whose title and venue contain every word of the search as typed, for admins.';
REVOKE EXECUTE ON FUNCTION events_containing(text) FROM PUBLIC;

-- A booking as its owner sees it, ticket codes included. A function and not a view: views are
-- for people who must not see codes.

CREATE FUNCTION booking_with_tickets(p_booking_id bigint)
RETURNS TABLE (
    id bigint,
    user_id bigint,
    event_id bigint,
    quantity integer,
    unit_price numeric,
    total_amount numeric,
    status booking_status,
    booking_date timestamptz,
    cancelled_at timestamptz,
    booked_by bigint,
    cancellable boolean,
    event_title text,
    event_venue text,
    event_date_time timestamptz,
    event_time_zone text,
    event_status event_status,
    tickets jsonb
)
LANGUAGE sql
STABLE
AS $$
    SELECT
        bookings.id,
        bookings.user_id,
        bookings.event_id,
        bookings.quantity,
        bookings.unit_price,
        bookings.total_amount,
        bookings.status,
        bookings.booking_date,
        bookings.cancelled_at,
        bookings.booked_by,
        bookings.status = 'confirmed'
            AND bookings.tickets_checked_in = 0
            AND events.bookable,
        events.title,
        events.venue,
        events.date_time,
        events.time_zone,
        events.status,
        (
            SELECT jsonb_agg(
                jsonb_build_object('id', tickets.id, 'ticket_code', ticket_code, 'status', tickets.status, 'used_at', used_at)
                ORDER BY tickets.id
            )
            FROM tickets
            WHERE tickets.booking_id = bookings.id
        )
    FROM bookings
    JOIN events ON events.id = bookings.event_id
    WHERE bookings.id = p_booking_id;
$$;
COMMENT ON FUNCTION booking_with_tickets(bigint) IS 'A booking with its event and its tickets, codes included, for its owner.';
REVOKE EXECUTE ON FUNCTION booking_with_tickets(bigint) FROM PUBLIC;

-- book_tickets: the heart. It decides about booking requests and writes bookings and tickets,
-- in one call. The batch form takes many requests, because one lock, one commit and one INSERT
-- for a hundred customers cost little more than for one; the single form is a batch of one.
--
-- How a batch goes:
--   1. Without any lock, one statement reads all that decides about each request. Replays and
--      refusals are answered from it: a sold-out rush waits for nobody.
--   2. The events of the others are locked, in id order, then their idempotency keys, and the
--      same statement is read again: what it says now stays true until commit.
--   3. Capacity is given in arrival order; a request too large for what is left is refused and
--      does not stand in the way of a smaller one behind it.
--   4. All bookings are inserted by one statement, all tickets by another. The triggers on
--      bookings move the counters, and events_never_oversold has the last word.
-- Who writes bookings by hand takes no lock of a key. A booking whose key was committed that way
-- meanwhile is not inserted; 3 and 4 are then repeated for what is undecided, and it is found.

CREATE FUNCTION booking_requests(
    p_user_ids bigint[],
    p_event_ids bigint[],
    p_quantities integer[],
    p_idempotency_keys text[],
    p_booked_by bigint[],
    p_expected_totals numeric[],
    p_pending integer[]
)
RETURNS TABLE (
    request_no integer,
    event_id bigint,
    quantity integer,
    first_no integer,
    event_no integer,
    earlier_booking_id bigint,
    earlier_event_id bigint,
    earlier_quantity integer,
    unit_price numeric,
    available integer,
    event_has_a_fit boolean,
    error_code text,
    error_detail jsonb
)
LANGUAGE sql
STABLE
AS $$
    SELECT
        request.no,
        request.event_id,
        request.quantity,
        CASE WHEN request.key IS NULL THEN request.no
            ELSE min(request.no) OVER (PARTITION BY request.user_id, request.key)
        END,
        dense_rank() OVER (ORDER BY request.event_id),
        earlier.id,
        earlier.event_id,
        earlier.quantity,
        events.price,
        events.tickets_available,
        coalesce(
            bool_or(request.quantity <= events.tickets_available AND refusal.code IS NULL AND earlier.id IS NULL)
                OVER (PARTITION BY request.event_id),
            false
        ),
        refusal.code,
        CASE refusal.code
            WHEN '23514' THEN jsonb_build_object('constraint', 'bookings_idempotency_key_visible_ascii')
            WHEN 'TK003' THEN jsonb_build_object(
                'reason', CASE events.status WHEN 'active' THEN 'started' ELSE events.status::text END
            )
            WHEN 'TK004' THEN jsonb_build_object('limit', events.max_tickets_per_booking)
            WHEN 'TK016' THEN jsonb_build_object('total_amount', (events.price * request.quantity)::text)
            ELSE '{}'
        END
    FROM (
        SELECT ordinality::integer AS no, user_id, event_id, quantity, key, coalesce(booked_by, user_id) AS booked_by, expected_total
        FROM unnest(p_user_ids, p_event_ids, p_quantities, p_idempotency_keys, p_booked_by, p_expected_totals)
            WITH ORDINALITY AS given (user_id, event_id, quantity, key, booked_by, expected_total)
        WHERE ordinality = ANY (p_pending)
    ) AS request
    LEFT JOIN bookings AS earlier ON earlier.user_id = request.user_id AND earlier.idempotency_key = request.key
    LEFT JOIN users AS customer ON customer.id = request.user_id
    LEFT JOIN users AS booker ON booker.id = request.booked_by
    LEFT JOIN events ON events.id = request.event_id
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN char_length(request.key) NOT BETWEEN 1 AND 64 OR request.key ~ '[^!-~]' THEN '23514'
            WHEN customer.id IS NULL OR booker.id IS NULL THEN 'TK008'
            WHEN events.id IS NULL THEN 'TK002'
            WHEN NOT events.bookable THEN 'TK003'
            WHEN coalesce(request.quantity, 0) NOT BETWEEN 1 AND events.max_tickets_per_booking THEN 'TK004'
            WHEN request.expected_total <> events.price * request.quantity THEN 'TK016'
        END AS code
    ) AS refusal
    ORDER BY request.no;
$$;
COMMENT ON FUNCTION booking_requests(bigint[], bigint[], integer[], text[], bigint[], numeric[], integer[]) IS 'For book_tickets: the pending requests in arrival order, each with the booking its key already made, the state of its event and, but for capacity, the refusal it deserves. first_no: the first pending request with the same customer and key. event_no: 1, 2, ... for the distinct events. event_has_a_fit: some request for this event may yet be given tickets.';
REVOKE EXECUTE ON FUNCTION booking_requests(bigint[], bigint[], integer[], text[], bigint[], numeric[], integer[]) FROM PUBLIC;

CREATE FUNCTION book_tickets(
    p_user_ids bigint[],
    p_event_ids bigint[],
    p_quantities integer[],
    p_idempotency_keys text[],
    p_booked_by bigint[],
    p_expected_totals numeric[]
)
RETURNS TABLE (
    request_no integer,
    replayed boolean,
    error_code text,
    error_detail jsonb,
    id bigint,
    user_id bigint,
    event_id bigint,
    quantity integer,
    unit_price numeric,
    total_amount numeric,
    status booking_status,
    booking_date timestamptz,
    cancelled_at timestamptz,
    booked_by bigint,
    cancellable boolean,
    event_title text,
    event_venue text,
    event_date_time timestamptz,
    event_time_zone text,
    event_status event_status,
    tickets jsonb
)
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '1s'
-- One plan for batches of every size, through the indexes: planning these statements anew costs
-- more than running them, and a plan made while tables are small must not scan them later.
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
    v_count constant integer := coalesce(cardinality(p_user_ids), 0);
    v_nulls constant bigint[] := array_fill(NULL::bigint, ARRAY[v_count]);
    -- The answers, by request number.
    v_booking_ids bigint[] := v_nulls;
    v_replayed boolean[] := array_fill(false, ARRAY[v_count]);
    v_error_codes text[] := v_nulls::text[];
    v_error_details jsonb[] := array_fill(NULL::jsonb, ARRAY[v_count]);
    -- The state of one round.
    v_locked boolean := false;
    v_pending integer[] := ARRAY(SELECT generate_series(1, v_count));
    v_undecided integer[];
    v_taken integer[];           -- by event_no: tickets given in this round
    v_accepted integer[];        -- request numbers to insert
    v_unit_prices numeric[];     -- beside v_accepted
    v_accepted_by_key integer[]; -- by first_no: the request accepted for this key
    v_inserted bigint[];
    v_same integer;
    r record;
BEGIN
    IF (cardinality(p_event_ids), cardinality(p_quantities), cardinality(p_idempotency_keys), cardinality(p_booked_by),
        cardinality(p_expected_totals)) IS DISTINCT FROM (v_count, v_count, v_count, v_count, v_count)
    THEN
        RAISE EXCEPTION 'the arrays of a batch differ in length' USING ERRCODE = 'array_subscript_error';
    END IF;

    WHILE cardinality(v_pending) > 0 LOOP
        v_undecided := '{}';
        v_taken := array_fill(0, ARRAY[v_count]);
        v_accepted := '{}';
        v_unit_prices := '{}';
        v_accepted_by_key := v_nulls::integer[];
        FOR r IN
            SELECT *
            FROM booking_requests(p_user_ids, p_event_ids, p_quantities, p_idempotency_keys, p_booked_by, p_expected_totals, v_pending)
        LOOP
            v_same := v_accepted_by_key[r.first_no];
            v_booking_ids[r.request_no] := coalesce(r.earlier_booking_id, v_booking_ids[v_same]);
            v_replayed[r.request_no] := v_booking_ids[r.request_no] IS NOT NULL;
            v_error_codes[r.request_no] := NULL;
            v_error_details[r.request_no] := NULL;
            IF v_replayed[r.request_no] THEN
                IF (r.event_id, r.quantity) IS DISTINCT FROM (
                    coalesce(r.earlier_event_id, p_event_ids[v_same]), coalesce(r.earlier_quantity, p_quantities[v_same])
                ) THEN
                    v_error_codes[r.request_no] := 'TK007';
                    v_error_details[r.request_no] := '{}';
                END IF;
            ELSIF NOT v_locked AND r.first_no < r.request_no THEN
                -- What the same key did just before it decides, and that is not known yet.
                v_undecided := v_undecided || r.request_no;
            ELSIF r.error_code IS NOT NULL THEN
                v_error_codes[r.request_no] := r.error_code;
                v_error_details[r.request_no] := r.error_detail;
            ELSIF NOT v_locked AND r.event_has_a_fit THEN
                v_undecided := v_undecided || r.request_no;
            ELSIF r.quantity > r.available - v_taken[r.event_no] THEN
                v_error_codes[r.request_no] := 'TK001';
                v_error_details[r.request_no] := jsonb_build_object('available', r.available - v_taken[r.event_no]);
            ELSE
                v_booking_ids[r.request_no] := nextval('bookings_id_seq');
                v_taken[r.event_no] := v_taken[r.event_no] + r.quantity;
                v_accepted := v_accepted || r.request_no;
                v_unit_prices := v_unit_prices || r.unit_price;
                v_accepted_by_key[r.first_no] := r.request_no;
            END IF;
        END LOOP;

        IF NOT v_locked THEN
            v_locked := true;
            v_pending := v_undecided;
            PERFORM FROM events
            WHERE id IN (SELECT p_event_ids[no] FROM unnest(v_pending) AS no)
            ORDER BY id
            FOR NO KEY UPDATE;
            -- One customer's key may be under way for another event. To find that out by the
            -- INSERT would be too late: it already holds other keys, that others wait for.
            PERFORM pg_advisory_xact_lock(key.number)
            FROM (
                SELECT DISTINCT hashtextextended(p_idempotency_keys[no], p_user_ids[no]) AS number
                FROM unnest(v_pending) AS no
                ORDER BY number
            ) AS key;
            CONTINUE;
        END IF;

        -- In the order of keys, so that two processes with the same keys cannot deadlock.
        WITH inserted AS (
            INSERT INTO bookings (id, user_id, event_id, quantity, unit_price, total_amount, booked_by, idempotency_key)
            OVERRIDING SYSTEM VALUE
            SELECT
                v_booking_ids[no],
                p_user_ids[no],
                p_event_ids[no],
                p_quantities[no],
                price,
                price * p_quantities[no],
                coalesce(p_booked_by[no], p_user_ids[no]),
                p_idempotency_keys[no]
            FROM unnest(v_accepted, v_unit_prices) AS accepted (no, price)
            ORDER BY p_user_ids[no], p_idempotency_keys[no]
            ON CONFLICT (user_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
            RETURNING id
        )
        SELECT coalesce(array_agg(id), '{}') INTO v_inserted FROM inserted;

        INSERT INTO tickets (booking_id)
        SELECT v_booking_ids[no]
        FROM unnest(v_accepted) AS no, generate_series(1, p_quantities[no])
        WHERE v_booking_ids[no] = ANY (v_inserted);

        EXIT WHEN cardinality(v_inserted) = cardinality(v_accepted);
        v_pending := ARRAY(
            SELECT no FROM unnest(v_pending) AS no WHERE v_booking_ids[no] = ANY (v_inserted) IS NOT TRUE ORDER BY no
        );
    END LOOP;

    RETURN QUERY
    SELECT answer.no::integer, answer.replayed AND answer.error_code IS NULL, answer.error_code, answer.error_detail, booking.*
    FROM unnest(v_booking_ids, v_replayed, v_error_codes, v_error_details)
        WITH ORDINALITY AS answer (booking_id, replayed, error_code, error_detail, no)
    LEFT JOIN LATERAL booking_with_tickets(answer.booking_id) AS booking ON answer.error_code IS NULL
    ORDER BY answer.no;
END;
$$;
COMMENT ON FUNCTION book_tickets(bigint[], bigint[], integer[], text[], bigint[], numeric[]) IS 'Many booking requests as parallel arrays (customer, event, quantity, idempotency key or NULL, who presses the button or NULL for the customer, expected total or NULL): one row for each, in order, with the booking and its tickets, or the SQLSTATE and detail it would have raised alone. One request''s failure touches no other. Waits for a lock at most a second (55P03).';
REVOKE EXECUTE ON FUNCTION book_tickets(bigint[], bigint[], integer[], text[], bigint[], numeric[]) FROM PUBLIC;

CREATE FUNCTION book_tickets(
    p_user_id bigint,
    p_event_id bigint,
    p_quantity integer,
    p_idempotency_key text DEFAULT NULL,
    p_booked_by bigint DEFAULT NULL,
    p_expected_total numeric DEFAULT NULL
)
RETURNS TABLE (
    id bigint,
    user_id bigint,
    event_id bigint,
    quantity integer,
    unit_price numeric,
    total_amount numeric,
    status booking_status,
    booking_date timestamptz,
    booked_by bigint,
    event_title text,
    ticket_codes text[],
    replayed boolean
)
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    v_outcome record;
BEGIN
    SELECT *
    INTO v_outcome
    FROM book_tickets(
        ARRAY[p_user_id], ARRAY[p_event_id], ARRAY[p_quantity], ARRAY[p_idempotency_key], ARRAY[p_booked_by], ARRAY[p_expected_total]
    );
    IF v_outcome.error_code IS NOT NULL THEN
        PERFORM raise_problem(v_outcome.error_code, v_outcome.error_detail);
    END IF;
    RETURN QUERY
    SELECT
        v_outcome.id,
        v_outcome.user_id,
        v_outcome.event_id,
        v_outcome.quantity,
        v_outcome.unit_price,
        v_outcome.total_amount,
        v_outcome.status,
        v_outcome.booking_date,
        v_outcome.booked_by,
        v_outcome.event_title,
        ARRAY(SELECT ticket ->> 'ticket_code' FROM jsonb_array_elements(v_outcome.tickets) AS ticket),
        v_outcome.replayed;
END;
$$;
COMMENT ON FUNCTION book_tickets(bigint, bigint, integer, text, bigint, numeric) IS 'Books tickets: checks and writes in one call, and returns the booking and its ticket codes, or raises TK001 to TK008 or TK016. The same customer and key again returns the booking as it is now. p_booked_by: who presses the button, by default the customer. p_expected_total: refuse when price times quantity is not this.';
REVOKE EXECUTE ON FUNCTION book_tickets(bigint, bigint, integer, text, bigint, numeric) FROM PUBLIC;

-- cancel_booking: a booking and its tickets become cancelled, once, and its tickets are on sale
-- again. Repeating it changes nothing.

CREATE FUNCTION cancel_booking(
    p_booking_id bigint,
    p_actor_id bigint
)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '1s'
AS $$
DECLARE
    v_booking bookings;
    v_event events;
    v_reason text;
BEGIN
    -- Lock order: event, booking, tickets.
    SELECT events.*
    INTO v_event
    FROM events
    WHERE id = (SELECT event_id FROM bookings WHERE id = p_booking_id)
    FOR NO KEY UPDATE;
    SELECT bookings.*
    INTO v_booking
    FROM bookings
    WHERE id = p_booking_id
        AND (user_id = p_actor_id OR EXISTS (SELECT FROM users WHERE id = p_actor_id AND role = 'admin'))
    FOR NO KEY UPDATE;
    IF v_booking.id IS NULL THEN
        PERFORM raise_problem('TK005');
    END IF;
    IF v_booking.status = 'cancelled' THEN
        RETURN;
    END IF;

    v_reason := CASE
        WHEN v_booking.tickets_checked_in > 0 THEN 'ticket-used'
        WHEN v_event.status <> 'active' THEN 'event-' || v_event.status
        WHEN v_event.date_time <= now() THEN 'event-started'
    END;
    IF v_reason IS NOT NULL THEN
        PERFORM raise_problem('TK006', jsonb_build_object('reason', v_reason));
    END IF;

    UPDATE bookings
    SET status = 'cancelled',
        cancelled_at = greatest(now(), booking_date)
    WHERE id = p_booking_id;
    UPDATE tickets
    SET status = 'cancelled'
    WHERE booking_id = p_booking_id;
    INSERT INTO activity (actor_id, action, event_id, booking_id, user_id, detail)
    VALUES (
        p_actor_id,
        'booking-cancelled',
        v_booking.event_id,
        p_booking_id,
        v_booking.user_id,
        jsonb_build_object('quantity', v_booking.quantity, 'total_amount', v_booking.total_amount::text)
    );
END;
$$;
COMMENT ON FUNCTION cancel_booking(bigint, bigint) IS 'Cancels a booking and its tickets; cancelled already, it stays as it is. Raises TK005 when it is unknown or neither the actor''s own nor the actor an admin, TK006 when a ticket was used, or the event has started, is completed or cancelled.';
REVOKE EXECUTE ON FUNCTION cancel_booking(bigint, bigint) FROM PUBLIC;

-- create_event: an admin puts an event on sale.

CREATE FUNCTION create_event(
    p_title text,
    p_description text,
    p_venue text,
    p_date_time timestamptz,
    p_time_zone text,
    p_capacity integer,
    p_price numeric,
    p_max_tickets_per_booking integer,
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
    v_event_id bigint;
BEGIN
    IF p_date_time <= now() THEN
        PERFORM raise_problem('TK015');
    END IF;
    INSERT INTO events (title, description, venue, date_time, time_zone, capacity, price, max_tickets_per_booking)
    VALUES (p_title, p_description, p_venue, p_date_time, p_time_zone, p_capacity, p_price, p_max_tickets_per_booking)
    RETURNING id INTO v_event_id;
    INSERT INTO activity (actor_id, action, event_id, detail)
    VALUES (p_actor_id, 'event-created', v_event_id, jsonb_build_object('title', p_title));
    RETURN v_event_id;
END;
$$;
COMMENT ON FUNCTION create_event(text, text, text, timestamptz, text, integer, numeric, integer, bigint) IS 'Creates an active event and returns its id. Raises TK015 when it would start in the past; what a row alone can break is refused by the CHECKs of events.';
REVOKE EXECUTE ON FUNCTION create_event(text, text, text, timestamptz, text, integer, numeric, integer, bigint) FROM PUBLIC;

-- update_event: an admin edits an event or ends it. Cancelling cancels its bookings and unused
-- tickets in the same transaction; with very many bookings that takes seconds, and callers
-- need a statement_timeout to match (240,000 bookings: about 15 s).

CREATE FUNCTION editable_fields(p_event events)
RETURNS jsonb
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN jsonb_build_object(
    'title', p_event.title,
    'description', p_event.description,
    'venue', p_event.venue,
    -- As an instant in UTC, whatever the session's time zone.
    'date_time', to_char(timezone('UTC', p_event.date_time), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'time_zone', p_event.time_zone,
    'capacity', p_event.capacity,
    'price', p_event.price::text,
    'max_tickets_per_booking', p_event.max_tickets_per_booking,
    'status', p_event.status
);
COMMENT ON FUNCTION editable_fields(events) IS 'For update_event: what of an event can be edited, as the activity log shows it.';

CREATE FUNCTION cancel_bookings_of_event(p_event_id bigint)
RETURNS jsonb
LANGUAGE plpgsql
VOLATILE
AS $$
DECLARE
    v_bookings integer;
    v_tickets integer;
BEGIN
    PERFORM FROM bookings WHERE event_id = p_event_id AND status = 'confirmed' ORDER BY id FOR NO KEY UPDATE;
    UPDATE tickets
    SET status = 'cancelled'
    FROM bookings
    WHERE bookings.id = tickets.booking_id
        AND bookings.event_id = p_event_id
        AND bookings.status = 'confirmed'
        AND tickets.status = 'active';
    GET DIAGNOSTICS v_tickets = ROW_COUNT;
    UPDATE bookings
    SET status = 'cancelled',
        cancelled_at = greatest(now(), booking_date)
    WHERE event_id = p_event_id
        AND status = 'confirmed';
    GET DIAGNOSTICS v_bookings = ROW_COUNT;
    RETURN jsonb_build_object('bookings_cancelled', v_bookings, 'tickets_cancelled', v_tickets);
END;
$$;
COMMENT ON FUNCTION cancel_bookings_of_event(bigint) IS 'For update_event: cancels all confirmed bookings of an event, and their unused tickets, and says how many.';
REVOKE EXECUTE ON FUNCTION cancel_bookings_of_event(bigint) FROM PUBLIC;

CREATE FUNCTION update_event(
    p_event_id bigint,
    p_title text,
    p_description text,
    p_venue text,
    p_date_time timestamptz,
    p_time_zone text,
    p_capacity integer,
    p_price numeric,
    p_max_tickets_per_booking integer,
    p_status event_status,
    p_expected_version integer,
    p_actor_id bigint
)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_was events;
    v_became events;
    v_old jsonb;
    v_new jsonb;
    v_detail jsonb := '{}';
BEGIN
    SELECT events.* INTO v_was FROM events WHERE id = p_event_id FOR NO KEY UPDATE;
    IF v_was.id IS NULL THEN
        PERFORM raise_problem('TK002');
    ELSIF v_was.version <> p_expected_version THEN
        PERFORM raise_problem('TK018', jsonb_build_object('version', v_was.version));
    END IF;

    v_became := v_was;
    v_became.title := p_title;
    v_became.description := p_description;
    v_became.venue := p_venue;
    v_became.date_time := p_date_time;
    v_became.time_zone := p_time_zone;
    v_became.capacity := p_capacity;
    v_became.price := p_price;
    v_became.max_tickets_per_booking := p_max_tickets_per_booking;
    v_became.status := p_status;
    v_old := editable_fields(v_was);
    v_new := editable_fields(v_became);
    IF v_old = v_new THEN
        RETURN;
    END IF;

    IF v_was.status <> 'active' THEN
        PERFORM raise_problem('TK013', jsonb_build_object('event_status', v_was.status));
    ELSIF p_capacity < v_was.tickets_sold THEN
        PERFORM raise_problem('TK014', jsonb_build_object('tickets_sold', v_was.tickets_sold));
    ELSIF v_became.date_time <> v_was.date_time AND v_became.date_time <= now() THEN
        PERFORM raise_problem('TK015');
    END IF;

    -- Bookings first: the update of the event locks shared rows of event_words.
    IF p_status = 'cancelled' THEN
        v_detail := cancel_bookings_of_event(p_event_id);
    END IF;
    UPDATE events
    SET title = v_became.title,
        description = v_became.description,
        venue = v_became.venue,
        date_time = v_became.date_time,
        time_zone = v_became.time_zone,
        capacity = v_became.capacity,
        price = v_became.price,
        max_tickets_per_booking = v_became.max_tickets_per_booking,
        status = v_became.status,
        version = version + 1,
        updated_at = now()
    WHERE id = p_event_id;
    INSERT INTO activity (actor_id, action, event_id, detail)
    SELECT
        p_actor_id,
        CASE p_status
            WHEN 'active' THEN 'event-edited'::activity_action
            WHEN 'cancelled' THEN 'event-cancelled'
            WHEN 'completed' THEN 'event-completed'
        END,
        p_event_id,
        v_detail || jsonb_build_object('was', jsonb_object_agg(key, v_old -> key), 'became', jsonb_object_agg(key, v_new -> key))
    FROM jsonb_object_keys(v_old) AS key
    WHERE v_old -> key <> v_new -> key;
END;
$$;
COMMENT ON FUNCTION update_event(bigint, text, text, text, timestamptz, text, integer, numeric, integer, event_status, integer, bigint) IS 'Edits an event; all fields are given. p_expected_version: refuse (TK018) when somebody edited it since; NULL: do not look. Raises TK002 unknown, TK013 no longer active, TK014 capacity below tickets sold, TK015 moved into the past. Status cancelled cancels its bookings and unused tickets. A new price touches no existing booking. Changing nothing raises no version.';
REVOKE EXECUTE ON FUNCTION update_event(bigint, text, text, text, timestamptz, text, integer, numeric, integer, event_status, integer, bigint) FROM PUBLIC;

-- check_in_ticket: a ticket admits exactly once, whatever two scanners do.

CREATE FUNCTION check_in_ticket(
    p_code text,
    p_event_id bigint,
    p_actor_id bigint
)
RETURNS TABLE (
    ticket_id bigint,
    ticket_code text,
    used_at timestamptz,
    booking_id bigint,
    booking_quantity integer,
    customer_name text,
    event_id bigint,
    event_title text,
    event_tickets_sold integer,
    event_tickets_checked_in integer
)
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
#variable_conflict use_column
DECLARE
    v_code constant text := parse_ticket_code(p_code);
    v_booking bookings;
    v_event events;
    v_ticket tickets;
BEGIN
    IF v_code IS NULL THEN
        PERFORM raise_problem('TK017');
    END IF;
    SELECT bookings.*
    INTO v_booking
    FROM tickets
    JOIN bookings ON bookings.id = tickets.booking_id
    WHERE tickets.ticket_code = v_code;
    IF v_booking.id IS NULL THEN
        PERFORM raise_problem('TK009');
    END IF;

    -- Lock order: event, booking, tickets.
    SELECT events.* INTO v_event FROM events WHERE id = v_booking.event_id FOR NO KEY UPDATE;
    PERFORM FROM bookings WHERE id = v_booking.id FOR NO KEY UPDATE;
    SELECT tickets.* INTO v_ticket FROM tickets WHERE tickets.ticket_code = v_code FOR NO KEY UPDATE;
    IF v_event.id <> p_event_id THEN
        PERFORM raise_problem('TK012', jsonb_build_object('event_title', v_event.title));
    ELSIF v_ticket.status = 'cancelled' THEN
        PERFORM raise_problem('TK011');
    ELSIF v_ticket.status = 'used' THEN
        PERFORM raise_problem(
            'TK010', jsonb_build_object('used_at', to_char(timezone('UTC', v_ticket.used_at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
        );
    END IF;

    UPDATE tickets SET status = 'used', used_at = now() WHERE id = v_ticket.id;
    INSERT INTO activity (actor_id, action, event_id, booking_id, ticket_id, user_id)
    VALUES (p_actor_id, 'ticket-admitted', v_event.id, v_booking.id, v_ticket.id, v_booking.user_id);
    RETURN QUERY
    SELECT
        v_ticket.id,
        v_ticket.ticket_code,
        now(),
        v_booking.id,
        v_booking.quantity,
        users.name,
        events.id,
        events.title,
        events.tickets_sold,
        events.tickets_checked_in
    FROM users, events
    WHERE users.id = v_booking.user_id
        AND events.id = v_event.id;
END;
$$;
COMMENT ON FUNCTION check_in_ticket(text, bigint, bigint) IS 'Admits the holder of a ticket code, once. p_event_id: refuse a ticket for another event; NULL: any event. Raises TK017 mistyped, TK009 unknown, TK012 for another event, TK011 cancelled, TK010 already used (and when).';
REVOKE EXECUTE ON FUNCTION check_in_ticket(text, bigint, bigint) FROM PUBLIC;

-- Users as admins create and change them; that leaves a line in the activity log. People who
-- sign up are inserted by sign_up.sql, as customers.

CREATE FUNCTION create_user(
    p_name text,
    p_phone text,
    p_role user_role,
    p_password_hash text,
    p_actor_id bigint
)
RETURNS bigint
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    v_user_id bigint;
BEGIN
    INSERT INTO users (name, phone, role, password_hash)
    VALUES (p_name, p_phone, p_role, p_password_hash)
    RETURNING id INTO v_user_id;
    INSERT INTO activity (actor_id, action, user_id, detail)
    VALUES (p_actor_id, 'user-created', v_user_id, jsonb_build_object('name', p_name, 'role', p_role));
    RETURN v_user_id;
END;
$$;
COMMENT ON FUNCTION create_user(text, text, user_role, text, bigint) IS 'Creates a user of any role, for an admin. p_password_hash NULL: a customer who cannot sign in. A phone that is taken violates users_phone_unique.';
REVOKE EXECUTE ON FUNCTION create_user(text, text, user_role, text, bigint) FROM PUBLIC;

CREATE FUNCTION update_user(
    p_user_id bigint,
    p_name text,
    p_password_hash text,
    p_actor_id bigint
)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    v_was users;
BEGIN
    SELECT users.* INTO v_was FROM users WHERE id = p_user_id FOR NO KEY UPDATE;
    IF v_was.id IS NULL THEN
        PERFORM raise_problem('TK008');
    END IF;
    UPDATE users
    SET name = p_name,
        password_hash = coalesce(p_password_hash, password_hash)
    WHERE id = p_user_id;
    -- Whoever held the old password is signed out.
    IF p_password_hash IS NOT NULL THEN
        DELETE FROM sessions WHERE user_id = p_user_id;
    END IF;
    INSERT INTO activity (actor_id, action, user_id, detail)
    VALUES (
        p_actor_id,
        'user-changed',
        p_user_id,
        jsonb_build_object(
            'was', jsonb_build_object('name', v_was.name),
            'became', jsonb_build_object('name', p_name),
            'new_password', p_password_hash IS NOT NULL
        )
    );
END;
$$;
COMMENT ON FUNCTION update_user(bigint, text, text, bigint) IS 'Changes a user''s name and, unless p_password_hash is NULL, the password, which ends the user''s sessions. Raises TK008 when unknown.';
REVOKE EXECUTE ON FUNCTION update_user(bigint, text, text, bigint) FROM PUBLIC;

CREATE FUNCTION make_admin(
    p_name text,
    p_phone text,
    p_password_hash text
)
RETURNS bigint
LANGUAGE plpgsql
VOLATILE
AS $$
DECLARE
    v_user_id bigint;
BEGIN
    INSERT INTO users (name, phone, role, password_hash)
    VALUES (p_name, p_phone, 'admin', p_password_hash)
    ON CONFLICT (phone) DO UPDATE
    SET name = excluded.name,
        role = 'admin',
        password_hash = excluded.password_hash
    RETURNING id INTO v_user_id;
    -- Whoever held the old password is signed out.
    DELETE FROM sessions WHERE user_id = v_user_id;
    INSERT INTO activity (action, user_id, detail)
    VALUES ('user-changed', v_user_id, jsonb_build_object('became', jsonb_build_object('name', p_name, 'role', 'admin'), 'new_password', true));
    RETURN v_user_id;
END;
$$;
COMMENT ON FUNCTION make_admin(text, text, text) IS 'Creates an admin, or makes the user with this phone one, with a new name and password. For the owner of the database (make admin): the API may not call it.';
REVOKE EXECUTE ON FUNCTION make_admin(text, text, text) FROM PUBLIC;

-- begin_sign_in: the limit on guessing. It writes the attempt as a failure before anybody looks
-- at the password, so that a thousand guesses at once count as a thousand; end_sign_in.sql takes
-- the row back when the password was right.

CREATE FUNCTION begin_sign_in(
    p_phone text,
    p_address inet
)
RETURNS TABLE (
    attempt_id bigint,
    user_id bigint,
    password_hash text
)
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_window constant interval := interval '15 minutes';
    v_attempt_id bigint;
    v_retry_at timestamptz;
BEGIN
    -- One attempt of an address at a time is counted; the lock ends with this transaction.
    PERFORM pg_advisory_xact_lock(hashtextextended(host(p_address), 19));
    DELETE FROM sign_in_failures
    WHERE id IN (
        SELECT id
        FROM sign_in_failures
        WHERE at < now() - v_window
        ORDER BY at
        LIMIT 100
        FOR UPDATE SKIP LOCKED
    );

    -- The failure that must grow old before another attempt is allowed: the tenth last for the
    -- phone, the hundredth last of all.
    SELECT max(limiting.at) + v_window
    INTO v_retry_at
    FROM (
        (
            SELECT at FROM sign_in_failures
            WHERE address = p_address AND phone = p_phone
            ORDER BY at DESC OFFSET 9 LIMIT 1
        )
        UNION ALL
        (
            SELECT at FROM sign_in_failures
            WHERE address = p_address
            ORDER BY at DESC OFFSET 99 LIMIT 1
        )
    ) AS limiting;
    IF v_retry_at > now() THEN
        PERFORM raise_problem(
            'TK019', jsonb_build_object('retry_after', ceil(extract(epoch FROM v_retry_at - now()))::integer)
        );
    END IF;

    INSERT INTO sign_in_failures (phone, address)
    VALUES (p_phone, p_address)
    RETURNING id INTO v_attempt_id;
    RETURN QUERY
    SELECT v_attempt_id, users.id, users.password_hash
    FROM (VALUES (p_phone)) AS tried (phone)
    LEFT JOIN users ON users.phone = tried.phone;
END;
$$;
COMMENT ON FUNCTION begin_sign_in(text, inet) IS 'Counts an attempt to sign in as failed until it succeeds, and returns the user with this phone, if there is one. Raises TK019 (retry_after: seconds) after ten failures for a phone from one address, or a hundred from one address, in 15 minutes.';
REVOKE EXECUTE ON FUNCTION begin_sign_in(text, inet) FROM PUBLIC;

-- event_availability: every event as customers see it; what the API shows of one.

CREATE VIEW event_availability AS
SELECT
    id AS event_id,
    title,
    description,
    venue,
    date_time,
    time_zone,
    capacity,
    price,
    max_tickets_per_booking,
    status,
    tickets_sold,
    events.tickets_available,
    events.bookable,
    version,
    created_at,
    updated_at
FROM events;

COMMENT ON VIEW event_availability IS 'Every event as customers see it, with its tickets available.';
COMMENT ON COLUMN event_availability.tickets_available IS 'How many can still be sold; 0 is sold out.';
COMMENT ON COLUMN event_availability.bookable IS 'Active and not yet started. A sold-out event stays bookable: somebody may cancel.';

-- event_sales: how each event sells. The one definition of the statistics; the API reads it too.

CREATE VIEW event_sales AS
SELECT
    id AS event_id,
    title,
    venue,
    date_time,
    time_zone,
    status,
    capacity,
    bookings_count AS bookings,
    tickets_sold,
    round(100.0 * tickets_sold / capacity, 1) AS percent_sold,
    tickets_checked_in,
    CASE WHEN date_time <= now() THEN tickets_sold - tickets_checked_in END AS no_shows,
    revenue
FROM events;

COMMENT ON VIEW event_sales IS 'How each event sells: bookings, tickets and revenue of confirmed bookings.';
COMMENT ON COLUMN event_sales.bookings IS 'Confirmed bookings.';
COMMENT ON COLUMN event_sales.tickets_sold IS 'Tickets of confirmed bookings.';
COMMENT ON COLUMN event_sales.tickets_checked_in IS 'Used tickets of confirmed bookings.';
COMMENT ON COLUMN event_sales.no_shows IS 'Tickets sold and not used, once the event has started. NULL: it has not.';
COMMENT ON COLUMN event_sales.revenue IS 'Total amount of confirmed bookings.';

-- daily_sales: revenue by day. A day is a calendar day at the venue.

CREATE VIEW daily_sales AS
SELECT
    events.id AS event_id,
    events.title,
    events.venue,
    timezone(events.time_zone, bookings.booking_date)::date AS date,
    count(*) AS bookings,
    sum(bookings.quantity) AS tickets,
    sum(bookings.total_amount) AS revenue
FROM bookings
JOIN events ON events.id = bookings.event_id
WHERE bookings.status = 'confirmed'
GROUP BY events.id, timezone(events.time_zone, bookings.booking_date)::date;

COMMENT ON VIEW daily_sales IS 'Confirmed bookings, their tickets and revenue by event and day.';
COMMENT ON COLUMN daily_sales.date IS 'The day of booking, in the event''s time zone.';

-- booking_details: who bought what. Phone numbers are masked: analysts need to tell customers
-- apart, not to call them.

CREATE VIEW booking_details AS
SELECT
    bookings.id AS booking_id,
    bookings.booking_date,
    bookings.status,
    bookings.cancelled_at,
    bookings.event_id,
    events.title AS event_title,
    events.venue AS event_venue,
    events.date_time AS event_date_time,
    events.time_zone AS event_time_zone,
    events.status AS event_status,
    bookings.user_id,
    customer.name AS customer_name,
    mask_phone(customer.phone) AS customer_phone,
    bookings.quantity,
    bookings.unit_price,
    bookings.total_amount,
    bookings.tickets_checked_in,
    bookings.booked_by,
    booker.name AS booked_by_name,
    bookings.booked_by <> bookings.user_id AS box_office
FROM bookings
JOIN events ON events.id = bookings.event_id
JOIN users AS customer ON customer.id = bookings.user_id
JOIN users AS booker ON booker.id = bookings.booked_by;

COMMENT ON VIEW booking_details IS 'Who bought what: every booking with its event and customer. Phone numbers are masked.';
COMMENT ON COLUMN booking_details.cancelled_at IS 'NULL: the booking is confirmed.';
COMMENT ON COLUMN booking_details.customer_phone IS 'Masked.';
COMMENT ON COLUMN booking_details.box_office IS 'True when somebody else pressed the button for the customer.';

-- ticket_details: which ticket admits whom. Codes are masked: a whole code admits.

CREATE VIEW ticket_details AS
SELECT
    tickets.id AS ticket_id,
    mask_ticket_code(tickets.ticket_code) AS ticket_code,
    tickets.status,
    tickets.used_at,
    tickets.booking_id,
    bookings.status AS booking_status,
    bookings.event_id,
    events.title AS event_title,
    events.date_time AS event_date_time,
    bookings.user_id,
    users.name AS customer_name
FROM tickets
JOIN bookings ON bookings.id = tickets.booking_id
JOIN events ON events.id = bookings.event_id
JOIN users ON users.id = bookings.user_id;

COMMENT ON VIEW ticket_details IS 'Every ticket with its booking, event and customer. Codes are masked.';
COMMENT ON COLUMN ticket_details.ticket_code IS 'Masked: its first group only.';
COMMENT ON COLUMN ticket_details.used_at IS 'NULL: it has not admitted anybody.';

-- recent_activity: what was done, by whom, to what. Order by activity_id DESC for the newest.

CREATE VIEW recent_activity AS
SELECT
    activity.id AS activity_id,
    activity.at,
    activity.actor_id,
    actor.name AS actor_name,
    activity.action,
    activity.event_id,
    events.title AS event_title,
    activity.booking_id,
    activity.ticket_id,
    activity.user_id,
    subject.name AS user_name,
    activity.detail
FROM activity
LEFT JOIN users AS actor ON actor.id = activity.actor_id
LEFT JOIN users AS subject ON subject.id = activity.user_id
LEFT JOIN events ON events.id = activity.event_id;

COMMENT ON VIEW recent_activity IS 'The activity log with names: what was done, when, by whom, to what. ORDER BY activity_id DESC for the newest.';
COMMENT ON COLUMN recent_activity.actor_id IS 'NULL: nobody signed in, it was done in psql.';
COMMENT ON COLUMN recent_activity.user_id IS 'The user it was done to, or whose booking or ticket it was. NULL: no user.';
COMMENT ON COLUMN recent_activity.detail IS 'For edits: {"was": {...}, "became": {...}} with the fields that changed.';

-- integrity_violations: every row that contradicts another. Always empty; a row here means that
-- somebody wrote around the rules, and names where. It reads the whole ledger: seconds with
-- millions of bookings.

CREATE VIEW integrity_violations AS
WITH truth AS (
    SELECT
        event_id,
        count(*) AS bookings,
        sum(quantity) AS tickets,
        sum(total_amount) AS revenue,
        sum(tickets_checked_in) AS checked_in
    FROM bookings
    WHERE status = 'confirmed'
    GROUP BY event_id
),
ticket_truth AS (
    SELECT
        booking_id,
        count(*) AS tickets,
        count(*) FILTER (WHERE status = 'used') AS used,
        count(*) FILTER (WHERE status = 'active') AS active,
        count(*) FILTER (WHERE status = 'cancelled') AS cancelled
    FROM tickets
    GROUP BY booking_id
)
SELECT
    counter.kind,
    'events' AS table_name,
    events.id AS row_id,
    counter.expected::text AS expected,
    counter.actual::text AS actual
FROM events
LEFT JOIN truth ON truth.event_id = events.id
CROSS JOIN LATERAL (
    VALUES
        ('tickets-sold-differs', coalesce(truth.tickets, 0), events.tickets_sold),
        ('bookings-count-differs', coalesce(truth.bookings, 0), events.bookings_count),
        ('revenue-differs', coalesce(truth.revenue, 0), events.revenue),
        ('tickets-checked-in-differs', coalesce(truth.checked_in, 0), events.tickets_checked_in)
) AS counter (kind, expected, actual)
WHERE counter.expected <> counter.actual
UNION ALL
SELECT
    'sold-beyond-capacity',
    'events',
    events.id,
    events.capacity::text,
    truth.tickets::text
FROM events
JOIN truth ON truth.event_id = events.id
WHERE truth.tickets > events.capacity
UNION ALL
SELECT
    finding.kind,
    'bookings',
    bookings.id,
    finding.expected,
    finding.actual
FROM bookings
JOIN events ON events.id = bookings.event_id
LEFT JOIN ticket_truth ON ticket_truth.booking_id = bookings.id
CROSS JOIN LATERAL (
    VALUES
        (
            'quantity-differs-from-tickets',
            bookings.quantity::text,
            coalesce(ticket_truth.tickets, 0)::text,
            bookings.quantity <> coalesce(ticket_truth.tickets, 0)
        ),
        (
            'total-amount-differs',
            (bookings.unit_price * bookings.quantity)::text,
            bookings.total_amount::text,
            bookings.unit_price * bookings.quantity <> bookings.total_amount
        ),
        (
            'booking-checked-in-differs',
            coalesce(ticket_truth.used, 0)::text,
            bookings.tickets_checked_in::text,
            coalesce(ticket_truth.used, 0) <> bookings.tickets_checked_in
        ),
        (
            'active-ticket-of-cancelled-booking',
            '0',
            ticket_truth.active::text,
            bookings.status = 'cancelled' AND ticket_truth.active > 0
        ),
        (
            'cancelled-ticket-of-confirmed-booking',
            '0',
            ticket_truth.cancelled::text,
            bookings.status = 'confirmed' AND ticket_truth.cancelled > 0
        ),
        (
            'confirmed-booking-of-cancelled-event',
            'cancelled',
            bookings.status::text,
            bookings.status = 'confirmed' AND events.status = 'cancelled'
        )
) AS finding (kind, expected, actual, found)
WHERE finding.found
UNION ALL
-- What the foreign keys forbid: found should one have been dropped.
SELECT
    'orphan-ticket',
    'tickets',
    tickets.id,
    tickets.booking_id::text,
    NULL
FROM tickets
WHERE NOT EXISTS (SELECT FROM bookings WHERE bookings.id = tickets.booking_id)
UNION ALL
SELECT
    'orphan-booking',
    'bookings',
    bookings.id,
    bookings.event_id::text,
    NULL
FROM bookings
WHERE NOT EXISTS (SELECT FROM events WHERE events.id = bookings.event_id);

COMMENT ON VIEW integrity_violations IS 'One row for each contradiction between rows. Empty is healthy. Reads the whole ledger.';
COMMENT ON COLUMN integrity_violations.kind IS 'What is wrong.';
COMMENT ON COLUMN integrity_violations.row_id IS 'The id of the row that is wrong, in table_name.';
COMMENT ON COLUMN integrity_violations.expected IS 'What the other rows say it should be.';
COMMENT ON COLUMN integrity_violations.actual IS 'What it is. NULL: the row it refers to does not exist.';

-- Who may do what. Two group roles, which belong to the cluster and may serve several databases:
--   ticketing_api     what the API becomes: reads, and writes through functions only
--   ticketing_reader  for analysts: the views
-- The owner of the database runs the migrations and needs CREATEROLE, unless both roles exist.
-- CREATE ROLE has no IF NOT EXISTS, and two databases may be set up at once: both errors that
-- then come are fine.

DO $$
DECLARE
    v_role text;
BEGIN
    FOREACH v_role IN ARRAY ARRAY['ticketing_api', 'ticketing_reader'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = v_role) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', v_role);
            EXCEPTION
                WHEN duplicate_object OR unique_violation THEN
                    NULL;
                WHEN insufficient_privilege THEN
                    RAISE EXCEPTION 'role % is missing and % may not create it', v_role, current_user
                        USING ERRCODE = 'insufficient_privilege',
                            HINT = format('Have a superuser run: ALTER ROLE %I CREATEROLE, or CREATE ROLE %I.', current_user, v_role);
            END;
        END IF;
    END LOOP;
    -- The API logs in as a member of ticketing_api and becomes it; in small installations the
    -- owner itself does. Since PostgreSQL 16 who creates a role is its member, but may not become it.
    IF NOT pg_has_role(
        current_user,
        'ticketing_api',
        CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END
    ) THEN
        BEGIN
            EXECUTE format('GRANT ticketing_api TO %I', current_user);
        EXCEPTION
            WHEN insufficient_privilege THEN
                RAISE EXCEPTION '% may not become ticketing_api', current_user
                    USING ERRCODE = 'insufficient_privilege',
                        HINT = format('Have a superuser run: GRANT ticketing_api TO %I.', current_user);
        END;
    END IF;
END;
$$;

GRANT SELECT ON
    users,
    events,
    bookings,
    tickets,
    sessions,
    activity,
    event_words,
    event_availability,
    event_sales,
    daily_sales,
    recent_activity,
    integrity_violations
TO ticketing_api;

-- People who sign up insert themselves; their role is the column's default.
GRANT INSERT (name, phone, password_hash), UPDATE (name, password_hash) ON users TO ticketing_api;
GRANT INSERT (token_hash, user_id), DELETE ON sessions TO ticketing_api;
GRANT SELECT (id), DELETE ON sign_in_failures TO ticketing_api;

GRANT EXECUTE ON FUNCTION book_tickets(bigint[], bigint[], integer[], text[], bigint[], numeric[]) TO ticketing_api;
GRANT EXECUTE ON FUNCTION book_tickets(bigint, bigint, integer, text, bigint, numeric) TO ticketing_api;
GRANT EXECUTE ON FUNCTION booking_with_tickets(bigint) TO ticketing_api;
GRANT EXECUTE ON FUNCTION cancel_booking(bigint, bigint) TO ticketing_api;
GRANT EXECUTE ON FUNCTION create_event(text, text, text, timestamptz, text, integer, numeric, integer, bigint) TO ticketing_api;
GRANT EXECUTE ON FUNCTION update_event(bigint, text, text, text, timestamptz, text, integer, numeric, integer, event_status, integer, bigint) TO ticketing_api;
GRANT EXECUTE ON FUNCTION check_in_ticket(text, bigint, bigint) TO ticketing_api;
GRANT EXECUTE ON FUNCTION create_user(text, text, user_role, text, bigint) TO ticketing_api;
GRANT EXECUTE ON FUNCTION update_user(bigint, text, text, bigint) TO ticketing_api;
GRANT EXECUTE ON FUNCTION begin_sign_in(text, inet) TO ticketing_api;
GRANT EXECUTE ON FUNCTION correct_word(text) TO ticketing_api;
GRANT EXECUTE ON FUNCTION corrected_pattern(text) TO ticketing_api;
GRANT EXECUTE ON FUNCTION search_events(text, timestamptz, timestamptz, date, date) TO ticketing_api;
GRANT EXECUTE ON FUNCTION events_containing(text) TO ticketing_api;

GRANT SELECT ON
    event_availability,
    event_sales,
    daily_sales,
    booking_details,
    ticket_details,
    recent_activity,
    integrity_violations
TO ticketing_reader;
