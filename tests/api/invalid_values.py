"""Invalid values by kind of field; the tests try each of them in each field.

A value is JSON text as it stands in a body. If the answer is not a validation problem that points
to the field, the value comes with the type of the expected problem.
"""

from collections.abc import Mapping, Sequence

Value = str | tuple[str, str]

NUMBERS = ("0", "-0", "1", "1.5", "1e400", "-1e400", "NaN", "Infinity", "-Infinity", "1" * 400)
NOT_TEXT = (*NUMBERS, "true", "[]", "{}", '["a"]', '{"a": "b"}')
NOT_TEXT_OR_NULL = (*NOT_TEXT, "null")
# JSON can express half a surrogate pair, but no valid text contains one.
LONE_SURROGATES = (
    (r'"\ud800"', "malformed-json"),
    (r'"a\udc00b"', "malformed-json"),
    (r'"\udc00\ud800"', "malformed-json"),
    ('"\ud800"', "malformed-json"),  # the same as three raw bytes, which are invalid UTF-8
)
ALWAYS_REFUSED_TEXT = (r'"a\u0000b"', r'"\u0000"', r'"a\u001bb"', r'"a\u0085b"', r'"a\u009fb"')

LINE: Sequence[Value] = (
    *NOT_TEXT_OR_NULL,
    *LONE_SURROGATES,
    *ALWAYS_REFUSED_TEXT,
    '""',
    '"   "',
    r'"\u200b\u2060\ufeff"',  # invisible characters only
    r'"\u202e\u2066"',  # bidirectional controls only
    r'"\u3164"',  # the Hangul filler, which is invisible
    r'"a\nb"',
    r'"a\tb"',
    r'"a\r\nb"',
    f'"{"x" * 201}"',
    f'"{"😀" * 201}"',
    '"' + "e\u0301" * 200 + 'x"',  # 201 characters after composition
)
OPTIONAL_NOTE: Sequence[Value] = (
    *NOT_TEXT,
    *LONE_SURROGATES,
    *ALWAYS_REFUSED_TEXT,
    *('""', '"   "', r'"\u200b\u2060\ufeff"', r'"a\nb"', r'"a\tb"', f'"{"x" * 501}"'),
)
PARAGRAPHS: Sequence[Value] = (
    *NOT_TEXT_OR_NULL,
    *LONE_SURROGATES,
    *ALWAYS_REFUSED_TEXT,
    r'"a\rb"',
    f'"{"x" * 10_001}"',
    '"' + r"a\n" * 5_000 + 'bc"',
)

_NOT_INTEGER = (
    *('""', '"1"', '"one"', "1.5", "1.0", "1e0", "1e400", "-1e400", "NaN", "Infinity", "-Infinity"),
    *("true", "false", "[]", "[1]", "{}"),
)
_HUGE = ("9223372036854775808", "-9223372036854775809", "18446744073709551616", "1" * 400)
POSITIVE: Sequence[Value] = (*_NOT_INTEGER, *_HUGE, "0", "-0", "-1")
ID: Sequence[Value] = (*POSITIVE, "null")
OPTIONAL_ID: Sequence[Value] = POSITIVE
CAPACITY: Sequence[Value] = (*POSITIVE, "null", "1000001", "2147483648", "9223372036854775807")
MINIMUM_AGE: Sequence[Value] = (*POSITIVE, "100", "2147483648")
TICKETS: Sequence[Value] = (*POSITIVE, "null", "101", "2147483648", "9223372036854775807")

