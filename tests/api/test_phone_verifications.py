"""Whose number it is: signing up, changing and losing a phone, with and without codes."""

import json
from typing import Any

import httpx2
import psycopg
import pytest

from tests.support.application import Api
from tests.support.bodies import PASSWORD, new_phone, new_user
from tests.support.rows import add_event, rows, value


@pytest.fixture
def gateway(api: Api) -> None:
    """A webhook that sends text messages."""
    add_gateway(api.db)


def add_gateway(db: psycopg.Connection) -> None:
    db.execute(
        "INSERT INTO webhook_endpoints (url, types, secret)"
        " VALUES ('https://sms.example.org/', '{phone.code}', sha256('k'))"
    )


def code_sent(db: psycopg.Connection, phone: str) -> str:
    """Return the newest code that was sent to a phone."""
    bodies = rows(db, "SELECT body FROM webhook_deliveries WHERE source = 'code' ORDER BY id DESC")
    for row in bodies:
        data = json.loads(row["body"])["data"]
        if data["phone"] == phone:
            code: str = data["text"].split()[0]
            return code
    raise AssertionError(f"no code was sent to {phone}")


async def verify(
    api: Api, sent: httpx2.Response, code: str | None = None, **given: object
) -> httpx2.Response:
    """Enter a code, by default the right one."""
    assert sent.status_code == 202, sent.text
    answer = sent.json()
    entered = code or code_sent(api.db, answer["phone"])
    body = {"token": answer["token"], "code": entered, **given}
    return await api.anonymous.post("/api/phone-verifications", body)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


async def signed_in(api: Api, account: str, password: str = PASSWORD) -> dict[str, Any] | None:
    """Return the user whom this signs in, or None."""
    response = await api.anonymous.post("/api/sessions", {"account": account, "password": password})
    if response.status_code == 401:
        return None
    user: dict[str, Any] = response.json()["user"]
    return user


async def test_without_a_gateway_signing_up_makes_the_account_at_once(api: Api) -> None:
    response = await api.anonymous.post("/api/users", body := new_user())

    assert response.status_code == 201
    assert response.json()["phone_verified"] is False
    assert (await api.anonymous.post("/api/users", body)).json()["type"] == "/problems/phone-taken"


@pytest.mark.usefixtures("gateway")
async def test_signing_up_is_finished_by_the_code(api: Api) -> None:
    body = new_user()
    sent = await api.anonymous.post("/api/users", body)
    assert sent.status_code == 202
    assert sent.json()["phone"] == body["phone"]
    assert await signed_in(api, body["phone"]) is None

    response = await verify(api, sent)

    assert response.status_code == 200
    assert (response.json()["name"], response.json()["phone"]) == (body["name"], body["phone"])
    user = await signed_in(api, body["phone"])
    assert user is not None
    listed = (await api.admin().read(f"/api/users?search={body['phone'][-7:]}"))["items"]
    assert [(row["id"], row["phone_verified"]) for row in listed] == [(user["id"], True)]
    again = await verify(api, sent, "000000")
    assert (again.status_code, again.json()["type"]) == (410, "/problems/code-not-valid")


@pytest.mark.usefixtures("gateway")
async def test_the_answer_does_not_tell_who_has_an_account(api: Api) -> None:
    customer = api.customer()
    known = await api.anonymous.post("/api/users", new_user(phone=customer.person.phone))
    unknown = await api.anonymous.post("/api/users", new_user())

    assert known.status_code == unknown.status_code == 202
    assert known.json().keys() == unknown.json().keys()
    codes = "SELECT count(*) FROM webhook_deliveries WHERE type = 'phone.code'"
    assert value(api.db, codes) == 2


@pytest.mark.usefixtures("gateway")
async def test_a_wrong_code_says_how_many_tries_are_left(api: Api) -> None:
    sent = await api.anonymous.post("/api/users", new_user())
    code = code_sent(api.db, sent.json()["phone"])

    answers = [await verify(api, sent, wrong(code)) for _ in range(5)]

    assert [answer.json()["tries_left"] for answer in answers] == [4, 3, 2, 1, 0]
    assert {answer.status_code for answer in answers} == {403}
    assert answers[0].json()["detail"] == "You have 4 more tries."
    assert answers[4].json()["detail"] == "That was the last try. Ask for another code."
    assert (await verify(api, sent, code)).status_code == 410


