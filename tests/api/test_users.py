"""Signing up, and users as admins create, find and change them."""

from urllib.parse import quote

import httpx2
import pytest

from tests.support.application import Api
from tests.support.bodies import PASSWORD, new_phone, new_user
from tests.support.rows import add_event, rows, value


def problem(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["type"].removeprefix("/problems/")


def pointers(response: httpx2.Response) -> list[str]:
    return [error["pointer"] for error in response.json()["errors"]]


async def test_a_new_user_is_a_customer_and_can_sign_in(api: Api) -> None:
    body = new_user(name=" Cleo Frost ")
    response = await api.anonymous.post("/api/users", body)
    user = response.json()
    assert (user["name"], user["phone"], user["role"]) == ("Cleo Frost", body["phone"], "customer")
    # Signing up does not sign in.
    assert "set-cookie" not in response.headers
    credentials = {"phone": body["phone"], "password": PASSWORD}
    signed_in = (await api.anonymous.post("/api/sessions", credentials)).json()["user"]
    assert user == signed_in | {
        "disabled_at": None,
        "phone_verified": False,
        "phone_lost": False,
        "has_password": True,
    }


@pytest.mark.parametrize(
    "written",
    (
        *("+49 171 3920001", "0171 3920001", "0171/392-00-01", "(0171) 392 0001", "00491713920001"),
        *("+49 (0) 171 3920001", "tel:+49-171-3920001", " +491713920001 ", "+٤٩١٧١٣٩٢٠٠٠١"),
    ),
)
async def test_phones_are_accepted_as_people_write_them(api: Api, written: str) -> None:
    response = await api.anonymous.post("/api/users", new_user(phone=written))
    assert response.json()["phone"] == "+491713920001"


@pytest.mark.parametrize(
    ("typed", "phone", "region", "usual"),
    (
        ("0171 3920001", "+491713920001", "DE", True),
        # A British number without + is a German one, and the page shows it.
        ("07700 900125", "+497700900125", "DE", True),
        ("+44 7400 123456", "+447400123456", "GB", True),
        ("0151 234", "+49151234", "DE", False),
        ("+800 1234 5678", "+80012345678", None, True),
    ),
)
async def test_a_phone_is_shown_as_it_is_understood(
    api: Api, typed: str, phone: str, region: str | None, usual: bool
) -> None:
    reading = await api.anonymous.post("/api/phone-readings", {"phone": typed})
    assert reading.json() == {"phone": phone, "region": region, "usual": usual}
    unreadable = await api.anonymous.post("/api/phone-readings", {"phone": "0"})
    assert (problem(unreadable), pointers(unreadable)) == ((422, "validation"), ["/phone"])


async def test_a_phone_without_plus_belongs_to_the_default_region(api: Api) -> None:
    config = await api.anonymous.read("/api/config")
    assert (config["currency"], config["default_region"]) == ("EUR", "DE")
    assert config["demo_accounts"] == []
    abroad = await api.anonymous.post("/api/users", new_user(phone="+1 (202) 555-0143"))
    assert abroad.json()["phone"] == "+12025550143"


@pytest.mark.parametrize("written", ("0151 234", "110", "+1 555 0100"))
async def test_a_phone_that_lost_digits_is_refused_for_a_new_account(
    api: Api, written: str
) -> None:
    for caller in (api.anonymous, api.admin()):
        response = await caller.post("/api/users", new_user(phone=written))
        assert response.status_code == 422
        (error,) = response.json()["errors"]
        assert (error["pointer"], "too short" in error["detail"]) == ("/phone", True)
    # An account from before this check still signs in.
    credentials = {"phone": written, "password": PASSWORD}
    assert problem(await api.anonymous.post("/api/sessions", credentials)) == (
        401,
        "sign-in-failed",
    )


@pytest.mark.parametrize("written", ("030 12345", "+44 7700 900125", "+49 5141 12"))
async def test_a_short_or_unknown_phone_that_can_be_right_is_taken(api: Api, written: str) -> None:
    response = await api.anonymous.post("/api/users", new_user(phone=written))
    assert response.status_code == 201


async def test_a_phone_is_unique_in_any_notation(api: Api) -> None:
    await api.anonymous.post("/api/users", new_user(phone="+491713920001"))
    for caller in (api.anonymous, api.admin()):
        response = await caller.post("/api/users", new_user(phone="0171 392 0001"))
        assert problem(response) == (409, "phone-taken")
        assert "491713920001" not in response.text
    assert value(api.db, "SELECT count(*) FROM users WHERE phone = '+491713920001'") == 1


async def test_a_password_has_8_to_200_characters_of_any_kind(api: Api) -> None:
    for password in (
        "83749201",
        "abcde" * 40,
        "пароль-😀",
        "  a   b   c ",
        "a\u0000b\u0000c\u0000d\u0000",
    ):
        body = new_user(password=password)
        assert (await api.anonymous.post("/api/users", body)).status_code == 201, password
        credentials = {"phone": body["phone"], "password": password}
        assert (await api.anonymous.post("/api/sessions", credentials)).status_code == 201
    for weak in ("password1", "12345678", "        ", "x" * 200, "Cleo Frost", "marquee1"):
        refused = await api.anonymous.post("/api/users", new_user(password=weak))
        assert (pointers(refused), refused.status_code) == (["/password"], 422), weak
    short = await api.anonymous.post("/api/users", new_user(password="1234567"))
    assert (pointers(short), short.status_code) == (["/password"], 422)
    missing = await api.anonymous.post("/api/users", new_user(password=None))
    assert pointers(missing) == ["/password"]


async def test_only_the_hash_of_a_password_is_kept(api: Api) -> None:
    await api.anonymous.post("/api/users", new_user())
    (user,) = rows(api.db, "SELECT * FROM users")
    assert user["password_hash"].startswith("$argon2id$v=19$")
    assert PASSWORD not in str(user)


async def test_admins_create_any_user_with_or_without_a_password(api: Api) -> None:
    admin = api.admin()
    other_admin = await admin.post("/api/users", new_user(role="admin"))
    assert other_admin.json()["role"] == "admin"
    customer = new_user(password=None)
    assert (await admin.post("/api/users", customer)).status_code == 201
    credentials = {"phone": customer["phone"], "password": PASSWORD}
    assert problem(await api.anonymous.post("/api/sessions", credentials)) == (
        401,
        "sign-in-failed",
    )


async def test_a_customer_cannot_create_an_admin(api: Api) -> None:
    for caller in (api.anonymous, api.customer()):
        response = await caller.post("/api/users", new_user(role="admin"))
        assert problem(response) == (403, "not-allowed")
    assert value(api.db, "SELECT count(*) FROM users WHERE role = 'admin'") == 0


async def test_sign_ups_from_one_address_are_limited(api: Api) -> None:
    assert (await api.anonymous.post("/api/users", new_user())).status_code == 201
    api.db.execute(
        "INSERT INTO sign_ups (network) SELECT network FROM sign_ups, generate_series(1, 99)"
    )

    refused = await api.anonymous.post("/api/users", new_user())

    assert (refused.status_code, refused.json()["type"]) == (429, "/problems/too-many-attempts")
    assert 880 <= int(refused.headers["retry-after"]) <= 900
    assert (await api.admin().post("/api/users", new_user())).status_code == 201


async def test_an_admin_sets_a_name_and_no_password(api: Api) -> None:
    admin, ana = api.admin(), api.customer()
    path = f"/api/users/{ana.id}"
    await admin.put(path, {"name": "Ana Herbst"})
    assert (await ana.read("/api/sessions/current"))["user"]["name"] == "Ana Herbst"
    refused = await admin.put(path, {"name": "Ana Herbst", "password": "brand new one"})
    assert (pointers(refused), refused.status_code) == (["/password"], 422)
    assert (await api.anonymous.post("/api/sessions", ana.sign_in_body)).status_code == 201


async def test_a_user_who_is_not_there_cannot_be_changed(api: Api) -> None:
    response = await api.admin().put(f"/api/users/{2**63 - 1}", {"name": "Nobody"})
    assert problem(response) == (404, "user-not-found")


async def test_users_are_found_by_parts_of_name_and_phone_newest_first(api: Api) -> None:
    admin = api.admin("Theo Admin")
    zoe = api.customer("Zoë Ångström", phone="+4915255500001")
    ben = api.customer("Ben Winter", phone="+12025550143")
    for search, expected in (
        ("", [ben.id, zoe.id, admin.id]),
        ("zoe+ang", [zoe.id]),
        ("wint", [ben.id]),
        ("2555", [ben.id, zoe.id]),
        ("%2B1202", [ben.id]),
        ("%25", []),
        ("nobody", []),
    ):
        listed = await admin.read(f"/api/users?search={search}")
        assert [user["id"] for user in listed["items"]] == expected, search
    pages = await admin.pages("/api/users?limit=1")
    assert [user["id"] for (user,) in pages] == [ben.id, zoe.id, admin.id]


@pytest.mark.parametrize("typed", ("0151 2340", "+49 (0)151 23400", "49-1512-3400", "15123400"))
async def test_a_phone_is_found_as_people_write_it(api: Api, typed: str) -> None:
    kim, theo = api.customer("Kim", phone="+491512340077"), api.admin()
    api.customer("Ada", phone="+491515550077")
    event = add_event(api.db)
    await kim.book(event)
    search = quote(typed)
    found = (await theo.read(f"/api/users?search={search}"))["items"]
    assert [user["name"] for user in found] == ["Kim"]
    booked = (await theo.read(f"/api/bookings/event/{event}?search={search}"))["items"]
    assert [booking["customer"]["name"] for booking in booked] == ["Kim"]


async def test_the_last_digits_of_a_phone_keep_their_zeros(api: Api) -> None:
    api.customer("Kim", phone="+491512340009")
    api.customer("Ada", phone="+491512340019")
    found = (await api.admin().read("/api/users?search=0009"))["items"]
    # The admin has the next phone number of the tests, which can end in 0009, too.
    assert {"Kim", "Ada"} & {user["name"] for user in found} == {"Kim"}


async def test_changes_of_users_are_logged_without_phone_or_password(api: Api) -> None:
    admin = api.admin("Theo")
    phone = new_phone()
    user = (await admin.post("/api/users", new_user(phone=phone))).json()
    await admin.put(f"/api/users/{user['id']}", {"name": "Cleo"})
    made = await admin.post(f"/api/users/{user['id']}/password-code")
    log = await admin.get("/api/admin/activity")
    coded, changed, created = log.json()["items"]
    assert (created["action"], created["user_id"]) == ("user-created", user["id"])
    assert (changed["action"], changed["detail"]["new_name"]) == ("user-changed", True)
    assert (coded["action"], coded["detail"]) == ("user-changed", {"password_code": True})
    assert not any(secret in log.text for secret in (phone, PASSWORD, made.json()["code"]))
