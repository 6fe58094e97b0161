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
    r'"Ana \u202egnp.exe"',  # shown as Ana exe.png
    r'"\u2067Ana\u2069"',
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
OPTIONAL_CATEGORY: Sequence[Value] = (*OPTIONAL_NOTE, f'"{"x" * 41}"')
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
POSTER_SEED: Sequence[Value] = (*_NOT_INTEGER, *_HUGE, "2147483648", "-2147483649")
MAX_PER_CUSTOMER: Sequence[Value] = (*POSITIVE, "10001", "2147483648")
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
# A sale in the past is refused only before the year 2000.
SALE_TIME: Sequence[Value] = (
    *(
        value
        for value in DATE_TIME
        if value != "null" and (isinstance(value, str) or value in LONE_SURROGATES)
    ),
    *('"0001-01-01T00:00:00Z"', '"1969-12-31T23:59:59Z"', '"1999-12-31T23:59:59Z"'),
)
# Of one date among several, the pointer names the place: tests/api/test_drafts.py.
DATES: Sequence[Value] = (
    *NUMBERS,
    *("null", "true", '""', '"2099-03-01T19:00:00"', "{}", "[]"),
    '["2099-03-01T19:00:00"' + ', "2099-03-01T19:00:00"' * 100 + "]",
)
# Of one id among several, the pointer names the place.
IDS: Sequence[Value] = (
    *NUMBERS,
    *("null", "true", '""', '"1"', "{}", "[]"),
    "[1" + ", 1" * 100 + "]",
)
MESSAGE: Sequence[Value] = (
    *NOT_TEXT_OR_NULL,
    *LONE_SURROGATES,
    *ALWAYS_REFUSED_TEXT,
    *('""', '"   "', r'"\n\n"', r'"\u200b\u2060\ufeff"', r'"a\rb"', r'"a\tb"', f'"{"x" * 1001}"'),
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

WEBHOOK_URL: Sequence[Value] = (
    *NOT_TEXT_OR_NULL,
    *LONE_SURROGATES,
    *ALWAYS_REFUSED_TEXT,
    *(
        '""',
        '"hooks.example.org"',
        '"http://hooks.example.org/"',
        '"ftp://example.org/"',
        '"file:///etc/passwd"',
        '"https://"',
    ),
    *('"https:///path"', '"https://exa mple.org/"', '"https://bücher.example/"', '"http://:80/"'),
    *('"https://example.org:99999/"', '"https://example.org:x/"', '"https://[::1/"'),
    *('"https://me:secret@example.org/"', '"https://me@example.org/"', '"https://a.example/#b"'),
    *(
        '"http://localhost:8000/"',
        '"http://a.localhost/"',
        '"http://127.0.0.1/"',
        '"http://[::1]/"',
    ),
    *('"http://10.1.2.3/"', '"http://192.168.0.1/"', '"http://169.254.169.254/latest/"'),
    *('"http://[fc00::1]/"', '"http://[::ffff:127.0.0.1]/"', '"http://0.0.0.0/"'),
    f'"https://example.org/{"a" * 2_000}"',
)
# Of one type among several, the pointer names the place: tests/api/test_webhook_endpoints.py.
WEBHOOK_TYPES: Sequence[Value] = (
    *NUMBERS,
    *("null", "true", '""', '"booking.confirmed"', "{}"),
    '["booking.confirmed", "booking.confirmed"]',
)
_NOT_A_MOMENT = (
    *NOT_TEXT,
    *LONE_SURROGATES,
    *('""', '"soon"', '"2027-03-01"', '"2027-02-30T19:00:00Z"', '"2027-03-01T19:00:00.5Z"'),
    *('"infinity"', '"0000-01-01T00:00:00Z"', '"0001-01-01T00:00:00+14:00"'),
)
MOMENT: Sequence[Value] = (*_NOT_A_MOMENT, "null")
# The other time is 19:00.
LATER_MOMENT: Sequence[Value] = (*_NOT_A_MOMENT, '"2027-03-01T19:00:00Z"', '"2020-01-01T00:00:00Z"')
# Of one scope among several, the pointer names the place: tests/api/test_tokens.py.
SCOPES: Sequence[Value] = (
    *NUMBERS,
    *("null", "true", '""', '"door"', "{}", "[]"),
    '["door", "door"]',
)
TOKEN_END: Sequence[Value] = (
    *_NOT_A_MOMENT,
    *("null", '"2020-01-01T00:00:00Z"', '"2098-01-01T00:00:00Z"', '"9999-12-31T23:59:59Z"'),
)
PASS: Sequence[Value] = (
    *NOT_TEXT_OR_NULL,
    *LONE_SURROGATES,
    *('""', '" "', '"mqp_ä"', r'"mqp_\u0000"', r'"mqp_a\n"', f'"{"x" * 201}"'),
)
BOOLEAN: Sequence[Value] = (*NUMBERS, '"true"', '""', "null", "[]", "{}")
_NOT_AN_ADDRESS = (
    *('"@"', '"ana@"', '"@example.org"', '"a b@example.org"', '"a@b@example.org"', '"a@localhost"'),
    *(r'"a\u0000@example.org"', r'"a\n@example.org"', r'"a\u202e@example.org"', '"a@example..org"'),
    *('"Ana <ana@example.org>"', '"anä@example.org"', f'"a@{"x" * 250}.org"', '"a@-example.org"'),
)
EMAIL: Sequence[Value] = (*NOT_TEXT_OR_NULL, *LONE_SURROGATES, *_NOT_AN_ADDRESS, '""', '"ana"')
ACCOUNT: Sequence[Value] = (*PHONE, *_NOT_AN_ADDRESS)
CODE: Sequence[Value] = (
    *NOT_TEXT_OR_NULL,
    *LONE_SURROGATES,
    *('""', '"12345"', '"1234567"', '"12345a"', '"٠٤٢٣١٧"', '"-12345"', f'"{" " * 20}1"'),
)
TYPED_CODE: Sequence[Value] = (
    *NOT_TEXT_OR_NULL,
    *LONE_SURROGATES,
    *('""', '"4F7K-Q2MX-9B0"', '"4F7K-Q2MX-9B0TT"', '"4F7K-Q2MX-9B0U"', '"٠٤٢٣١٧٠٤٢٣١٧"'),
    f'"{"-" * 50}4F7KQ2MX9B0T"',
)
FACTOR_CODE: Sequence[Value] = (*CODE, '"4F7K-Q2MX-9B0T"', f'"{"-" * 100}042317"')
TOKEN: Sequence[Value] = (*NOT_TEXT_OR_NULL, *LONE_SURROGATES, '""', f'"{"x" * 101}"')
CHOSEN: Sequence[Value] = (*NUMBERS, *LONE_SURROGATES, '""', '"true"', "null", "[]", "{}")

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
    "NewEvent.category": OPTIONAL_CATEGORY,
    "NewEvent.max_tickets_per_customer": MAX_PER_CUSTOMER,
    "NewEvent.sale_starts_at": SALE_TIME,
    "NewEvent.sale_ends_at": SALE_TIME,
    "NewEvent.poster_seed": POSTER_SEED,
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
    "EditedEvent.category": OPTIONAL_CATEGORY,
    "EditedEvent.max_tickets_per_customer": MAX_PER_CUSTOMER,
    "EditedEvent.sale_starts_at": SALE_TIME,
    "EditedEvent.sale_ends_at": SALE_TIME,
    "EditedEvent.poster_seed": POSTER_SEED,
    "EditedEvent.status": EVENT_STATUS,
    "EditedEvent.cancellation_reason": OPTIONAL_NOTE,
    "NewCopies.dates": DATES,
    "NewMessage.text": MESSAGE,
    "ShownNotices.ids": IDS,
    "NewBooking.event_id": ID,
    "NewBooking.quantity": TICKETS,
    "NewBooking.user_id": OPTIONAL_ID,
    "NewBooking.expected_total_amount": TOTAL,
    "NewBooking.beyond_customer_limit": BOOLEAN,
    "BookingChange.status": BOOKING_STATUS,
    "NewUser.name": LINE,
    "NewUser.phone": PHONE,
    "NewUser.password": NEW_PASSWORD,
    "NewUser.role": ROLE,
    "NewUser.take_over": BOOLEAN,
    "UserPhone.phone": PHONE,
    "UserPhone.verified": BOOLEAN,
    "UserPhone.take_over": BOOLEAN,
    "DisabledState.disabled": BOOLEAN,
    "NewRole.role": (*ROLE, "null"),
    "Erasure.password": _NOT_A_PASSWORD,  # null: it was given a short time ago
    "TypedPhone.phone": PHONE,
    "EditedUser.name": LINE,
    "GivenFactor.code": FACTOR_CODE,
    "Confirmation.password": (*_NOT_A_PASSWORD, "null", '""'),
    "Confirmation.code": tuple(invalid for invalid in FACTOR_CODE if invalid != "null"),
    "NewName.name": LINE,
    "ChangedPassword.current_password": (*_NOT_A_PASSWORD, "null", '""'),
    "ChangedPassword.new_password": (*NEW_PASSWORD, "null"),
    "PasswordByCode.account": ACCOUNT,
    "PasswordByCode.code": TYPED_CODE,
    "PasswordByCode.password": (*NEW_PASSWORD, "null"),
    "SignIn.phone": PHONE,
    "SignIn.account": tuple(invalid for invalid in ACCOUNT if invalid != "null"),
    "SignIn.password": PASSWORD,
    "NewEmail.email": EMAIL,
    "NewEmail.password": _NOT_A_PASSWORD,
    "ChangedPhone.phone": PHONE,
    "ChangedPhone.password": PASSWORD,
    "PhoneVerification.token": TOKEN,
    "PhoneVerification.code": CODE,
    "PhoneVerification.take_over": BOOLEAN,
    "MailWishes.optional_mail": CHOSEN,
    "Verification.token": TOKEN,
    "Unsubscription.token": TOKEN,
    "PasswordResetRequest.account": ACCOUNT,
    "PasswordReset.token": TOKEN,
    "PasswordReset.password": (*NEW_PASSWORD, "null"),
    "CheckInRequest.event_id": OPTIONAL_ID,
    "NewToken.name": LINE,
    "NewToken.scopes": SCOPES,
    "NewToken.event_id": OPTIONAL_ID,
    "NewToken.expires_at": TOKEN_END,
    "NewPass.name": LINE,
    "NewDoorSession.pass": PASS,
    "NewWebhook.url": WEBHOOK_URL,
    "NewWebhook.types": WEBHOOK_TYPES,
    "NewWebhook.event_id": OPTIONAL_ID,
    "EditedWebhook.url": WEBHOOK_URL,
    "EditedWebhook.types": WEBHOOK_TYPES,
    "EditedWebhook.event_id": OPTIONAL_ID,
    "EditedWebhook.enabled": BOOLEAN,
    "Replay.from": MOMENT,
    "Replay.to": LATER_MOMENT,
}