_NOT_MONEY = (
    *NOT_TEXT,
    *LONE_SURROGATES,
    *('""', '" "', '"-1.00"', '"-0.00"', '"+1.00"', '"1.234"', '"1."', '".5"', '"1,50"'),
    *('" 1.00"', '"1.00 "', r'"1.00\n"', r'"1\u0000"', '"1e3"', '"0x10"', '"1_000.00"'),
    *(
        '"NaN"',
        '"Infinity"',
        '"-Infinity"',
        '"free"',
        '"25.00 EUR"',
        '"\uff11\uff12.00"',
        '"١٢.00"',
    ),
)
PRICE: Sequence[Value] = (*_NOT_MONEY, "null", '"100000000.00"', f'"{"9" * 400}"')
TOTAL: Sequence[Value] = (*_NOT_MONEY, '"10000000000.00"', f'"{"9" * 400}"')

_IN_PAST = "date-time-in-past"
DATE_TIME: Sequence[Value] = (
    *NOT_TEXT_OR_NULL,
    *LONE_SURROGATES,
    *('""', '"soon"', '"2099-03-01"', '"19:00:00"', '"2099-03-01T19"', '"20990301T190000Z"'),
    *('"2099-02-29T19:00:00Z"', '"2099-13-01T19:00:00Z"', '"2099-00-01T19:00:00Z"'),
    *(
        '"2099-03-01T24:00:00Z"',
        '"2099-03-01T23:60:00Z"',
        '"2099-06-30T23:59:60Z"',
    ),  # a leap second
    *('"2099-03-01T19:00:00.5Z"', '"2099-03-01T19:00:00+25:00"', '"2099-03-01T19:00:00+1"'),
    *('"2099-03-01T19:00:00Z\\n"', '" 2099-03-01T19:00:00Z"', r'"2099-03-01T19:00:00\u0000Z"'),
    *('"2099-03-01T19:00:00 Europe/Berlin"', '"٢٠٩٩-03-01T19:00:00Z"', '"4070908800"'),
    *('"2098-03-30T02:30:00"', '"2098-03-30T02:00:00"'),  # Clocks in Berlin skip this hour.
    *('"0000-01-01T00:00:00Z"', '"0001-01-01T00:00:00+14:00"', '"-2099-01-01T00:00:00Z"'),
    *('"2100-01-01T00:00:00Z"', '"2099-12-31T23:59:59-01:00"', '"2100-01-01T01:00:00"'),
    *('"9999-12-31T23:59:59Z"', '"9999-12-31T23:59:59-14:00"', '"10000-01-01T00:00:00Z"'),
    ('"0001-01-01T00:00:00Z"', _IN_PAST),
    ('"1969-12-31T23:59:59Z"', _IN_PAST),
    ('"2020-02-29T23:59:59+14:00"', _IN_PAST),
)
TIME_ZONE: Sequence[Value] = (
    *NOT_TEXT_OR_NULL,
    *LONE_SURROGATES,
    *('""', '"europe/berlin"', '"Europe/Berlin "', r'"Europe/Berlin\u0000"', '"Europe"', '"+01"'),
    *('"CET"', '"Japan"', '"EUROPE/berlin"', '"Etc/Unknown"', '"EST5EDT,M3.2.0/2,M11.1.0/2"'),
    *('"FOO5"', '"EST5EDT4"', '"UTC+1"', '"localtime"', '"Factory"', '"../../etc/passwd"'),
    *('"/etc/localtime"', '"posix/Europe/Berlin"', '"tzdata.zi"', f'"{"A" * 5_000}"'),
)
TIME_OF_DAY: Sequence[Value] = (
    *NOT_TEXT,
    *LONE_SURROGATES,
    *('""', '"24:00"', '"19:60"', '"7:30"', '"19.30"', '"19:30:00"', '" 19:30"', r'"19:30\n"'),
    *('"-1:00"', '"١٩:٣٠"', '"19:30Z"', r'"19:30\u0000"'),
)

_NOT_A_WORD = (*NOT_TEXT_OR_NULL, *LONE_SURROGATES, '""', '"ACTIVE"', '" active"', '"deleted"')
NEW_EVENT_STATUS: Sequence[Value] = (*_NOT_A_WORD, '"cancelled"', '"completed"')
EVENT_STATUS: Sequence[Value] = (*_NOT_A_WORD, '"confirmed"', '"all"')
BOOKING_STATUS: Sequence[Value] = (*_NOT_A_WORD, '"active"', '"used"', '"canceled"')
ROLE: Sequence[Value] = (*_NOT_A_WORD, '"Admin"', '"owner"', '"superuser"')