@pytest.mark.usefixtures("gateway")
async def test_a_code_may_be_typed_with_spaces(api: Api) -> None:
    sent = await api.anonymous.post("/api/users", new_user())
    code = code_sent(api.db, sent.json()["phone"])

    assert (await verify(api, sent, f" {code[:3]} {code[3:]} ")).status_code == 200


@pytest.mark.usefixtures("gateway")
async def test_the_owner_of_a_number_takes_it_over_without_the_bookings(api: Api) -> None:
    squatter = api.customer("Eve")
    phone = squatter.person.phone
    booking = await squatter.book(add_event(api.db))
    sent = await api.anonymous.post("/api/users", new_user(phone=phone, password="her own words"))

    response = await verify(api, sent)
    assert (response.status_code, response.json()["type"]) == (409, "/problems/phone-in-use")
    assert (await signed_in(api, phone) or {})["name"] == "Eve"
    response = await verify(api, sent, take_over=True)

    assert response.status_code == 200
    owner = response.json()
    assert owner["id"] != squatter.id
    assert await signed_in(api, phone) is None
    assert (await signed_in(api, phone, "her own words") or {})["id"] == owner["id"]
    # The session of the other account is over, and its bookings stay its own.
    assert (await squatter.get(f"/api/bookings/{booking['id']}")).status_code == 401
    found = (await api.admin().read(f"/api/bookings/user/{squatter.id}"))["items"]
    assert [row["id"] for row in found] == [booking["id"]]
    assert (await api.admin().read(f"/api/bookings/user/{owner['id']}"))["items"] == []


@pytest.mark.usefixtures("gateway")
async def test_a_user_who_has_lost_the_number_signs_in_by_mail_and_gets_another(api: Api) -> None:
    former = api.customer("Ben Winter", email="ben@example.org", email_verified_at="2030-01-01")
    sent = await api.anonymous.post("/api/users", new_user(phone=former.person.phone))
    await verify(api, sent, take_over=True)
    response = await api.anonymous.post(
        "/api/sessions", {"account": "Ben@Example.org", "password": PASSWORD}
    )
    assert response.json()["user"]["id"] == former.id
    cookie = response.headers["set-cookie"].split(";")[0]
    account = await api.anonymous.get("/api/account", headers={"Cookie": cookie})
    assert (account.json()["phone_lost"], account.json()["phone_verified"]) == (True, False)

    body = {"phone": (other := new_phone()), "password": PASSWORD}
    sent = await api.anonymous.put("/api/account/phone", body, headers={"Cookie": cookie})
    assert (await verify(api, sent)).json()["id"] == former.id

    assert (await signed_in(api, other) or {})["id"] == former.id


async def test_the_box_office_finds_a_user_who_has_lost_the_number(api: Api) -> None:
    admin, former = api.admin(), api.customer("Zora Lindqvist")
    api.db.execute("UPDATE users SET phone_lost_at = now() WHERE id = %s", [former.id])
    (found,) = (await admin.read("/api/users?search=lindqvist"))["items"]
    assert (found["id"], found["phone_lost"]) == (former.id, True)

    body = {"phone": (phone := new_phone()), "verified": True}
    response = await admin.put(f"/api/users/{former.id}/phone", body)

    assert response.status_code == 200
    given = response.json()
    assert (given["phone"], given["phone_verified"], given["phone_lost"]) == (phone, True, False)
    assert (await signed_in(api, phone) or {})["id"] == former.id
    unknown = await admin.put("/api/users/999999/phone", {**body, "phone": new_phone()})
    assert unknown.json()["type"] == "/problems/user-not-found"


async def test_the_box_office_gives_a_number_to_its_owner(api: Api) -> None:
    admin, squatter = api.admin(), api.customer("Eve")
    body = {"name": "Ana Herbst", "phone": squatter.person.phone}
    assert (await admin.post("/api/users", body)).json()["type"] == "/problems/phone-taken"

    owner = (await admin.post("/api/users", {**body, "take_over": True})).json()

    assert owner["phone_verified"] is True
    assert await signed_in(api, squatter.person.phone) is None
    taken = {"phone": squatter.person.phone, "verified": True}
    response = await admin.put(f"/api/users/{squatter.id}/phone", taken)
    assert response.json()["type"] == "/problems/phone-taken"
    response = await admin.put(f"/api/users/{squatter.id}/phone", {**taken, "take_over": True})
    assert response.status_code == 200


