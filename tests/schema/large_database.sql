-- A large season, written set-based: 100,000 events, 20,000 bookings and what goes with them.
-- The words of titles are in a temporary table `words`, one row of arrays.

SELECT begin_repair('a large season, with times in the past');

INSERT INTO users (name, phone)
SELECT
    first_names[1 + n % cardinality(first_names)] || ' ' || family_names[1 + n / 7 % cardinality(family_names)],
    '+4917' || 10000000 + n
FROM generate_series(1, 30000) AS n, words;

INSERT INTO users (name, phone, role) VALUES ('The Admin', '+4930123499', 'admin');

INSERT INTO events (title, venue, date_time, time_zone, capacity, price, created_at, status, category)
SELECT
    CASE n % 3
        WHEN 0 THEN 'The ' || adjective || ' ' || noun || ': ' || occasions[1 + n / 13 % cardinality(occasions)]
        WHEN 1 THEN composers[1 + n / 5 % cardinality(composers)] || ': ' || works[1 + n / 17 % cardinality(works)]
        ELSE genres[1 + n / 3 % cardinality(genres)] || ' & ' || noun
    END,
    houses[1 + n / 2 % cardinality(houses)] || ' ' || halls[1 + n / 19 % cardinality(halls)],
    date_trunc('day', now()) + (n * 7919 % 800 - 200) * interval '1 day' + n % 24 * interval '1 hour',
    (ARRAY['Europe/Berlin', 'America/New_York', 'Asia/Tokyo', 'Pacific/Auckland'])[1 + n % 4],
    1000,
    n % 90,
    now() - interval '2 years',
    CASE WHEN n % 20 = 0 THEN 'cancelled' WHEN n * 7919 % 800 < 195 THEN 'completed' ELSE 'active' END::event_status,
    -- Half of them in one category, and 20 in a rare one.
    CASE WHEN n % 5000 = 7 THEN 'Puppetry' WHEN n % 2 = 0 THEN 'Concert' WHEN n % 6 = 1 THEN 'Comedy' END
FROM generate_series(1, 100000) AS n,
    words,
    LATERAL (
        SELECT
            adjectives[1 + n / 11 % cardinality(adjectives)] AS adjective,
            nouns[1 + n / 23 % cardinality(nouns)] AS noun
    ) AS chosen;

-- 20,000 bookings: one or two for each of 10,000 customers, 5,000 of the first one.
INSERT INTO bookings (user_id, event_id, quantity, unit_price, total_amount, booked_by, booking_date, idempotency_key)
SELECT
    customer,
    event_ids[1 + n % 1000],
    1,
    10,
    10,
    customer,
    now() - n * interval '1 minute',
    'key-' || n
FROM generate_series(1, 20000) AS n,
    LATERAL (SELECT CASE WHEN n > 15000 THEN 1 ELSE 1 + n % 10000 END AS customer) AS chosen,
    (SELECT array_agg(id) AS event_ids FROM (SELECT id FROM events WHERE status = 'active' ORDER BY id LIMIT 1000) AS first) AS chosen_events;

INSERT INTO sessions (token_hash, user_id, created_at, expires_at)
SELECT sha256(n::text::bytea), 1 + n % 10000, now() - interval '40 days', now() + (n - 200) * interval '1 minute'
FROM generate_series(1, 10000) AS n;
INSERT INTO calendars (user_id, secret_hash)
SELECT n, sha256(n::text::bytea) FROM generate_series(1, 10000) AS n;
INSERT INTO api_tokens (token_hash, name, user_id, scopes, event_id, is_pass, expires_at)
SELECT
    sha256(n::text::bytea), 'Door', 1, '{door}', 1 + n % 1000, n % 2 = 0, now() + interval '9 days'
FROM generate_series(1, 10000) AS n;
INSERT INTO pass_sessions (token_hash, pass_id)
SELECT sha256((id || '/' || n)::bytea), id FROM api_tokens, generate_series(1, 3) AS n WHERE is_pass;
INSERT INTO notices (user_id, kind, event_id, matter, read_at)
SELECT 1 + n % 5000, 'event-changed', 1 + n % 5000, 'fact/' || n, CASE WHEN n % 10 > 0 THEN now() END
FROM generate_series(1, 20000) AS n;
INSERT INTO event_messages (event_id, actor_id, idempotency_key, text, people)
SELECT 1 + n % 5000, NULL, 'key-' || n, 'Bring a coat.', 1
FROM generate_series(1, 20000) AS n;
INSERT INTO sign_in_failures (phone, address, at)
SELECT '+4917' || 10000000 + n, '10.0.0.0'::inet + n, now() - n * interval '0.1 seconds'
FROM generate_series(1, 10000) AS n;
INSERT INTO sign_ups (network, at)
SELECT '10.0.0.0'::inet + n % 1000, now() - n * interval '0.1 seconds'
FROM generate_series(1, 10000) AS n;
DO $$
BEGIN
    PERFORM make_activity_partition((now() - interval '1 month')::date);
END;
$$;
INSERT INTO activity (action, event_id, actor_id, booking_id, at)
SELECT
    CASE WHEN n % 3 = 0 THEN 'event-edited' ELSE 'ticket-admitted' END::activity_action,
    1 + n % 5000,
    1 + n % 500,
    n % 7000,
    now() - n * interval '80 seconds'
FROM generate_series(1, 30000) AS n;
INSERT INTO activity (action, user_id, at)
SELECT 'user-changed', 1 + n % 500, now() - n * interval '400 seconds'
FROM generate_series(1, 5000) AS n;
