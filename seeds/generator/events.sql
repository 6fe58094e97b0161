-- Events with the ids and the room that were planned: seven of eight are still to come.
WITH planned AS (
    SELECT
        generated_event.*,
        -- Never the most popular: each booking with used tickets updates its event's row, and
        -- thousands of updates of one row in one transaction are slow.
        pg_temp.dice(%(salt)s + 10, no, 8) = 0 AND no > 100 AS is_over,
        pg_temp.dice(%(salt)s + 11, no, 100) AS fate,
        1 + pg_temp.dice(%(salt)s + 12, no, cardinality(%(cities)s::text[])) AS city,
        (%(first_names)s::text[])[1 + pg_temp.dice(%(salt)s + 13, no, cardinality(%(first_names)s::text[]))] AS first_name,
        (%(family_names)s::text[])[1 + pg_temp.dice(%(salt)s + 14, no, cardinality(%(family_names)s::text[]))] AS family_name,
        (%(adjectives)s::text[])[1 + pg_temp.dice(%(salt)s + 15, no, cardinality(%(adjectives)s::text[]))] AS adjective,
        (%(nouns)s::text[])[1 + pg_temp.dice(%(salt)s + 16, no, cardinality(%(nouns)s::text[]))] AS noun,
        (%(nouns)s::text[])[1 + pg_temp.dice(%(salt)s + 17, no, cardinality(%(nouns)s::text[]))] AS other_noun,
        (%(occasions)s::text[])[1 + pg_temp.dice(%(salt)s + 18, no, cardinality(%(occasions)s::text[]))] AS occasion,
        (%(genres)s::text[])[1 + pg_temp.dice(%(salt)s + 19, no, cardinality(%(genres)s::text[]))] AS genre,
        (%(ensembles)s::text[])[1 + pg_temp.dice(%(salt)s + 20, no, cardinality(%(ensembles)s::text[]))] AS ensemble,
        (%(composers)s::text[])[1 + pg_temp.dice(%(salt)s + 21, no, cardinality(%(composers)s::text[]))] AS composer,
        (%(works)s::text[])[1 + pg_temp.dice(%(salt)s + 22, no, cardinality(%(works)s::text[]))] AS work,
        (%(houses)s::text[])[1 + pg_temp.dice(%(salt)s + 23, no, cardinality(%(houses)s::text[]))] AS house,
        (%(halls)s::text[])[1 + pg_temp.dice(%(salt)s + 24, no, cardinality(%(halls)s::text[]))] AS hall,
        pg_temp.dice(%(salt)s + 29, no, cardinality(%(sentences)s::text[])) AS sentence
    FROM generated_event
    WHERE no BETWEEN %(from)s AND %(to)s
),
dated AS (
    SELECT
        planned.*,
        (%(cities)s::text[])[city] AS city_name,
        (%(time_zones)s::text[])[city] AS time_zone,
        timezone(
            (%(time_zones)s::text[])[city],
            timezone((%(time_zones)s::text[])[city], %(as_of)s::timestamptz)::date
                + CASE
                    WHEN is_over THEN -2 - pg_temp.dice(%(salt)s + 25, no, 700)
                    -- More of them soon than late.
                    ELSE 1 + floor(540 * power(pg_temp.dice(%(salt)s + 25, no, 10000) / 10000.0, 2))::integer
                END
                + time '10:00' + interval '30 minutes' * pg_temp.dice(%(salt)s + 26, no, 25)
        ) AS date_time
    FROM planned
),
announced AS (
    SELECT
        dated.*,
        least(date_time, %(as_of)s::timestamptz) - interval '1 day' - interval '1 second' * pg_temp.dice(%(salt)s + 27, no, 15000000) AS created_at,
        CASE
            WHEN fate < 3 THEN 'cancelled'::event_status
            WHEN is_over AND fate < 90 THEN 'completed'
            ELSE 'active'
        END AS status
    FROM dated
),
written AS (
    INSERT INTO events (
        id, title, description, venue, date_time, time_zone, capacity, price, max_tickets_per_booking,
        status, version, created_at, updated_at
    )
    OVERRIDING SYSTEM VALUE
    SELECT
        id,
        CASE pg_temp.dice(%(salt)s + 28, no, 8)
            WHEN 0 THEN adjective || ' ' || noun
            WHEN 1 THEN 'The ' || adjective || ' ' || noun || ': ' || occasion
            WHEN 2 THEN noun || ' & ' || other_noun
            WHEN 3 THEN first_name || ' ' || family_name || ': ' || occasion
            WHEN 4 THEN family_name || ' ' || ensemble || ': ' || adjective || ' ' || noun
            WHEN 5 THEN composer || ': ' || work
            WHEN 6 THEN genre || ' Festival ' || city_name
            ELSE genre || ' with ' || first_name || ' ' || family_name
        END,
        concat_ws(
            ' ',
            (%(sentences)s::text[])[1 + sentence],
            'With ' || first_name || ' ' || family_name || ' and the ' || adjective || ' ' || ensemble || '.',
            -- Any but the first one.
            (%(sentences)s::text[])[
                1 + mod(
                    sentence + 1 + pg_temp.dice(%(salt)s + 30, no, cardinality(%(sentences)s::text[]) - 1),
                    cardinality(%(sentences)s::text[])
                )
            ]
        ),
        house || ' ' || hall || ', ' || city_name,
        date_time,
        time_zone,
        CASE
            -- Every tenth is sold out, if anybody books it.
            WHEN demand > 0 AND pg_temp.dice(%(salt)s + 31, no, 10) = 0 THEN demand
            ELSE greatest(
                (ARRAY[40, 80, 120, 200, 350, 600, 1200, 5000])[1 + pg_temp.dice(%(salt)s + 32, no, 8)],
                least(ceil(demand * 1.15), 1000000)
            )
        END,
        CASE WHEN pg_temp.dice(%(salt)s + 33, no, 8) = 0 THEN 0 ELSE 5 + pg_temp.dice(%(salt)s + 34, no, 180) * 0.5 END,
        5 + pg_temp.dice(%(salt)s + 35, no, 6),
        status,
        CASE status WHEN 'active' THEN 1 ELSE 2 END,
        created_at,
        CASE status
            WHEN 'active' THEN created_at
            WHEN 'completed' THEN date_time + interval '12 hours'
            ELSE least(date_time, %(as_of)s::timestamptz)
        END
    FROM announced
    ORDER BY no
    RETURNING id, status, updated_at
)
-- How an event ended is an edit, its second version.
INSERT INTO activity (at, action, event_id, detail)
SELECT
    updated_at,
    ('event-' || status)::activity_action,
    id,
    jsonb_build_object('was', jsonb_build_object('status', 'active'), 'became', jsonb_build_object('status', status))
FROM written
WHERE status <> 'active';
