"""Admins see mails that could not be sent, and have them tried again."""

import psycopg

from tests.support.application import Api
from tests.support.rows import add_user, rows

ADDRESS = "ada@example.org"


def add_mail(
    db: psycopg.Connection,
    attempts: int = 1,
    *,
    given_up: str | None = None,
    error: str | None = "SMTPConnectError",
) -> int:
    """Add a mail, given up so long ago or tried again in an hour, and return its id."""
    user_id = add_user(db, name="Ada Byron", email=ADDRESS)
    inserted = db.execute(
        "INSERT INTO mails (user_id, address, purpose, attempts, next_attempt_at, given_up_at,"
        " last_error) VALUES (%(user)s, %(address)s, 'password-reset', %(attempts)s,"
        " CASE WHEN %(given_up)s::interval IS NULL THEN now() + interval '1 hour' END,"
        " now() - %(given_up)s::interval, %(error)s) RETURNING id",
        {
            "user": user_id,
            "address": ADDRESS,
            "attempts": attempts,
            "given_up": given_up,
            "error": error,
        },
    ).fetchone()
    assert inserted is not None
    return int(inserted[0])


async def test_mails_that_could_not_be_sent_are_listed(api: Api) -> None:
    failing = add_mail(api.db)
    given_up = add_mail(api.db, 7, given_up="1 hour")
    add_mail(api.db, 7, given_up="8 days")
    add_mail(api.db, 0, error=None)
    # As when the address was changed.
    add_mail(api.db, 1, given_up="1 hour", error="the address was changed")
    admin = api.admin()
    page = await admin.read("/api/mails?state=failing&limit=1")
    assert (page["mails_failing"], page["webhooks_failing"]) == (2, 0)
    (first,) = page["items"]
    assert (first["id"], first["next_attempt_at"]) == (given_up, None)
    ((_,), (second,)) = await admin.pages("/api/mails?state=failing&limit=1")
    assert second["id"] == failing
    assert (second["address"], second["user_name"]) == (ADDRESS, "Ada Byron")
    assert (second["purpose"], second["last_error"]) == ("password-reset", "SMTPConnectError")


async def test_a_mail_that_was_given_up_gets_another_attempt(api: Api) -> None:
    mail_id = add_mail(api.db, 7, given_up="1 hour")
    assert (await api.admin().post(f"/api/mails/{mail_id}/retry")).status_code == 204
    (claimed,) = rows(api.db, "SELECT * FROM claim_mails(ARRAY[sha256('x')], '1 minute')")
    assert claimed["id"] == mail_id
    api.db.execute("SELECT finish_mail(%s, 'SMTPConnectError')", [mail_id])
    (row,) = rows(api.db, "SELECT given_up_at IS NOT NULL AS given_up, attempts FROM mails")
    assert row == {"given_up": True, "attempts": 8}


async def test_a_mail_that_was_sent_meanwhile_is_not_sent_again(api: Api) -> None:
    mail_id = add_mail(api.db)
    api.db.execute("SELECT finish_mail(%s, NULL)", [mail_id])
    assert (await api.admin().post(f"/api/mails/{mail_id}/retry")).status_code == 204
    assert rows(api.db, "SELECT * FROM claim_mails(ARRAY[sha256('x')], '1 minute')") == []


async def test_an_unknown_mail_is_refused(api: Api) -> None:
    response = await api.admin().post("/api/mails/4711/retry")
    assert response.json()["type"] == "/problems/mail-not-found"


async def test_webhooks_that_fail_are_counted(api: Api) -> None:
    api.db.execute(
        "INSERT INTO webhook_endpoints (url, secret, failing_since)"
        " VALUES ('https://receiver.example/', sha256('secret'), now())"
    )
    assert (await api.admin().read("/api/mails?state=failing"))["webhooks_failing"] == 1