PHONE: Sequence[Value] = (
    *NOT_TEXT_OR_NULL,
    *LONE_SURROGATES,
    *(
        '""',
        '" "',
        '"+"',
        '"++49"',
        '"phone"',
        '"12"',
        '"+49"',
        '"+4915"',
        '"+0123456789"',
    ),
    *('"+999123456789"', '"+49 1525 5512345 5512345"', f'"{"1" * 50}"', f'"{"1" * 51}"'),
    *(r'"\u0000"', r'"\u202e"', '"😀😀😀😀😀😀"', f'"+{"9" * 10_000}"'),
)
_NOT_A_PASSWORD = (*NOT_TEXT, *LONE_SURROGATES, '""', f'"{"x" * 201}"', f'"{"😀" * 201}"')
NEW_PASSWORD: Sequence[Value] = (*_NOT_A_PASSWORD, '"1234567"', '"😀😀😀😀😀😀😀"')
PASSWORD: Sequence[Value] = (*_NOT_A_PASSWORD, "null")

BODY_FIELDS: Mapping[str, Sequence[Value]] = {
    "NewEvent.title": LINE,
    "NewEvent.description": PARAGRAPHS,
    "NewEvent.venue": LINE,
    "NewEvent.time_zone": TIME_ZONE,
    "NewEvent.date_time": DATE_TIME,
    "NewEvent.capacity": CAPACITY,
    "NewEvent.price": PRICE,
    "NewEvent.max_tickets_per_booking": TICKETS,
    "NewEvent.doors_open": TIME_OF_DAY,
    "NewEvent.payment_note": OPTIONAL_NOTE,
    "NewEvent.end_time": TIME_OF_DAY,
    "NewEvent.address": OPTIONAL_NOTE,
    "NewEvent.minimum_age": MINIMUM_AGE,
    "NewEvent.access_note": OPTIONAL_NOTE,
    "NewEvent.organiser_contact": OPTIONAL_NOTE,
    "NewEvent.status": NEW_EVENT_STATUS,
    "EditedEvent.title": LINE,
    "EditedEvent.description": PARAGRAPHS,
    "EditedEvent.venue": LINE,
    "EditedEvent.time_zone": TIME_ZONE,
    "EditedEvent.date_time": DATE_TIME,
    "EditedEvent.capacity": CAPACITY,
    "EditedEvent.price": PRICE,
    "EditedEvent.max_tickets_per_booking": TICKETS,
    "EditedEvent.doors_open": TIME_OF_DAY,
    "EditedEvent.payment_note": OPTIONAL_NOTE,
    "EditedEvent.end_time": TIME_OF_DAY,
    "EditedEvent.address": OPTIONAL_NOTE,
    "EditedEvent.minimum_age": MINIMUM_AGE,
    "EditedEvent.access_note": OPTIONAL_NOTE,
    "EditedEvent.organiser_contact": OPTIONAL_NOTE,
    "EditedEvent.status": EVENT_STATUS,
    "EditedEvent.cancellation_reason": OPTIONAL_NOTE,
    "NewBooking.event_id": ID,
    "NewBooking.quantity": TICKETS,
    "NewBooking.user_id": OPTIONAL_ID,
    "NewBooking.expected_total_amount": TOTAL,
    "BookingChange.status": BOOKING_STATUS,
    "NewUser.name": LINE,
    "NewUser.phone": PHONE,
    "NewUser.password": NEW_PASSWORD,
    "NewUser.role": ROLE,
    "EditedUser.name": LINE,
    "EditedUser.password": NEW_PASSWORD,
    "SignIn.phone": PHONE,
    "SignIn.password": PASSWORD,
    "CheckInRequest.event_id": OPTIONAL_ID,
}

