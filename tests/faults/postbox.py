"""A mail server that keeps the Message-ID of each mail it takes."""

import re
import socket
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Postbox:
    """Which Message-IDs each address got, in the order in which they came."""

    def __init__(self) -> None:
        self.ids: defaultdict[str, list[bytes]] = defaultdict(list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        found = re.search(rb"^Message-ID: (.+?)\r?$", cast("bytes", envelope.content), re.MULTILINE)
        assert found is not None
        (address,) = envelope.rcpt_tos
        self.ids[address].append(found[1])
        return "250 OK"

    @property
    def received(self) -> int:
        return sum(map(len, self.ids.values()))


@contextmanager
def mail_server(postbox: Postbox) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(postbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{port}"
    finally:
        controller.stop()
