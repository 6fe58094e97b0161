"""The examples in app/deployment agree with the limits of the application."""

import configparser
import re

from app.__main__ import SHUTDOWN_SECONDS
from app.http.body_limits import MAX_BODY_BYTES
from app.http.descriptors import MOST_CONNECTIONS, SPARE
from app.http.downloads import WHOLE_SECONDS
from app.local.paths import ROOT
from app.settings import Settings

FOLDER = ROOT / "app" / "deployment"
NGINX = (FOLDER / "nginx.conf").read_text()


def unit() -> configparser.SectionProxy:
    """Return the section of the service, with its names as they are written."""
    parser = configparser.ConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(FOLDER / "marquee.service")
    return parser["Service"]


def directive(name: str) -> list[str]:
    """Return the values of a directive of nginx."""
    return re.findall(rf"^ *{name} +(.+);$", NGINX, re.MULTILINE)


def test_the_unit_has_room_for_all_connections_and_time_to_stop() -> None:
    assert int(unit()["LimitNOFILE"]) == MOST_CONNECTIONS + SPARE
    assert int(unit()["TimeoutStopSec"]) > SHUTDOWN_SECONDS


def test_the_unit_limits_what_the_service_can_do() -> None:
    shown = {
        name: unit()[name] for name in ("NoNewPrivileges", "ProtectSystem", "PrivateTmp", "User")
    }
    assert shown == {
        "NoNewPrivileges": "yes",
        "ProtectSystem": "strict",
        "PrivateTmp": "yes",
        "User": "marquee",
    }


def test_the_proxy_drops_what_clients_claim() -> None:
    headers = dict(value.split(" ", 1) for value in directive("proxy_set_header"))
    assert headers == {
        "Upgrade": '""',
        "Connection": '""',
        "Forwarded": '""',
        "Host": "$host",
        "X-Forwarded-Proto": "$scheme",
        "X-Forwarded-For": "$remote_addr",
    }


def test_the_proxy_leads_pages_to_https_and_refuses_calls_without_it() -> None:
    clear, encrypted = re.findall(r"^server \{$.*?^\}$", NGINX, re.MULTILINE | re.DOTALL)
    assert "listen 80;" in clear
    assert re.search(r"location /api/ \{\s+return 403;", clear)
    assert re.search(r"location / \{\s+return 308 https:", clear)
    assert "listen 443 ssl;" in encrypted
    assert directive("ssl_protocols") == ["TLSv1.2 TLSv1.3"]


def test_the_proxy_waits_as_the_application_needs() -> None:
    (idle,) = directive("keepalive_timeout")
    assert int(idle.removesuffix("s")) < Settings.model_fields["keep_alive_seconds"].default
    (read,) = directive("proxy_read_timeout")
    assert int(read.removesuffix("s")) > WHOLE_SECONDS
    (body,) = directive("client_max_body_size")
    assert int(body.removesuffix("k")) * 1024 > MAX_BODY_BYTES
