"""A cross-site change or download is refused.

PUBLIC_URL is not set here; test_public_url.py tests with it.
"""

from collections.abc import Mapping

import pytest

from app.api import ENDPOINTS
from app.http.endpoints import Endpoint
from tests.support.application import Api
from tests.support.bodies import new_user
from tests.support.rows import value

pytestmark = pytest.mark.asyncio(loop_scope="module")

GUARDED = [
    endpoint
    for endpoint in ENDPOINTS
    if endpoint.method != "GET" or endpoint.media_type != "application/json"
]
FROM_ELSEWHERE: tuple[Mapping[str, str], ...] = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": ""},
    {"Sec-Fetch-Site": "SAME-ORIGIN"},
    {"Sec-Fetch-Site": "anything new"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://marquee.localhost"},
    {"Origin": "http://evil.test"},
    {"Origin": "http://marquee.localhost.evil.test"},
    {"Origin": "http://evil.test/marquee.localhost"},
    {"Origin": "http://marquee.localhost:8080"},
    {"Origin": "http://evilmarquee.localhost"},
    {"Origin": "https://marquee.localhost"},
    {"Origin": "evil://marquee.localhost"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "marquee.localhost"},
)
FROM_HERE: tuple[Mapping[str, str], ...] = (
    {},  # A client that sends neither header is not a browser.
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://behind-a-proxy.test"},
    {"Origin": "http://marquee.localhost"},
    {"Origin": "http://localhost:8000", "Host": "localhost:8000"},
)


@pytest.mark.parametrize(
    "endpoint", [pytest.param(endpoint, id=endpoint.handler.__name__) for endpoint in GUARDED]
)
async def test_a_cross_site_call_is_refused(shared_api: Api, endpoint: Endpoint) -> None:
    admin = shared_api.admin()
    path = f"/api{endpoint.path}".format(id=1, code="00000-00000-00000-00000-0", secret="unknown")
    for headers in FROM_ELSEWHERE:
        response = await admin.send(endpoint.method, path, {}, headers=headers)
        assert response.status_code == 403, headers
        assert response.json()["type"] == "/problems/cross-site-request"
    # The request is refused before the user and the input are examined.
    for headers in FROM_HERE:
        response = await admin.send(endpoint.method, path, {}, headers=headers)
        assert "cross-site-request" not in response.text


@pytest.mark.parametrize("headers", FROM_HERE)
async def test_a_same_origin_call_is_served(shared_api: Api, headers: Mapping[str, str]) -> None:
    response = await shared_api.anonymous.post("/api/users", new_user(), headers=headers)
    assert response.status_code == 201


async def test_a_refused_cross_site_call_changes_nothing(shared_api: Api) -> None:
    ana = shared_api.customer()
    users = value(shared_api.db, "SELECT count(*) FROM users")
    headers = {"Sec-Fetch-Site": "cross-site"}
    await shared_api.anonymous.post("/api/users", new_user(), headers=headers)
    await ana.delete("/api/sessions/current", headers=headers)
    assert value(shared_api.db, "SELECT count(*) FROM users") == users
    assert (await ana.read("/api/sessions/current"))["user"] is not None


async def test_a_cross_site_read_is_served(shared_api: Api) -> None:
    for headers in FROM_ELSEWHERE:
        response = await shared_api.anonymous.get("/api/events", headers=headers)
        assert response.status_code == 200
        # CORS does not let the other site read the answer.
        assert "access-control-allow-origin" not in response.headers
