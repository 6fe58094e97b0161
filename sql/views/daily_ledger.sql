-- daily_ledger: what was booked and what was cancelled on each day, for the books. A day is a
-- calendar day at the venue. Unlike daily_sales, a day that is over keeps its figures: a later
-- cancellation counts on the day it was made.

CREATE VIEW daily_ledger AS
SELECT
    ledger_entries.event_id,
    events.title,
    events.venue,
    timezone(clock.time_zone, ledger_entries.at)::date AS date,
    count(*) FILTER (WHERE entry = 'booked') AS bookings_booked,
    count(*) FILTER (WHERE entry = 'cancelled') AS bookings_cancelled,
    coalesce(sum(tickets) FILTER (WHERE entry = 'booked'), 0) AS tickets_booked,
    coalesce(-sum(tickets) FILTER (WHERE entry = 'cancelled'), 0) AS tickets_cancelled,
    sum(tickets) AS tickets_net,
    coalesce(sum(amount) FILTER (WHERE entry = 'booked'), 0) AS amount_booked,
    coalesce(-sum(amount) FILTER (WHERE entry = 'cancelled'), 0) AS amount_cancelled,
    sum(amount) AS amount_net
FROM ledger_entries
LEFT JOIN events ON events.id = ledger_entries.event_id
-- OFFSET and LEFT keep this apart from the rest of the query: it runs once for each zone, and
-- PostgreSQL remembers the result.
LEFT JOIN LATERAL (
    SELECT usable_time_zone(events.time_zone, events.utc_offset) AS time_zone
    OFFSET 0
) AS clock ON true
GROUP BY ledger_entries.event_id, events.id, timezone(clock.time_zone, ledger_entries.at)::date;

COMMENT ON VIEW daily_ledger IS
    'Bookings, tickets and money booked, cancelled and net, by event and day. A day that is over '
    'never changes, unless its event moves to another time zone.';
COMMENT ON COLUMN daily_ledger.date IS
    'The day of booking or cancelling, in the event''s time zone.';
COMMENT ON COLUMN daily_ledger.tickets_cancelled IS 'Not negative.';
COMMENT ON COLUMN daily_ledger.amount_cancelled IS 'Not negative.';
COMMENT ON COLUMN daily_ledger.amount_net IS 'amount_booked - amount_cancelled.';
COMMENT ON COLUMN daily_ledger.tickets_net IS 'tickets_booked - tickets_cancelled.';
