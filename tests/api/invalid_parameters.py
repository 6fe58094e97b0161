"""Invalid values of parameters in a path or a query, and of headers."""

from collections.abc import Mapping, Sequence

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
    "EventQuery.category": SEARCH,
    "EventQuery.from": DAY_OR_TIME,
    "EventQuery.to": DAY_OR_TIME,
    "EventQuery.status": CHOICE,
    "UserBookingsQuery.scope": CHOICE,
    "EventBookingsQuery.search": SEARCH,
    "UserQuery.search": SEARCH,
    "UserQuery.only": CHOICE,
    "AdminEventQuery.status": CHOICE,
    "AdminEventQuery.search": SEARCH,
    "AdminEventQuery.category": SEARCH,
    "AdminEventQuery.from": (*DAY_OR_TIME, "2027-03-01"),
    "AdminEventQuery.sort": (*CHOICE, "password_hash"),
    "AdminEventQuery.order": CHOICE,
    "ActivityQuery.event_id": PATH_ID,
    "TokenQuery.event_id": PATH_ID,
    "CustomerLimitQuery.user_id": PATH_ID,
    "DeliveryQuery.failing": ("", "x", "2", "%00", "null", "%FF", LONG_TEXT),
    "MailQuery.state": CHOICE,
    "MomentQuery.at": ("", "soon", "2027-03-01T19:00:00", "2027-13-01T19:00:00Z"),
} | {
    f"{model}.{field}": values
    for model in (
        *("EventQuery", "UserBookingsQuery", "EventBookingsQuery", "UserQuery"),
        *("AdminEventQuery", "ActivityQuery", "DeliveryQuery", "MailQuery", "PageQuery"),
        "TokenQuery",
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
    "ReadHeaders.If-None-Match": (),
}