@pytest.mark.usefixtures("gateway")
async def test_the_last_admin_keeps_the_number(api: Api) -> None:
    admin, customer = api.admin(), api.customer()
    phone = admin.person.phone
    sent = await api.anonymous.post("/api/users", new_user(phone=phone))
    body = {"name": "Eve", "phone": phone, "take_over": True}
    given = {"phone": phone, "verified": True, "take_over": True}

    answers = [
        await verify(api, sent, take_over=True),
        await admin.post("/api/users", body),
        await admin.put(f"/api/users/{customer.id}/phone", given),
    ]

    for answer in answers:
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/last-admin")
    assert (await admin.get("/api/account")).status_code == 200
    # With another admin the number goes to its new owner.
    api.admin()
    assert (await verify(api, sent, take_over=True)).status_code == 200


async def test_nobody_who_signs_up_takes_a_number_over_without_a_code(api: Api) -> None:
    customer = api.customer()
    body = new_user(phone=customer.person.phone, take_over=True)

    assert (await api.anonymous.post("/api/users", body)).status_code == 409
    assert (await customer.get("/api/account")).status_code == 200


@pytest.mark.usefixtures("gateway")
async def test_a_customer_verifies_the_number_of_the_account(api: Api) -> None:
    customer = api.customer()
    assert (await customer.read("/api/account"))["phone_verified"] is False

    sent = await customer.post("/api/account/phone/codes")
    assert (await verify(api, sent)).status_code == 200

    account = await customer.read("/api/account")
    assert (account["phone_verified"], account["sends_phone_codes"]) == (True, True)


async def test_without_a_gateway_no_code_is_sent_and_a_phone_is_changed_at_once(api: Api) -> None:
    customer, other = api.customer(), api.customer()
    response = await customer.post("/api/account/phone/codes")
    assert (response.status_code, response.json()["type"]) == (409, "/problems/no-phone-codes")
    assert (await customer.read("/api/account"))["sends_phone_codes"] is False

    body = {"phone": (phone := new_phone()), "password": PASSWORD}
    response = await customer.put("/api/account/phone", body)

    assert (response.status_code, response.json()["phone"]) == (200, phone)
    assert response.json()["phone_verified"] is False
    taken = {**body, "phone": other.person.phone}
    response = await customer.put("/api/account/phone", taken)
    assert response.json()["type"] == "/problems/phone-taken"
    assert (await signed_in(api, phone) or {})["id"] == customer.id


async def test_a_changed_phone_needs_the_password(api: Api) -> None:
    customer = api.customer()
    body = {"phone": new_phone(), "password": "not the password"}

    response = await customer.put("/api/account/phone", body)

    assert (response.status_code, response.json()["type"]) == (403, "/problems/password-wrong")
    missing = await customer.put("/api/account/phone", {"phone": new_phone()})
    assert missing.json()["errors"][0]["pointer"] == "/password"


@pytest.mark.usefixtures("gateway")
async def test_codes_are_limited(api: Api) -> None:
    body, customer = new_user(), api.customer()
    answers = [await api.anonymous.post("/api/users", body) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]

    answers = [await customer.post("/api/account/phone/codes") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    changed = {"phone": body["phone"], "password": PASSWORD}
    assert (await customer.put("/api/account/phone", changed)).status_code == 429


async def test_changing_to_taken_phones_is_limited_like_signing_up(api: Api) -> None:
    api.db.execute("INSERT INTO sign_ups (network) SELECT '127.0.0.1' FROM generate_series(1, 100)")
    body = {"phone": new_phone(), "password": PASSWORD}

    assert (await api.customer().put("/api/account/phone", body)).status_code == 429


async def test_a_sign_in_names_either_a_phone_or_an_account(api: Api) -> None:
    customer = api.customer()
    both = {**customer.sign_in_body, "account": customer.person.phone}
    for body, pointer in ((both, "/account"), ({"password": PASSWORD}, "/phone")):
        response = await api.anonymous.post("/api/sessions", body)
        assert response.status_code == 422
        assert response.json()["errors"][0]["pointer"] == pointer
    assert (await api.anonymous.post("/api/sessions", customer.sign_in_body)).status_code == 201


async def test_the_code_is_not_in_the_table_of_codes(api: Api) -> None:
    add_gateway(api.db)
    sent = await api.anonymous.post("/api/users", new_user())
    code, token = code_sent(api.db, sent.json()["phone"]), sent.json()["token"]

    kept = value(api.db, "SELECT phone_codes::text FROM phone_codes")

    assert token not in kept
    # Without the token, none of the million codes has this hash.
    hashes = "SELECT count(*) FROM phone_codes WHERE code_hash = sha256(%s)"
    assert value(api.db, hashes, code.encode()) == 0
