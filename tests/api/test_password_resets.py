"""A forgotten password: the same answer for everybody, limits, and links that work once."""

import asyncio
import hashlib
import statistics
import time
from typing import Any

import pytest

from app.data import passwords
from app.data.passwords import Verdict
from tests.support.application import Api, Caller
from tests.support.bodies import PASSWORD
from tests.support.people import add_session
from tests.support.rows import add_mail_link, in_days, rows, value

ADDRESS = "ana@example.org"
NEW_PASSWORD = "a new password"
NOT_IN_BODY = ("x-request-id", "date")


def reader(api: Api, **columns: Any) -> Caller:
    """Return a customer whose address is verified."""
    return api.customer(**{"email": ADDRESS, "email_verified_at": in_days(-1), **columns})


async def ask(api: Api, account: str) -> Any:
    return await api.anonymous.post("/api/password-resets", {"account": account})


async def reset(api: Api, token: str = "secret", password: str = NEW_PASSWORD) -> Any:
    return await api.anonymous.put("/api/password-resets", {"token": token, "password": password})


def asked_for(api: Api) -> list[dict[str, Any]]:
    return rows(
        api.db, "SELECT user_id, address FROM mails WHERE purpose = 'password-reset' ORDER BY id"
    )


async def test_the_answer_is_the_same_with_and_without_an_account(api: Api) -> None:
    ana, unverified, without = reader(api), api.customer(email="b@example.org"), api.customer()
    accounts = [ana.person.phone, ADDRESS, unverified.person.phone, without.person.phone]
    accounts += ["b@example.org", "+49171999999", "nobody@example.org"]
    answers = []
    for account in accounts:
        answer = await ask(api, account)
        told = {k: v for k, v in answer.headers.items() if k not in NOT_IN_BODY}
        answers.append((answer.status_code, answer.content, told))
    assert answers == [answers[0]] * len(accounts)
    assert answers[0][:2] == (204, b"")
    assert asked_for(api) == [{"user_id": ana.id, "address": ADDRESS}] * 2


async def test_an_address_is_found_however_it_is_typed(api: Api) -> None:
    ana = reader(api, email="Ana@Example.org")
    await ask(api, " ANA@example.ORG ")
    assert asked_for(api) == [{"user_id": ana.id, "address": "Ana@Example.org"}]


async def test_each_account_with_the_address_gets_a_mail(api: Api) -> None:
    people = [reader(api), reader(api)]
    await ask(api, ADDRESS)
    assert [mail["user_id"] for mail in asked_for(api)] == [person.id for person in people]


@pytest.mark.parametrize("account", ("ana", "12", "ana@", "@", ""))
async def test_what_is_neither_a_phone_nor_an_address_is_refused(api: Api, account: str) -> None:
    refused = await ask(api, account)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/account"


async def test_an_account_is_told_three_times_an_hour(api: Api) -> None:
    ana = reader(api)
    for account in (ana.person.phone, ADDRESS) * 3:
        assert (await ask(api, account)).status_code == 204
    assert len(asked_for(api)) == 3


