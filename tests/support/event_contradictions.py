"""Contradictions between the rows of some events, found without integrity_violations."""

from collections.abc import Mapping
from typing import LiteralString

import psycopg

# Everything that is wrong with the events from an id on, no matter which statement wrote it.
CONTRADICTIONS: LiteralString = """
WITH scene AS (SELECT * FROM events WHERE id >= %(first)s),
sale AS (SELECT bookings.* FROM scene JOIN bookings ON bookings.event_id = scene.id),
ticket AS (
    SELECT tickets.*, sale.status AS booking_status, sale.event_id
    FROM sale JOIN tickets ON tickets.booking_id = sale.id
),
truth AS (
    SELECT
        event_id,
        count(*)::integer AS bookings_count,
        sum(quantity)::integer AS tickets_sold,
        sum(total_amount) AS revenue,
        (
            SELECT count(*) FROM ticket
            WHERE ticket.event_id = sale.event_id AND ticket.status = 'used'
                AND booking_status = 'confirmed'
        )::integer AS checked_in
    FROM sale
    WHERE status = 'confirmed'
    GROUP BY event_id
)
SELECT 'event ' || id || ' differs from what event_as_of() says it is now'
FROM scene
WHERE to_jsonb(scene)
    IS DISTINCT FROM (SELECT to_jsonb(past) FROM event_as_of(id, 'infinity') AS past)
UNION ALL
SELECT 'event ' || id || ' is oversold or miscounted'
FROM scene LEFT JOIN truth ON event_id = id
WHERE coalesce(truth.tickets_sold, 0) > capacity
    OR (
        coalesce(truth.tickets_sold, 0), coalesce(truth.bookings_count, 0),
        coalesce(truth.revenue, 0), coalesce(checked_in, 0)
    ) <> (scene.tickets_sold, scene.bookings_count, scene.revenue, scene.tickets_checked_in)
UNION ALL
SELECT 'booking ' || id || ' has too many tickets, or too few'
FROM sale
WHERE quantity <> (SELECT count(*) FROM ticket WHERE booking_id = sale.id)
    OR tickets_checked_in
    <> (SELECT count(*) FROM ticket WHERE booking_id = sale.id AND ticket.status = 'used')
UNION ALL
SELECT 'ticket ' || ticket.id || ' is ' || ticket.status || ', its booking ' || booking_status
FROM ticket JOIN scene ON scene.id = event_id
WHERE booking_status = 'confirmed' AND ticket.status = 'cancelled'
    OR booking_status = 'cancelled' AND ticket.status = 'active'
    OR booking_status = 'cancelled' AND ticket.status = 'used' AND scene.status <> 'cancelled'
UNION ALL
SELECT 'booking ' || sale.id || ' is of a cancelled event'
FROM sale JOIN scene ON scene.id = event_id
WHERE sale.status = 'confirmed' AND scene.status = 'cancelled'
UNION ALL
SELECT 'the log misses a version of event ' || id
FROM scene
WHERE version > (
    SELECT count(*) FROM activity WHERE event_id = scene.id AND action::text LIKE 'event-%%'
)
UNION ALL
SELECT 'the log misses that booking ' || sale.id || ' was cancelled'
FROM sale JOIN scene ON scene.id = event_id
WHERE sale.status = 'cancelled' AND scene.status <> 'cancelled' AND NOT EXISTS (
    SELECT FROM activity WHERE event_id = scene.id AND booking_id = sale.id
        AND action = 'booking-cancelled'
)
UNION ALL
SELECT 'the log misses that ticket ' || id || ' was used'
FROM ticket
WHERE status = 'used' AND NOT EXISTS (
    SELECT FROM activity WHERE event_id = ticket.event_id AND ticket_id = ticket.id
        AND action = 'ticket-admitted'
)
UNION ALL
SELECT 'booking ' || id || ' was not booked or cancelled when it says'
FROM sale
WHERE booking_date NOT BETWEEN now() - interval '1 hour' AND clock_timestamp()
    OR cancelled_at NOT BETWEEN booking_date AND clock_timestamp()
"""


def contradictions(judge: psycopg.Connection, scenario: Mapping[str, str]) -> list[str]:
    """Return the contradictions of the events from the scenario's first one on."""
    found = judge.execute(CONTRADICTIONS, {"first": scenario["full_event"]}).fetchall()
    return [sentence for (sentence,) in found]
