"""Ticket codes with one wrong symbol."""


def mistyped(code: str) -> bytes:
    """Return a query for the code with another first symbol, which nothing can be read into.

    A code is also read with Y and Z exchanged. So one wrong symbol may happen to give a code whose
    check symbol is right, and that is an unknown code, not a mistyped one.
    """
    return f"""
        SELECT changed.code
        FROM generate_series(0, 9) AS digit,
            LATERAL (SELECT digit || substr('{code}', 2) AS code) AS changed
        WHERE NOT EXISTS (
                SELECT
                FROM unnest(ticket_code_readings(changed.code)) AS reading
                WHERE right(reading, 1)
                    = ticket_code_check_symbol(left(replace(reading, '-', ''), -1))
            )
        LIMIT 1
    """.encode()
