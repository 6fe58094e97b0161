-- events: drafts, events on sale, and past ones. The counters on each row make availability and
-- statistics cost the same with ten bookings and with a million. Triggers on bookings keep the
-- counters, no matter who writes. events_never_oversold is the promise of the whole system: an
-- oversold event cannot be written.

CREATE TABLE events (
    id                      bigint            GENERATED ALWAYS AS IDENTITY,
    title                   text              NOT NULL,
    description             event_description NOT NULL DEFAULT '',
    venue                   text              NOT NULL,
    date_time               timestamptz(0)    NOT NULL,
    time_zone               text              NOT NULL,
    capacity                integer           NOT NULL,
    price                   numeric           NOT NULL,
    max_tickets_per_booking integer           NOT NULL DEFAULT 10,
    status                  event_status      NOT NULL DEFAULT 'active',
    tickets_sold            integer           NOT NULL DEFAULT 0,
    bookings_count          integer           NOT NULL DEFAULT 0,
    revenue                 numeric           NOT NULL DEFAULT 0.00,
    tickets_checked_in      integer           NOT NULL DEFAULT 0,
    version                 integer           NOT NULL DEFAULT 1,
    created_at              timestamptz       NOT NULL DEFAULT now(),
    updated_at              timestamptz       NOT NULL DEFAULT now(),
    search_text             text              NOT NULL
        GENERATED ALWAYS AS (search_text(title || ' ' || venue)) STORED,
    counted_at              timestamptz,      -- NULL: nothing was ever sold
    local_date_time         timestamp(0)      NOT NULL,
    doors_open              time_of_day,      -- NULL: nothing is announced
    payment_note            note,             -- NULL: the installation's note applies
    cancellation_reason     note,             -- NULL: none is given, or it is not cancelled
    end_time                time_of_day,      -- NULL: nothing is announced
    address                 note,             -- NULL: the venue's name is enough
    minimum_age             integer,          -- NULL: for every age
    access_note             note,             -- NULL: nothing is said
    organiser_contact       note,             -- NULL: nobody is named
    -- A random integer.
    poster_seed             integer           NOT NULL
        DEFAULT (floor(random() * 4294967296) - 2147483648),
    category                event_category,   -- NULL: it is in none
    sale_starts_at          timestamptz(0),   -- NULL: at once
    sale_ends_at            timestamptz(0),   -- NULL: when it starts
    max_tickets_per_customer integer,         -- NULL: as many as there are
    CONSTRAINT events_pkey PRIMARY KEY (id),
    CONSTRAINT events_never_oversold CHECK (tickets_sold BETWEEN 0 AND capacity),
    CONSTRAINT events_title_not_blank CHECK (NOT is_blank(title)),
    CONSTRAINT events_title_within_200 CHECK (char_length(title) <= 200),
    CONSTRAINT events_title_one_line CHECK (NOT has_control_characters(title)),
    CONSTRAINT events_title_no_direction_overrides CHECK (NOT has_direction_overrides(title)),
    CONSTRAINT events_venue_not_blank CHECK (NOT is_blank(venue)),
    CONSTRAINT events_venue_within_200 CHECK (char_length(venue) <= 200),
    CONSTRAINT events_venue_one_line CHECK (NOT has_control_characters(venue)),
    CONSTRAINT events_venue_no_direction_overrides CHECK (NOT has_direction_overrides(venue)),
    CONSTRAINT events_date_time_after_created_at CHECK (date_time > created_at),
    CONSTRAINT events_date_time_before_2100 CHECK (
        date_time < timestamptz '2100-01-01 00:00:00+00'
    ),
    -- Time zones differ from UTC by -12 to +14 hours. Lists of one day rely on this: they search
    -- events_by_date_time only within these limits.
    CONSTRAINT events_local_date_time_near_date_time CHECK (
        local_date_time BETWEEN timezone('UTC', date_time) - interval '12 hours'
            AND timezone('UTC', date_time) + interval '14 hours'
    ),
    CONSTRAINT events_capacity_in_range CHECK (capacity BETWEEN 1 AND 1000000),
    -- The upper bound also refuses NaN, which passes price >= 0.
    CONSTRAINT events_price_in_range CHECK (price BETWEEN 0 AND 99999999.99),
    -- No currency that the API accepts has more than three decimals. The API also refuses prices
    -- with more decimals than the installation's currency has.
    CONSTRAINT events_price_within_3_decimals CHECK (min_scale(price) <= 3),
    CONSTRAINT events_max_tickets_per_booking_in_range CHECK (
        max_tickets_per_booking BETWEEN 1 AND 100
    ),
    CONSTRAINT events_bookings_count_in_range CHECK (bookings_count BETWEEN 0 AND tickets_sold),
    CONSTRAINT events_revenue_in_range CHECK (revenue BETWEEN 0 AND 99999999999999.99),
    CONSTRAINT events_tickets_checked_in_in_range CHECK (
        tickets_checked_in BETWEEN 0 AND tickets_sold
    ),
    CONSTRAINT events_version_positive CHECK (version >= 1),
    CONSTRAINT events_cancellation_reason_only_when_cancelled CHECK (
        cancellation_reason IS NULL OR status = 'cancelled'
    ),
    CONSTRAINT events_minimum_age_in_range CHECK (minimum_age BETWEEN 1 AND 99),
    CONSTRAINT events_sale_ends_after_it_starts CHECK (sale_ends_at > sale_starts_at),
    CONSTRAINT events_sale_starts_before_event CHECK (sale_starts_at < date_time),
    CONSTRAINT events_sale_ends_before_event CHECK (sale_ends_at <= date_time),
    CONSTRAINT events_sale_times_after_1999 CHECK (
        sale_starts_at >= timestamptz '2000-01-01 00:00:00+00'
        AND sale_ends_at >= timestamptz '2000-01-01 00:00:00+00'
    ),
    CONSTRAINT events_max_tickets_per_customer_in_range CHECK (
        max_tickets_per_customer BETWEEN 1 AND 10000
    )
)
-- Every booking updates its event's row: room on the page and no index on a counter keep
-- those updates inside the page.
WITH (fillfactor = 50);

