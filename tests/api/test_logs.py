"""The log of a server has one line of JSON for each request, and no secrets."""

import json
import re
import time
from pathlib import Path

from tests.support.application import Api
from tests.support.bodies import PASSWORD, new_phone
from tests.support.rows import add_event
from tests.support.servers import ServerProcess


async def test_each_request_is_one_json_line_without_secrets(
    two_apis: list[Api], two_servers: list[ServerProcess]
) -> None:
    api, log = two_apis[1], two_servers[1].log
    begin = log.stat().st_size
    admin, event, phone = api.admin(), add_event(api.db), new_phone()
    secrets = [PASSWORD, "wrong password", phone, phone[3:], admin.person.token, "key-4711"]
    sent = []

    async def send(method: str, path: str, route: str, json: object = None, **given: object) -> str:
        headers = {"Cookie": f"session={admin.person.token}", **given}
        response = await api.anonymous.send(method, path, json, headers=headers)
        sent.append((method, route, response.status_code, response.headers["x-request-id"]))
        return response.text

    user = {"name": "Zoë Secret", "phone": phone, "password": PASSWORD}
    await send("POST", "/api/users", "/api/users", user)
    await send("POST", "/api/users", "/api/users", user)
    for password in ("wrong password", PASSWORD):
        credentials = {"phone": phone, "password": password}
        # Signing in ends the session that the browser had.
        other_browser = {"Cookie": "session=none"}
        await send("POST", "/api/sessions", "/api/sessions", credentials, **other_browser)
    order = {"event_id": event, "quantity": 2}
    key = {"Idempotency-Key": "key-4711"}
    booking = json.loads(await send("POST", "/api/bookings", "/api/bookings", order, **key))
    code = booking["tickets"][0]["ticket_code"]
    secrets += [code, code.replace("-", ""), "Zoë", booking["tickets"][1]["ticket_code"]]
    await send("GET", f"/api/bookings/{booking['id']}", "/api/bookings/{id}")
    await send("GET", f"/api/tickets/{code}", "/api/tickets/{code}")
    door = "/api/tickets/{code}/check-in"
    for _ in range(2):
        await send("POST", f"/api/tickets/{code}/check-in", door, {})
    await send("PUT", f"/api/tickets/{code}/check-in", door, {})
    await send("GET", f"/api/tickets/{code}/nothing", "")
    await send("GET", f"/api/users?search={phone[1:]}", "/api/users")
    await send("GET", f"/api/users?phone={phone[1:]}", "/api/users")
    await send("GET", f"/tickets/{code}", "")
    await send("GET", f"/{code}.js", "")
    await send("GET", "/healthz", "/healthz")
    made = await api.anonymous.post(
        "/api/calendars", headers={"Cookie": f"session={admin.person.token}"}
    )
    sent.append(("POST", "/api/calendars", 201, made.headers["x-request-id"]))
    calendar = made.json()["address"].rpartition("/")[2]
    secrets += [calendar, calendar.removesuffix(".ics")]
    await send("GET", f"/api/calendars/{calendar}", "/api/calendars/{secret}.ics")
    await send("PUT", f"/api/calendars/{calendar}", "/api/calendars/{secret}.ics")
    await send("GET", f"/api/calendars/{calendar}/nothing", "")
    token, email = "a-token-of-a-mail", "zoe.secret@example.org"
    secrets += [token, email, "another password"]
    for path in ("/unsubscribe", "/verify-email", "/reset-password"):
        await send("GET", f"{path}?token={token}", path)
    await send("POST", f"/unsubscribe?token={token}", "/unsubscribe")
    links = ("/api/email-verifications", "/api/unsubscriptions")
    for path in links:
        await send("POST", path, path, {"token": token})
    new = {"token": token, "password": "another password"}
    await send("PUT", "/api/password-resets", "/api/password-resets", new)
    await send("POST", "/api/password-resets", "/api/password-resets", {"account": email})
    change = {"email": email, "password": PASSWORD}
    await send("PUT", "/api/account/email", "/api/account/email", change)
    csv = "/api/bookings/event/{id}.csv"
    await send("GET", csv.format(id=event), csv)

    written = written_lines(log, begin, len(sent))
    lines = [json.loads(line) for line in written.splitlines()]
    requests = [line for line in lines if line["event"] == "request"]
    # tests/api/test_security_events.py has them one by one.
    security = [line for line in lines if line.get("security")]
    logged = [
        (line["method"], line["route"], line["status"], line["request_id"]) for line in requests
    ]
    assert logged == sent
    assert len(lines) == len(requests) + len(security)
    assert {line["event"] for line in security} >= {"sign-in-succeeded", "sign-in-failed", "export"}
    for line in requests:
        assert isinstance(line["milliseconds"], float)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", line["timestamp"])
    for secret in secrets:
        assert secret not in written


def written_lines(log: Path, begin: int, count: int) -> str:
    """Return the lines when `count` requests are among them:

    a streamed answer ends before it is logged.
    """
    deadline = time.monotonic() + 10
    while True:
        written = log.read_bytes()[begin:].decode()
        if written.count('"event":"request"') >= count or time.monotonic() > deadline:
            return written
        time.sleep(0.01)


async def test_a_running_server_writes_nothing_but_json(
    two_apis: list[Api], two_servers: list[ServerProcess]
) -> None:
    await two_apis[0].anonymous.get("/healthz")
    for server in two_servers:
        lines = [json.loads(line) for line in server.log.read_text().splitlines()]
        assert all({"event", "level", "timestamp"} <= line.keys() for line in lines)
