-- The generator's session: its dice and its plan. All of it is temporary.

-- Random numbers that are the same for the same seed. The order of the rows does not matter.
CREATE FUNCTION pg_temp.dice(p_salt bigint, p_no bigint, p_sides integer)
RETURNS integer
LANGUAGE sql
IMMUTABLE
RETURN mod(hashint8extended(p_no, p_salt) & 9223372036854775807, p_sides)::integer;

-- Bookings in the order of their events, so that a chunk counts each event once. The cube makes
-- the first events popular: of a million bookings for a million events, ten thousand are for
-- the first one.
CREATE FUNCTION pg_temp.planned_bookings(p_salt bigint, p_from bigint, p_to bigint, p_events bigint, p_bookings bigint)
RETURNS TABLE (
    no bigint,
    event_no bigint,
    quantity integer,
    cancelled boolean
)
LANGUAGE sql
IMMUTABLE
AS $$
    SELECT
        no,
        1 + floor(p_events * power((no - 0.5)::double precision / p_bookings, 3))::bigint,
        (ARRAY[1, 1, 2, 2, 2, 2, 3, 3, 4, 5])[1 + pg_temp.dice(p_salt + 1, no, 10)],
        pg_temp.dice(p_salt + 2, no, 100) < 4
    FROM generate_series(p_from, p_to) AS no;
$$;

CREATE TEMPORARY TABLE generated_event (
    no     bigint PRIMARY KEY,
    id     bigint NOT NULL,
    demand bigint NOT NULL  -- tickets of its confirmed bookings
);

CREATE TEMPORARY TABLE generated_user (
    no bigint PRIMARY KEY,
    id bigint NOT NULL
);

-- The bookings of one chunk.
CREATE TEMPORARY TABLE generated_booking (
    id           bigint PRIMARY KEY,
    user_id      bigint NOT NULL,
    event_id     bigint NOT NULL,
    quantity     integer NOT NULL,
    total_amount numeric NOT NULL,
    status       booking_status NOT NULL,
    cancelled_at timestamptz  -- NULL: confirmed
) ON COMMIT DELETE ROWS;
