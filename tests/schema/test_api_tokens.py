"""API tokens and door passes: made, revoked, used, and until when they are valid."""

import threading

import psycopg
import pytest

from tests.support.locks import await_lock_waiters
from tests.support.refusals import error_of
from tests.support.rows import add_event, add_user, in_days, rows, value
from tests.support.tokens import add_pass, add_pass_session, add_token, hash_of, token_id

USABLE = (
    "SELECT token_usable(api_tokens, users, events) FROM api_tokens"
    " JOIN users ON users.id = user_id LEFT JOIN events ON events.id = event_id"
)


@pytest.fixture
def admin(rolled_back: psycopg.Connection) -> int:
    return add_user(rolled_back, role="admin")


@pytest.fixture
def event(rolled_back: psycopg.Connection) -> int:
    return add_event(rolled_back)


def log(db: psycopg.Connection) -> list[tuple[object, ...]]:
    return db.execute(
        "SELECT action::text, actor_id, event_id, user_id, detail FROM activity"
        " WHERE action IN ('token-created', 'token-revoked') ORDER BY id"
    ).fetchall()


def test_a_new_token_and_its_end_are_logged_without_name_and_secret(
    rolled_back: psycopg.Connection, admin: int, event: int
) -> None:
    db = rolled_back
    token = value(
        db,
        "SELECT id FROM create_api_token(sha256('x'), 'Ana', '{door,events}', %s, %s, %s)",
        event,
        in_days(3),
        admin,
    )
    other = add_user(db, role="admin")
    first = value(db, "SELECT revoked_at FROM revoke_api_token(%s, %s)", token, other)
    again = value(db, "SELECT revoked_at FROM revoke_api_token(%s, %s)", token, other)

    detail = {"token_id": token, "scopes": ["door", "events"], "is_pass": False}
    assert log(db) == [
        ("token-created", admin, event, admin, detail),
        ("token-revoked", other, event, admin, detail),
    ]
    assert first == again is not None


@pytest.mark.parametrize(
    "call",
    (
        "create_api_token(sha256('x'), 'Till', '{door}', NULL, now() + interval '1 day', %(who)s)",
        "create_door_pass(sha256('x'), %(event)s, 'Door', %(who)s)",
        "revoke_api_token(0, %(who)s)",
    ),
)
def test_only_admins_make_and_revoke_tokens(
    rolled_back: psycopg.Connection, event: int, call: str
) -> None:
    customer = add_user(rolled_back)
    statement = f"SELECT {call}" % {"who": customer, "event": event}

    assert error_of(rolled_back, statement).sqlstate == "TK020"


def test_a_token_is_usable_until_it_expires_or_its_admin_loses_the_role(
    rolled_back: psycopg.Connection, admin: int
) -> None:
    db = rolled_back
    add_token(db, admin, created_at=in_days(-1))
    assert value(db, USABLE) is True
    for change in (
        "UPDATE api_tokens SET expires_at = now()",
        "UPDATE api_tokens SET revoked_at = now()",
        "UPDATE users SET role = 'customer'",
        "UPDATE users SET disabled_at = now()",
        "UPDATE users SET name = 'Erased', role = 'customer', phone = NULL, erased_at = now()",
    ):
        with db.transaction(force_rollback=True):
            db.execute(change)
            assert value(db, USABLE) is False, change


def test_a_pass_ends_twelve_hours_after_the_start_also_of_a_moved_event(
    rolled_back: psycopg.Connection, admin: int, event: int
) -> None:
    db = rolled_back
    value(db, "SELECT id FROM create_door_pass(sha256('x'), %s, 'Main entrance', %s)", event, admin)
    ends = "SELECT token_expires_at(api_tokens, events) - date_time FROM api_tokens, events"
    assert value(db, f"SELECT ({ends})::text") == "12:00:00"

    db.execute("UPDATE events SET date_time = date_time + interval '3 days'")

    assert value(db, f"SELECT ({ends})::text") == "12:00:00"
    assert value(db, USABLE) is True


@pytest.mark.parametrize(("hours_ago", "made"), ((11.9, True), (12.1, False)))
def test_a_pass_is_made_until_the_door_closes(
    rolled_back: psycopg.Connection, admin: int, hours_ago: float, made: bool
) -> None:
    db = rolled_back
    event = add_event(db, created_at=in_days(-9), date_time=in_days(-hours_ago / 24))

    row = rows(db, "SELECT id FROM create_door_pass(sha256('x'), %s, 'Door', %s)", event, admin)

    assert (row[0]["id"] is not None) is made
    assert value(db, "SELECT count(*) FROM api_tokens") == int(made)


