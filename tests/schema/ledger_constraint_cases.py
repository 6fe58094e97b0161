"""Statements that the constraints of events and of the ledger refuse."""

from typing import LiteralString

NEW_BOOKING: LiteralString = (
    "INSERT INTO bookings (user_id, event_id, quantity, unit_price, total_amount, booked_by)"
)

LEDGER_CASES: dict[str, list[LiteralString]] = {
    "events_pkey": [
        (
            "INSERT INTO events (id, title, venue, date_time, time_zone, capacity, price)"
            " OVERRIDING SYSTEM VALUE SELECT id, title, venue, date_time, time_zone, capacity,"
            " price FROM events"
        )
    ],
    "events_never_oversold": [
        "UPDATE events SET tickets_sold = capacity + 1",
        "UPDATE events SET capacity = tickets_sold - 1",
        NEW_BOOKING + " SELECT %(user)s, id, 99, 20, 1980, %(user)s FROM events",
    ],
    "events_title_not_blank": ["UPDATE events SET title = E'\\u2060 \\ufeff'"],
    "events_title_within_200": ["UPDATE events SET title = repeat('ä', 201)"],
    "events_title_no_direction_overrides": ["UPDATE events SET title = E'Jazz\\u202a'"],
    "events_venue_no_direction_overrides": ["UPDATE events SET venue = E'\\u2066Hall'"],
    "events_title_one_line": ["UPDATE events SET title = E'Jazz\\tNight'"],
    "events_description_within_10000": ["UPDATE events SET description = repeat('a', 10001)"],
    "events_description_no_control_characters": [
        "UPDATE events SET description = E'a\\u0007'",
        "UPDATE events SET description = E'a\\r\\nb'",
    ],
    "events_venue_not_blank": ["UPDATE events SET venue = ' '"],
    "events_venue_within_200": ["UPDATE events SET venue = repeat('a', 201)"],
    "events_venue_one_line": ["UPDATE events SET venue = E'Town\\nHall'"],
    "events_date_time_after_created_at": [
        "UPDATE events SET date_time = created_at - interval '1 second'",
        "UPDATE events SET date_time = '-infinity'",
    ],
    "events_max_tickets_per_customer_in_range": [
        "UPDATE events SET max_tickets_per_customer = 0",
        "UPDATE events SET max_tickets_per_customer = 10001",
    ],
    "events_sale_ends_after_it_starts": [
        "UPDATE events SET sale_starts_at = '2001-05-06', sale_ends_at = '2001-05-06'",
    ],
    "events_sale_starts_before_event": ["UPDATE events SET sale_starts_at = date_time"],
    "events_sale_ends_before_event": [
        "UPDATE events SET sale_ends_at = date_time + interval '1 second'",
        "UPDATE events SET sale_ends_at = 'infinity'",
    ],
    "events_sale_times_after_1999": [
        "UPDATE events SET sale_starts_at = '1999-12-31 23:59:59+00'",
        "UPDATE events SET sale_starts_at = '-infinity'",
        "UPDATE events SET sale_ends_at = '1999-12-31 23:59:59+00'",
    ],
    "events_date_time_before_2100": [
        "UPDATE events SET date_time = '2100-01-01 00:00:00+00'",
        "UPDATE events SET date_time = '10000-01-01 00:00:00+00'",
        "UPDATE events SET date_time = 'infinity'",
    ],
    "events_local_date_time_near_date_time": [
        "UPDATE events SET local_date_time = local_date_time + interval '1 day'",
        "UPDATE events SET local_date_time = 'infinity'",
        "UPDATE events SET local_date_time = timezone('UTC', date_time) + interval '14:00:01'",
        "UPDATE events SET local_date_time = timezone('UTC', date_time) - interval '12:00:01'",
    ],
    "events_capacity_in_range": [
        (
            "INSERT INTO events (title, venue, date_time, time_zone, capacity, price)"
            " VALUES ('Jazz', 'Hall', now() + interval '1 day', 'UTC', 0, 0)"
        ),
        "UPDATE events SET capacity = 1000001",
    ],
    "events_price_in_range": [
        "UPDATE events SET price = -0.01",
        "UPDATE events SET price = 'NaN'",
        "UPDATE events SET price = 100000000",
        "UPDATE events SET price = 'Infinity'",
    ],
    "events_price_within_3_decimals": [
        "UPDATE events SET price = 1.2345",
        (
            "INSERT INTO events (title, venue, date_time, time_zone, capacity, price)"
            " VALUES ('Jazz', 'Hall', now() + interval '1 day', 'UTC', 1, 0.0001)"
        ),
    ],
    "events_max_tickets_per_booking_in_range": [
        "UPDATE events SET max_tickets_per_booking = 0",
        "UPDATE events SET max_tickets_per_booking = 101",
    ],
    "events_bookings_count_in_range": [
        "UPDATE events SET bookings_count = -1",
        "UPDATE events SET bookings_count = tickets_sold + 1",
    ],
    "events_revenue_in_range": [
        "UPDATE events SET revenue = -0.01",
        "UPDATE events SET revenue = 'NaN'",
    ],
    "events_tickets_checked_in_in_range": [
        "UPDATE events SET tickets_checked_in = -1",
        "UPDATE events SET tickets_checked_in = tickets_sold + 1",
    ],
    "events_cancellation_reason_only_when_cancelled": [
        "UPDATE events SET cancellation_reason = 'The singer is ill.' WHERE status = 'active'"
    ],
    "events_minimum_age_in_range": [
        "UPDATE events SET minimum_age = 0",
        "UPDATE events SET minimum_age = 100",
    ],
    "events_version_positive": ["UPDATE events SET version = 0"],
    "bookings_pkey": [
        (
            "INSERT INTO bookings (id, user_id, event_id, quantity, unit_price, total_amount,"
            " booked_by) OVERRIDING SYSTEM VALUE"
            " SELECT id, user_id, event_id, 1, 20, 20, booked_by FROM bookings"
        )
    ],
    "bookings_user_id_fkey": [
        NEW_BOOKING + " VALUES (0, %(event)s, 1, 20, 20, %(user)s)",
        "UPDATE bookings SET user_id = 0",
        "DELETE FROM users WHERE id = %(user)s",
    ],
    "bookings_event_id_fkey": [
        NEW_BOOKING + " VALUES (%(user)s, 0, 1, 20, 20, %(user)s)",
        "DELETE FROM events WHERE id = %(event)s",
        "UPDATE events SET id = DEFAULT WHERE id = %(event)s",
    ],
    "bookings_booked_by_fkey": [
        NEW_BOOKING + " VALUES (%(user)s, %(event)s, 1, 20, 20, 0)",
        "DELETE FROM users WHERE id = %(admin)s",
    ],
    "bookings_quantity_positive": [
        NEW_BOOKING + " VALUES (%(user)s, %(event)s, 0, 20, 0, %(user)s)",
        NEW_BOOKING + " VALUES (%(user)s, %(event)s, 101, 20, 2020, %(user)s)",
        NEW_BOOKING + " VALUES (%(user)s, %(event)s, -1, 20, -20, %(user)s)",
    ],
    "bookings_unit_price_in_range": [
        NEW_BOOKING + " VALUES (%(user)s, %(event)s, 1, -0.01, -0.01, %(user)s)",
        NEW_BOOKING + " VALUES (%(user)s, %(event)s, 1, 'NaN', 'NaN', %(user)s)",
    ],
    "bookings_unit_price_within_3_decimals": [
        NEW_BOOKING + " VALUES (%(user)s, %(event)s, 2, 1.2345, 2.4690, %(user)s)",
    ],
    "bookings_total_amount_is_price_times_quantity": [
        NEW_BOOKING + " VALUES (%(user)s, %(event)s, 2, 20, 39.99, %(user)s)",
        NEW_BOOKING + " VALUES (%(user)s, %(event)s, 2, 20, 'NaN', %(user)s)",
    ],
    "bookings_cancelled_exactly_when_cancelled_at": [
        (
            "INSERT INTO bookings (user_id, event_id, quantity, unit_price, total_amount,"
            " booked_by, booking_date, status)"
            " VALUES (%(user)s, %(event)s, 1, 20, 20, %(user)s, now(), 'cancelled')"
        ),
        "UPDATE bookings SET cancelled_at = booking_date",
    ],
    "bookings_booking_date_before_2100": [
        "UPDATE bookings SET booking_date = '2100-01-01 00:00:00+00'",
        "UPDATE bookings SET booking_date = 'infinity'",
    ],
    "bookings_cancelled_after_booked": [
        (
            "UPDATE bookings SET status = 'cancelled',"
            " cancelled_at = booking_date - interval '1 microsecond'"
        )
    ],
    "bookings_idempotency_key_visible_ascii": [
        "UPDATE bookings SET idempotency_key = ''",
        "UPDATE bookings SET idempotency_key = 'a b'",
        "UPDATE bookings SET idempotency_key = 'ä'",
        "UPDATE bookings SET idempotency_key = repeat('a', 65)",
        "UPDATE bookings SET idempotency_key = E'a\\n'",
    ],
    "bookings_one_per_idempotency_key": [
        (
            "INSERT INTO bookings (user_id, event_id, quantity, unit_price, total_amount,"
            " booked_by, idempotency_key)"
            " SELECT user_id, event_id, 1, 20, 20, booked_by, idempotency_key FROM bookings"
        )
    ],
    "bookings_tickets_checked_in_in_range": [
        "UPDATE bookings SET tickets_checked_in = -1",
        "UPDATE bookings SET tickets_checked_in = quantity + 1",
    ],
    "tickets_pkey": [
        (
            "INSERT INTO tickets (id, booking_id, ticket_code) OVERRIDING SYSTEM VALUE"
            " VALUES (%(ticket)s, %(booking)s, new_ticket_code(1))"
        )
    ],
    "tickets_booking_id_fkey": [
        "INSERT INTO tickets (booking_id, ticket_code) VALUES (0, new_ticket_code(1))"
    ],
    "tickets_code_unique": [
        (
            "INSERT INTO tickets (booking_id, ticket_code)"
            " SELECT booking_id, ticket_code FROM tickets WHERE id = %(ticket)s"
        )
    ],
    "tickets_code_format": [
        "UPDATE tickets SET ticket_code = lower(new_ticket_code(1)) || 'x' WHERE id = %(ticket)s",
        "UPDATE tickets SET ticket_code = 'ILOU0-00000-00000-00000-0' WHERE id = %(ticket)s",
        "UPDATE tickets SET ticket_code = '000000000000000000000' WHERE id = %(ticket)s",
        "UPDATE tickets SET ticket_code = '' WHERE id = %(ticket)s",
    ],
    "tickets_code_has_check_symbol": [
        "UPDATE tickets SET ticket_code = '00000-00000-00000-00000-1' WHERE id = %(ticket)s",
        "UPDATE tickets SET ticket_code = '0ZYXW-00000-11111-22222-3' WHERE id = %(ticket)s",
    ],
    "tickets_used_exactly_when_used_at": [
        (
            "INSERT INTO tickets (booking_id, ticket_code, status)"
            " VALUES (%(booking)s, new_ticket_code(1), 'used')"
        ),
        "UPDATE tickets SET used_at = now() WHERE id = %(ticket)s",
        "UPDATE tickets SET status = 'cancelled', used_at = now() WHERE id = %(ticket)s",
    ],
    "activity_pkey": [
        (
            "INSERT INTO activity (id, at, action) OVERRIDING SYSTEM VALUE"
            " SELECT id, at, 'user-created' FROM activity"
        )
    ],
    "activity_detail_is_object": [
        "INSERT INTO activity (action, detail) VALUES ('user-created', '[]')",
        "INSERT INTO activity (action, detail) VALUES ('user-created', 'null')",
    ],
    "event_versions_pkey": [
        (
            "INSERT INTO event_versions (event_id, version, at, login, fields)"
            " SELECT event_id, version, at, login, fields FROM event_versions"
        )
    ],
    "event_versions_fields_is_object": ["UPDATE event_versions SET fields = '[]'"],
    "event_figures_pkey": ["INSERT INTO event_figures SELECT * FROM event_figures"],
    "repairs_pkey": [
        ("INSERT INTO repairs (id, reason) OVERRIDING SYSTEM VALUE SELECT id, reason FROM repairs")
    ],
    "repairs_reason_not_blank": ["SELECT begin_repair(' ')"],
}