-- list_events.sql; for admins list_admin_events_by_date.sql, list_admin_events_by_date_reversed.sql
-- and list_events_by_status.sql. Not a partial index of active events: nearly all coming events are
-- active, so it would be about as large.
CREATE INDEX events_by_date_time ON events (date_time, id);

-- search_events(): part of a word in title or venue.
CREATE INDEX events_search ON events USING gin (search_text gin_trgm_ops);

-- list_events_of_category.sql and list_categories.sql. A sale changes none of these columns, so it
-- does not write to this index.
CREATE INDEX events_by_category ON events (folded_text(category), date_time, id)
WHERE category IS NOT NULL;

COMMENT ON TABLE events IS
    'All events: drafts, those on sale, and past ones. Never deleted. Triggers keep the counters, '
    'the version and the history, no matter who writes.';
COMMENT ON COLUMN events.date_time IS
    'When it starts, in whole seconds.';
COMMENT ON COLUMN events.time_zone IS
    'IANA name of the venue''s time zone, for its local times and calendar days.';
COMMENT ON COLUMN events.capacity IS 'How many tickets may be sold; never below tickets_sold.';
COMMENT ON COLUMN events.price IS
    'For one ticket, in the installation''s currency. A new price changes no existing booking. '
    '12.5 and 12.50 are the same price.';
COMMENT ON COLUMN events.max_tickets_per_booking IS
    'The largest number of tickets that one booking may hold, for admins as well.';
COMMENT ON COLUMN events.tickets_sold IS 'Counter kept by triggers: tickets of confirmed bookings.';
COMMENT ON COLUMN events.bookings_count IS 'Counter kept by triggers: confirmed bookings.';
COMMENT ON COLUMN events.revenue IS 'Counter kept by triggers: total_amount of confirmed bookings.';
COMMENT ON COLUMN events.tickets_checked_in IS
    'Counter kept by triggers: used tickets of confirmed bookings.';
COMMENT ON COLUMN events.version IS
    'Raised by every edit, never by a sale: what If-Match compares. A trigger keeps it.';
COMMENT ON COLUMN events.updated_at IS 'When it was last edited.';
COMMENT ON COLUMN events.counted_at IS
    'When a counter last changed, see event_figures. NULL: nothing was ever sold.';
COMMENT ON COLUMN events.search_text IS
    'What searches look through: search_text() of title and venue.';
COMMENT ON COLUMN events.local_date_time IS
    'The time on the venue''s clock when it starts, as it was typed: what was announced, even if '
    'the rules of the zone change later. A trigger fills it where a writer leaves it out.';
COMMENT ON COLUMN events.doors_open IS
    'When the doors open, on the venue''s clock. NULL: nothing is announced. It may be a time of '
    'the evening before.';
COMMENT ON COLUMN events.payment_note IS
    'How and where its tickets are paid. NULL: the note of the installation (PAYMENT_NOTE) '
    'applies.';
COMMENT ON COLUMN events.cancellation_reason IS
    'Why it was cancelled, in words for its guests. NULL: no reason is given, or it is not '
    'cancelled.';
COMMENT ON COLUMN events.end_time IS
    'When it ends, on the venue''s clock: the first such time after its start. NULL: nothing is '
    'announced.';
COMMENT ON COLUMN events.address IS
    'Where the venue is, as one would search for it on a map. NULL: its name is enough.';
COMMENT ON COLUMN events.minimum_age IS
    'How old a guest must be, in years. NULL: it is for every age.';
COMMENT ON COLUMN events.access_note IS
    'How people with disabilities get in and around. NULL: nothing is said.';
COMMENT ON COLUMN events.organiser_contact IS
    'Whom guests may ask: a name, a mail address or a phone number. NULL: nobody is named.';
COMMENT ON COLUMN events.poster_seed IS
    'What its poster is drawn from, and nothing else: another seed is another poster.';
COMMENT ON COLUMN events.category IS
    'What kind of event it is, for the filter of the public list. Two spellings that folded_text() '
    'makes the same are one category. NULL: it is in none.';
COMMENT ON COLUMN events.sale_starts_at IS
    'From when on customers can book it, in whole seconds. NULL: as soon as it is published. '
    'Admins may sell earlier.';
COMMENT ON COLUMN events.sale_ends_at IS
    'Until when customers can book it, in whole seconds. NULL: until it starts. Admins may sell '
    'later.';
COMMENT ON COLUMN events.max_tickets_per_customer IS
    'How many tickets of confirmed bookings one customer may have. NULL: any number. A lower limit '
    'changes no existing booking. The box office may exceed it by saying so: see '
    'bookings.beyond_customer_limit.';
COMMENT ON CONSTRAINT events_never_oversold ON events IS
    'The promise: no event can hold more sold tickets than its capacity, no matter who writes.';
COMMENT ON INDEX events_by_date_time IS 'For the public list and the admin list by date.';
COMMENT ON INDEX events_by_category IS
    'For the public list of one category, and for the categories in use.';
COMMENT ON INDEX events_search IS 'For search_events: words contained in title or venue.';