def test_a_pass_for_an_unknown_event_is_not_made(
    rolled_back: psycopg.Connection, admin: int
) -> None:
    statement = f"SELECT create_door_pass(sha256('x'), 0, 'Door', {admin})"

    assert error_of(rolled_back, statement).sqlstate == "TK002"


def begin(db: psycopg.Connection, secret: str, token: str) -> bool:
    began = value(
        db, "SELECT begin_pass_session(%s, %s) IS NOT NULL", hash_of(secret), hash_of(token)
    )
    return bool(began)


def test_only_a_usable_pass_begins_a_session(
    rolled_back: psycopg.Connection, admin: int, event: int
) -> None:
    db = rolled_back
    good = add_pass(db, admin, event)
    revoked = add_pass(db, admin, event, revoked_at=in_days(0))
    token = add_token(db, admin, ["door"], event)

    began = [begin(db, secret, secret[::-1]) for secret in (good, revoked, token, "mqp_unknown")]

    assert began == [True, False, False, False]
    assert value(db, "SELECT count(*) FROM pass_sessions") == 1


def test_revoking_a_pass_ends_its_sessions_and_no_others(
    rolled_back: psycopg.Connection, admin: int, event: int
) -> None:
    db = rolled_back
    lost, kept = add_pass(db, admin, event), add_pass(db, admin, event)
    for secret in (lost, lost, kept):
        add_pass_session(db, secret)

    db.execute("SELECT revoke_api_token(%s, %s)", [token_id(db, lost), admin])

    assert rows(db, "SELECT pass_id FROM pass_sessions") == [{"pass_id": token_id(db, kept)}]


def test_a_pass_has_a_hundred_sessions_at_most(
    rolled_back: psycopg.Connection, admin: int, event: int
) -> None:
    db = rolled_back
    secret = add_pass(db, admin, event)
    db.execute(
        "INSERT INTO pass_sessions (token_hash, pass_id, created_at)"
        " SELECT sha256(n::text::bytea), %s, now() - n * interval '1 minute'"
        " FROM generate_series(1, 100) AS n",
        [token_id(db, secret)],
    )

    assert begin(db, secret, "newest")

    assert value(db, "SELECT count(*) FROM pass_sessions") == 100
    assert value(db, "SELECT count(*) FROM pass_sessions WHERE token_hash = sha256('100')") == 0


def test_a_use_is_written_once_a_day(rolled_back: psycopg.Connection, admin: int) -> None:
    db = rolled_back
    token = token_id(db, add_token(db, admin))
    written = []
    for _ in range(2):
        db.execute("SELECT note_token_use(%s)", [token])
        written.append(value(db, "SELECT ctid::text FROM api_tokens"))
    today = value(db, "SELECT last_used_on = timezone('UTC', now())::date FROM api_tokens")

    assert written[0] == written[1]
    assert today is True
    db.execute("UPDATE api_tokens SET last_used_on = last_used_on - 1")
    db.execute("SELECT note_token_use(%s)", [token])
    assert value(db, "SELECT last_used_on = timezone('UTC', now())::date FROM api_tokens") is True


def test_noting_a_use_waits_for_nobody(db: psycopg.Connection, database_url: str) -> None:
    token = token_id(db, add_token(db, add_user(db, role="admin")))
    with psycopg.connect(database_url) as other:
        other.execute("SELECT FROM api_tokens FOR UPDATE")
        db.execute("SET lock_timeout = '1ms'")
        db.execute("SELECT note_token_use(%s)", [token])
        assert value(db, "SELECT last_used_on FROM api_tokens") is None


def test_a_pass_revoked_meanwhile_begins_no_session(
    db: psycopg.Connection, database_url: str
) -> None:
    admin = add_user(db, role="admin")
    secret = add_pass(db, admin, add_event(db))
    began: list[bool] = []

    def open_door() -> None:
        with psycopg.connect(database_url) as phone:
            began.append(begin(phone, secret, "phone"))

    thread = threading.Thread(target=open_door)
    with db.transaction():
        db.execute("SELECT revoke_api_token(%s, %s)", [token_id(db, secret), admin])
        thread.start()
        with psycopg.connect(database_url, autocommit=True) as observer:
            await_lock_waiters(observer)
    thread.join()

    assert began == [False]