# In a query or a path every value is text, percent-encoded here.
LONG_TEXT = "x" * 1_500
LIMIT = (
    *("", "0", "-1", "-0", "101", "1.5", "1e1", "NaN", "Infinity", "ten", "true", "null", "%00"),
    *("0x10", "9223372036854775808", "1" * 400, "%D9%A1", "%FF", "%F0%9F%8E%AB", "10;drop"),
)
CURSOR = (
    *("", "x", "%00", "%FF", "!!!!", "null", "W10", "W10=", "%F0%9F%8E%AB", "bnVsbA==", "e30="),
    *("IiI=", "MQ==", "WzFd" * 300),
)
DAY_OR_TIME = (
    *("", "x", "%00", "tomorrow", "2027-02-30", "2027-13-01", "0000-01-01", "0001-01-01"),
    *(
        "1899-12-31",
        "2200-01-01",
        "9999-12-31",
        "10000-01-01",
        "20270301",
        "2027-W09-1",
        "2027-3-1",
    ),
    *("2027-03-01T24:00:00Z", "2027-03-01T19:00:60Z", "2027-03-01T19:00:00%2B25:00"),
    *("0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00", "2027-03-01T19:00:00.5Z"),
    *("%D9%A2%D9%A0%D9%A2%D9%A7-03-01", "1e400", "NaN", "infinity", "now", "1804291200"),
)
SEARCH = ("%00", "jazz%00", "x" * 101, "%F0%9F%8E%AB" * 101)
CHOICE = ("", "ACTIVE", "x", "%00", "active%00", "active,cancelled", "null", "%FF", LONG_TEXT)
PATH_ID = (
    *("0", "-1", "-0", "1.5", "1e3", "x", "null", "true", "NaN", "%00", "1%00", "%FF", "%20", "1;"),
    *("9223372036854775808", "-9223372036854775809", "1" * 400, "%D9%A1", "%F0%9F%8E%AB", "0x1"),
)
QUERY_FIELDS: Mapping[str, Sequence[str]] = {
    "EventQuery.search": SEARCH,
    "EventQuery.from": DAY_OR_TIME,
    "EventQuery.to": DAY_OR_TIME,
    "EventQuery.status": CHOICE,
    "UserBookingsQuery.scope": CHOICE,
    "EventBookingsQuery.search": SEARCH,
    "UserQuery.search": SEARCH,
    "AdminEventQuery.status": CHOICE,
    "AdminEventQuery.search": SEARCH,
    "AdminEventQuery.from": (*DAY_OR_TIME, "2027-03-01"),
    "AdminEventQuery.sort": (*CHOICE, "password_hash"),
    "AdminEventQuery.order": CHOICE,
    "ActivityQuery.event_id": PATH_ID,
} | {
    f"{model}.{field}": values
    for model in (
        *("EventQuery", "UserBookingsQuery", "EventBookingsQuery", "UserQuery"),
        *("AdminEventQuery", "ActivityQuery"),
    )
    for field, values in (("limit", LIMIT), ("cursor", CURSOR))
}

# Raw bytes of the value of a header.
HEADER_FIELDS: Mapping[str, Sequence[bytes]] = {
    "IdempotencyHeaders.Idempotency-Key": (
        *(b"", b"x" * 65, b"a b", b"a\tb", b"\x7f", b"\x01", b"\xc3\xa9", b"\xff", b"x" * 8_000),
    ),
    "EditHeaders.If-Match": (
        *(b"", b"1", b'"', b'""', b'"x-1-true"', b'"-1-1-true"', b'"1-2-true", "2-2-true"'),
        *(b'"99999999999999999999-1-true"', b"\xff", b'"\xd9\xa1-1-true"', b"x" * 8_000),
    ),
    # Any value is allowed there. A value that matches nothing is ignored.
    "EventHeaders.If-None-Match": (),
}
