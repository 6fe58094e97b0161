"""A person's own account: the mail address, its verification, and which mails are wanted."""

import asyncio
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.support.application import Api, Caller, in_process
from tests.support.bodies import PASSWORD
from tests.support.rows import add_mail_link, in_days, rows, value

ADDRESS = "ana@example.org"


async def set_email(caller: Caller, email: str = ADDRESS, password: str | None = PASSWORD) -> Any:
    return await caller.put("/api/account/email", {"email": email, "password": password})


def problem_of(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["type"].removeprefix("/problems/")


async def test_an_account_without_an_address(api: Api) -> None:
    ana = api.customer()
    assert await ana.read("/api/account") == {
        "id": ana.id,
        "name": ana.person.name,
        "phone": ana.person.phone,
        "email": None,
        "email_verified": False,
        "optional_mail": True,
        "has_password": True,
        "phone_verified": False,
        "phone_lost": False,
        "sends_phone_codes": False,
    }


async def test_an_address_is_added_verified_changed_and_removed(api: Api) -> None:
    ana = api.customer()
    added = await set_email(ana, " Ana@Example.ORG ")
    assert (added.json()["email"], added.json()["email_verified"]) == (ADDRESS, False)
    add_mail_link(api.db, ana.id, "email-verification", "secret", ADDRESS)
    verified = await api.anonymous.post("/api/email-verifications", {"token": "secret"})
    assert verified.status_code == 204, verified.text
    assert (await ana.read("/api/account"))["email_verified"]

    changed = (await set_email(ana, "other@example.org")).json()
    assert (changed["email"], changed["email_verified"]) == ("other@example.org", False)
    assert (await ana.delete("/api/account/email")).status_code == 204
    assert (await ana.read("/api/account"))["email"] is None
    unsent = "SELECT count(*) FROM mails WHERE next_attempt_at IS NOT NULL"
    assert value(api.db, unsent) == 0


@pytest.mark.parametrize(
    "email", ("ana", "ana@", "@example.org", "a b@example.org", "anä@example.org", "ana@localhost")
)
async def test_what_is_no_address_is_refused(api: Api, email: str) -> None:
    refused = await set_email(api.customer(), email)
    assert problem_of(refused) == (422, "validation")
    assert refused.json()["errors"][0]["pointer"] == "/email"


async def test_a_domain_in_other_letters_becomes_punycode(api: Api) -> None:
    added = await set_email(api.customer(), "ana@bücher.example")
    assert added.json()["email"] == "ana@xn--bcher-kva.example"


async def test_a_new_address_needs_the_current_password(api: Api) -> None:
    ana = api.customer()
    assert problem_of(await set_email(ana, password="wrong")) == (403, "password-wrong")
    refused = await set_email(ana, password="")
    assert problem_of(refused) == (422, "validation")
    assert refused.json()["errors"][0]["pointer"] == "/password"
    # Without it, it must have been given a short time ago.
    api.db.execute("UPDATE sessions SET confirmed_at = now() - interval '15 minutes'")
    assert problem_of(await set_email(ana, password=None)) == (403, "confirmation-required")
    assert (await ana.read("/api/account"))["email"] is None


async def test_an_account_without_a_password_needs_none(api: Api) -> None:
    ana = api.customer(password_hash=None)
    assert not (await ana.read("/api/account"))["has_password"]
    assert (await set_email(ana, password=None)).status_code == 200


async def test_passwords_cannot_be_guessed_through_a_new_address(api: Api) -> None:
    ana = api.customer()
    answers = await asyncio.gather(*(set_email(ana, password="wrong") for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [403] * 10 + [429] * 2
    # These failures and those of signing in have one limit, and the right password is refused too.
    refused = await set_email(ana)
    assert problem_of(refused) == (429, "too-many-attempts")
    assert 880 <= int(refused.headers["retry-after"]) <= 900
    assert (await api.anonymous.post("/api/sessions", ana.sign_in_body)).status_code == 429


async def test_a_right_password_counts_as_no_failure(api: Api) -> None:
    ana = api.customer()
    for _ in range(12):
        assert (await set_email(ana)).status_code == 200
    assert value(api.db, "SELECT count(*) FROM sign_in_failures") == 0


async def test_a_password_that_was_changed_meanwhile_is_refused(api: Api) -> None:
    ana = api.customer()
    confirm = "SELECT confirm_password(attempt_id, %s, %s) FROM begin_sign_in(%s, '::1')"
    old = value(api.db, "SELECT password_hash FROM users WHERE id = %s", ana.id)
    assert value(api.db, confirm, ana.id, old, ana.person.phone)
    api.db.execute("UPDATE users SET password_hash = password_hash || 'x' WHERE id = %s", [ana.id])
    assert not value(api.db, confirm, ana.id, old, ana.person.phone)
    assert value(api.db, "SELECT count(*) FROM sign_in_failures") == 1


async def test_the_mail_that_verifies_is_sent_again_within_a_limit(api: Api) -> None:
    ana = api.customer()
    again = "/api/account/email/verifications"
    assert (await ana.post(again)).status_code == 204
    assert value(api.db, "SELECT count(*) FROM mails") == 0
    await set_email(ana)
    answers = [(await ana.post(again)).status_code for _ in range(3)]
    assert answers == [204, 204, 429]
    # Only the newest is still to be sent.
    unsent = "SELECT count(*) FROM mails WHERE next_attempt_at IS NOT NULL"
    assert value(api.db, unsent) == 1


async def test_too_many_addresses_are_refused_and_the_old_one_stays(api: Api) -> None:
    ana = api.customer()
    for number in range(5):
        assert (await set_email(ana, f"{number}@example.org")).status_code == 200
    assert problem_of(await set_email(ana)) == (429, "too-many-attempts")
    assert (await ana.read("/api/account"))["email"] == "4@example.org"


async def test_everybody_says_which_mails_they_want(api: Api) -> None:
    ana, ben = api.customer(), api.customer("Ben Winter")
    changed = await ana.put("/api/account/mail", {"optional_mail": False})
    assert not changed.json()["optional_mail"]
    assert (await ben.read("/api/account"))["optional_mail"]
    await ana.put("/api/account/mail", {"optional_mail": True})
    assert (await ana.read("/api/account"))["optional_mail"]


async def test_a_link_that_verifies_works_once_even_at_once(api: Api) -> None:
    ana = api.customer(email=ADDRESS)
    add_mail_link(api.db, ana.id, "email-verification", "secret", ADDRESS)
    body = {"token": "secret"}
    answers = await asyncio.gather(
        *(api.anonymous.post("/api/email-verifications", body) for _ in range(2))
    )
    assert sorted(answer.status_code for answer in answers) == [204, 410]
    used = await api.anonymous.post("/api/email-verifications", body)
    assert problem_of(used) == (410, "link-not-valid")


async def test_a_link_to_an_earlier_address_verifies_nothing(api: Api) -> None:
    ana = api.customer(email="new@example.org")
    add_mail_link(api.db, ana.id, "email-verification", "secret", ADDRESS)
    used = await api.anonymous.post("/api/email-verifications", {"token": "secret"})
    assert problem_of(used) == (410, "link-not-valid")
    assert not (await ana.read("/api/account"))["email_verified"]


async def test_an_installation_that_keeps_its_mails_takes_an_address(
    database_url: str, db: psycopg.Connection, tmp_path: Path
) -> None:
    async with in_process(database_url, SMTP_URL="", MAIL_FOLDER=str(tmp_path)) as client:
        api = Api(client, db)
        assert (await api.anonymous.read("/api/config"))["sends_mail"]
        ana = api.customer()
        assert (await set_email(ana, ADDRESS)).status_code == 200
        asked = await api.anonymous.post("/api/password-resets", {"account": ADDRESS})
        assert asked.status_code == 204


async def test_an_installation_without_a_mail_server_takes_no_address(
    database_url: str, db: psycopg.Connection
) -> None:
    async with in_process(database_url, SMTP_URL="") as client:
        api = Api(client, db)
        assert not (await api.anonymous.read("/api/config"))["sends_mail"]
        ana = api.customer(email=ADDRESS, email_verified_at=in_days(-1))
        assert problem_of(await set_email(ana, "new@example.org")) == (409, "no-mail")
        sent = await ana.post("/api/account/email/verifications")
        assert problem_of(sent) == (409, "no-mail")
        asked = await api.anonymous.post("/api/password-resets", {"account": ADDRESS})
        assert problem_of(asked) == (409, "no-mail")
        assert rows(db, "SELECT email FROM users WHERE id = %s", ana.id) == [{"email": ADDRESS}]
        assert (await ana.delete("/api/account/email")).status_code == 204
        assert value(db, "SELECT count(*) FROM mails") == 0
