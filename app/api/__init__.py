"""What the API says, one module a resource; ENDPOINTS lists every call of it."""

from collections.abc import Sequence

from app.api import (
    activity,
    admin_events,
    booking_export,
    bookings,
    event_edits,
    events,
    installation,
    integrity,
    sales,
    sessions,
    tickets,
    users,
)
from app.http.endpoints import Endpoint

ENDPOINTS: Sequence[Endpoint] = (
    events.list_events,
    events.get_event,
    event_edits.create_event,
    event_edits.update_event,
    bookings.create_booking,
    bookings.list_user_bookings,
    booking_export.export_event_bookings_csv,
    booking_export.export_event_bookings_xlsx,
    bookings.list_event_bookings,
    bookings.get_booking,
    bookings.update_booking,
    users.list_users,
    users.create_user,
    users.update_user,
    sessions.sign_in,
    sessions.get_session,
    sessions.sign_out,
    admin_events.list_admin_events,
    admin_events.get_admin_event,
    sales.get_sales,
    integrity.get_integrity,
    integrity.get_event_integrity,
    activity.list_activity,
    tickets.get_ticket,
    tickets.check_in_ticket,
    installation.get_config,
)