@pytest.mark.parametrize("known", (True, False))
async def test_requests_for_an_account_are_limited_alike_whether_there_is_one(
    api: Api, known: bool
) -> None:
    if known:
        reader(api)
    answers = await asyncio.gather(*(ask(api, ADDRESS) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [204] * 10 + [429] * 2
    refused = await ask(api, ADDRESS)
    assert refused.json()["type"] == "/problems/too-many-attempts"
    assert 880 <= int(refused.headers["retry-after"]) <= 900


async def test_requests_from_an_address_are_limited(api: Api) -> None:
    for number in range(30):
        assert (await ask(api, f"{number}@example.org")).status_code == 204
    assert (await ask(api, ADDRESS)).status_code == 429


async def test_anyone_who_has_guessed_too_often_may_ask(api: Api) -> None:
    ana = reader(api)
    wrong = {**ana.sign_in_body, "password": "wrong"}
    for _ in range(11):
        refused = await api.anonymous.post("/api/sessions", wrong)
    assert refused.status_code == 429
    assert (await ask(api, ana.person.phone)).status_code == 204
    assert len(asked_for(api)) == 1


async def test_asking_takes_as_long_without_an_account(api: Api) -> None:
    """Medians of interleaved requests, in the best of three rounds."""
    ratios = []
    for number in range(3):
        api.db.execute("DELETE FROM password_reset_requests")
        known: list[float] = []
        unknown: list[float] = []
        for person in range(14):
            email = f"{number}-{person}@example.org"
            reader(api, email=email)
            for account, times in ((email, known), (f"x{email}", unknown)):
                started = time.perf_counter()
                assert (await ask(api, account)).status_code == 204
                times.append(time.perf_counter() - started)
        ratios.append(statistics.median(unknown) / statistics.median(known))
        if 0.6 < ratios[-1] < 1.67:
            return
    raise AssertionError(f"asking without an account takes {ratios} times as long")


async def test_a_new_password_ends_every_session_and_signs_in(api: Api) -> None:
    ana = reader(api)
    add_session(api.db, ana.id)
    add_mail_link(api.db, ana.id, "password-reset", "secret")
    assert (await reset(api)).status_code == 204

    assert value(api.db, "SELECT count(*) FROM sessions WHERE user_id = %s", ana.id) == 0
    assert (await ana.get("/api/account")).status_code == 401
    old = await api.anonymous.post("/api/sessions", ana.sign_in_body)
    assert old.status_code == 401
    new = {"phone": ana.person.phone, "password": NEW_PASSWORD}
    assert (await api.anonymous.post("/api/sessions", new)).status_code == 201


async def test_of_two_resets_at_once_one_wins(api: Api) -> None:
    ana = reader(api)
    add_mail_link(api.db, ana.id, "password-reset", "secret")
    answers = await asyncio.gather(
        reset(api, password="first one"), reset(api, password="second one")
    )
    assert sorted(answer.status_code for answer in answers) == [204, 410]
    winner = "first one" if answers[0].status_code == 204 else "second one"
    (kept,) = rows(api.db, "SELECT password_hash FROM users WHERE id = %s", ana.id)
    assert await passwords.Passwords().verify(kept["password_hash"], winner) is Verdict.RIGHT


async def test_used_expired_and_other_links_get_one_answer(api: Api) -> None:
    ana = reader(api)
    for purpose in ("email-verification", "unsubscription"):
        add_mail_link(api.db, ana.id, purpose, purpose)
    add_mail_link(api.db, ana.id, "password-reset", "used")
    await reset(api, "used")
    add_mail_link(api.db, ana.id, "password-reset", "expired")
    api.db.execute("UPDATE mail_links SET expires_at = now() WHERE purpose = 'password-reset'")
    answers = [
        (await reset(api, token)).json() | {"request_id": ""}
        for token in ("used", "expired", "email-verification", "unsubscription", "unknown")
    ]
    assert answers == [answers[0]] * 5
    assert (answers[0]["type"], answers[0]["status"]) == ("/problems/link-not-valid", 410)
    assert (await ana.get("/api/account")).status_code == 401


async def test_a_password_that_is_too_short_leaves_the_link_valid(api: Api) -> None:
    ana = reader(api)
    add_mail_link(api.db, ana.id, "password-reset", "secret")
    refused = await reset(api, password="short")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/password")
    assert (await reset(api)).status_code == 204


async def test_the_database_holds_only_hashes_of_tokens_and_passwords(api: Api) -> None:
    reader(api)
    await ask(api, ADDRESS)
    token = "the secret of the mail"
    hashed = hashlib.sha256(token.encode()).digest()
    api.db.execute("SELECT FROM claim_mails(ARRAY[%s], '1 minute')", [hashed])
    kept = "SELECT (SELECT jsonb_agg(mails) FROM mails)::text || jsonb_agg(mail_links)::text"
    assert token not in value(api.db, f"{kept} FROM mail_links")
    assert value(api.db, "SELECT count(*) FROM mail_links WHERE token_hash = %s", hashed) == 1

    assert (await reset(api, token)).status_code == 204
    assert PASSWORD not in value(api.db, "SELECT jsonb_agg(users)::text FROM users")
    assert value(api.db, "SELECT count(*) FROM mail_links") == 0
