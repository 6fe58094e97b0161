"""The second factor in the database: when a sign-in awaits it, and who may turn it off."""

import psycopg

from tests.support.refusals import error_of
from tests.support.rows import PASSWORD_HASH, add_user, rows, value

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def add_person(db: psycopg.Connection, role: str = "customer") -> int:
    return add_user(db, role=role, password_hash=PASSWORD_HASH)


def turn_on(db: psycopg.Connection, user_id: int, step: int = 5) -> int:
    """Turn the factor on from a session, whose id is returned."""
    db.execute(
        "INSERT INTO sessions (token_hash, user_id) VALUES (sha256(%s::text::bytea), %s)",
        [user_id, user_id],
    )
    session: int = value(db, "SELECT id FROM sessions WHERE user_id = %s", user_id)
    assert value(db, "SELECT begin_second_factor_setup(%s, %s)", user_id, SECRET)
    seconds = value(
        db,
        "SELECT enable_second_factor(%s, %s, %s, ARRAY[sha256('a'), sha256('b')], %s,"
        " sha256(gen_random_uuid()::text::bytea))",
        *(user_id, SECRET, step, session),
    )
    assert seconds > 0
    return session


def awaits(db: psycopg.Connection, user_id: int) -> bool:
    """Sign in, and say whether the session awaits the second factor."""
    found: bool = value(
        db,
        "SELECT awaits_second_factor FROM end_sign_in(0,"
        " sha256(gen_random_uuid()::text::bytea), %s, %s, '::1', NULL)",
        *(user_id, PASSWORD_HASH),
    )
    return found


def test_a_sign_in_awaits_the_factor_once_it_is_on(rolled_back: psycopg.Connection) -> None:
    user = add_person(rolled_back)
    assert not awaits(rolled_back, user)
    rolled_back.execute("SELECT begin_second_factor_setup(%s, %s)", [user, SECRET])
    assert not awaits(rolled_back, user)
    rolled_back.execute("DELETE FROM sessions WHERE user_id = %s", [user])
    turn_on(rolled_back, user)
    assert awaits(rolled_back, user)


def test_api_processes_of_the_release_before_begin_such_a_session_as_well(
    rolled_back: psycopg.Connection,
) -> None:
    user = add_person(rolled_back)
    turn_on(rolled_back, user)
    rolled_back.execute("SELECT end_sign_in(0, sha256('old'), %s, %s)", [user, PASSWORD_HASH])
    assert value(
        rolled_back,
        "SELECT awaits_second_factor FROM sessions WHERE token_hash = sha256('old')",
    )


def test_a_code_of_an_earlier_half_minute_is_refused(rolled_back: psycopg.Connection) -> None:
    user = add_person(rolled_back)
    turn_on(rolled_back, user, step=5)
    use = "SELECT use_second_factor(0, %s, %s, NULL)"
    for step, is_used in ((5, False), (4, False), (6, True), (6, False), (7, True)):
        assert value(rolled_back, use, user, step) is is_used


def test_another_user_may_not_turn_it_off(rolled_back: psycopg.Connection) -> None:
    user, other, admin = (
        add_person(rolled_back),
        add_person(rolled_back),
        add_person(rolled_back, "admin"),
    )
    session = turn_on(rolled_back, user)
    remove = "SELECT remove_second_factor(%s, %s)"
    assert error_of(rolled_back, remove, user, other).sqlstate == "TK020"
    assert error_of(rolled_back, remove, 0, admin).sqlstate == "TK008"
    # The user stays signed in, and an admin ends the sessions.
    rolled_back.execute(remove, [user, user])
    kept = rows(rolled_back, "SELECT id, second_factor_at FROM sessions")
    assert kept == [{"id": session, "second_factor_at": None}]
    rolled_back.execute("DELETE FROM sessions")
    turn_on(rolled_back, user)
    rolled_back.execute(remove, [user, admin])
    assert value(rolled_back, "SELECT count(*) FROM sessions WHERE user_id = %s", user) == 0
    assert value(rolled_back, "SELECT count(*) FROM recovery_codes") == 0


def test_a_confirmation_expires_after_15_minutes(rolled_back: psycopg.Connection) -> None:
    for age, is_confirmed in (
        ("NULL", False),
        ("now()", True),
        ("now() - interval '15 minutes'", False),
    ):
        query = f"SELECT session_is_confirmed(({age})::timestamptz)"
        assert value(rolled_back, query) is is_confirmed
