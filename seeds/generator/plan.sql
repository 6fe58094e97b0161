-- Which ids the events will have, and how many tickets each has to have room for.
INSERT INTO generated_event (no, id, demand)
SELECT no, nextval(pg_get_serial_sequence('events', 'id')), coalesce(demand, 0)
FROM (
    SELECT no, demand
    FROM generate_series(1, %(events)s::bigint) AS no
    LEFT JOIN (
        SELECT event_no AS no, sum(quantity) AS demand
        FROM pg_temp.planned_bookings(%(salt)s, 1, %(bookings)s, %(events)s, %(bookings)s)
        WHERE NOT cancelled
        GROUP BY event_no
    ) AS demanded USING (no)
    ORDER BY no
) AS planned;
