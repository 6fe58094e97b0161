"""A server with short deadlines, so that tests need not wait long.

Run it with `python -m tests.api.short_deadlines`.
"""

from app import __main__
from app.http import body_limits, wire

HEAD_SECONDS = 2
BODY_SECONDS = 1
LINGER_SECONDS = 1
STALLED_SECONDS = 2

if __name__ == "__main__":
    wire.HEAD_SECONDS = HEAD_SECONDS
    wire.LINGER_SECONDS = LINGER_SECONDS
    wire.STALLED_SECONDS = STALLED_SECONDS
    body_limits.BODY_SECONDS = BODY_SECONDS
    __main__.main()
