"""erase_user: nothing of the person is left, the ledger stays, and nobody books meanwhile."""

from typing import LiteralString

import psycopg
import pytest

from tests.support.dumps import dump
from tests.support.known_person import (
    PHONE,
    TRACES,
    KnownPerson,
    add_known_person,
    tables_with_traces,
    traces_in,
)
from tests.support.refusals import error_of, problem, refused_change
from tests.support.rows import (
    PASSWORD_HASH,
    add_booking,
    add_event,
    add_user,
    book,
    in_days,
    insert,
    rows,
    start_event,
    value,
)

ERASE: LiteralString = "SELECT * FROM erase_user(%s, %s)"
LEDGER = ("bookings", "tickets", "event_versions", "event_figures", "event_messages")


@pytest.fixture
def person(db: psycopg.Connection) -> KnownPerson:
    return add_known_person(db)


def content(db: psycopg.Connection, *tables: str) -> dict[str, object]:
    """Return all rows of tables, as one value each."""
    query = "SELECT jsonb_agg(row ORDER BY row::text) FROM {} AS row"
    return {
        table: value(db, psycopg.sql.SQL(query).format(psycopg.sql.Identifier(table)))  # type: ignore[arg-type]
        for table in tables
    }


def test_a_dump_holds_nothing_of_an_erased_person(
    db: psycopg.Connection, database_url: str, person: KnownPerson
) -> None:
    before = dump(database_url)
    assert traces_in(before) == {*TRACES}
    assert tables_with_traces(before) == {
        "users",
        "activity",
        "api_tokens",
        "phone_codes",
        "phone_code_requests",
        "integrity_findings",
        "mail_links",
        "mails",
        "password_reset_requests",
        "sign_in_failures",
        "webhook_deliveries",
    }

    db.execute(ERASE, [person.id, person.other_admin])

    assert traces_in(dump(database_url)) == set()


def test_the_ledger_stays_without_the_person(db: psycopg.Connection, person: KnownPerson) -> None:
    before = content(db, *LEDGER)

    (erased,) = rows(db, ERASE, person.id, person.id)

    assert content(db, *LEDGER) == before
    kept = {"id", "created_at", "erased_at", "name", "role", "optional_mail"}
    assert {name for name, held in erased.items() if held is not None} == kept
    assert (erased["name"], erased["role"]) == ("Erased", "customer")
    (detail,) = rows(
        db,
        "SELECT * FROM booking_details WHERE booking_id = %s AND customer_phone IS NULL",
        person.booking,
    )
    assert detail["customer_name"] == "Erased"
    names = value(db, "SELECT array_agg(DISTINCT actor_name) FROM recent_activity")
    assert {"Erased", "Theo Admin"} <= {*names}
    assert rows(db, "SELECT * FROM integrity_violations") == []


def test_the_log_loses_the_name_in_a_repair_and_nothing_else(
    db: psycopg.Connection, person: KnownPerson
) -> None:
    lines: LiteralString = "SELECT to_jsonb(activity) - 'detail' FROM activity ORDER BY id"
    before = db.execute(lines).fetchall()

    db.execute(ERASE, [person.id, person.other_admin])

    *same, new = db.execute(lines).fetchall()
    assert same == before
    assert (new[0]["action"], new[0]["actor_id"], new[0]["user_id"]) == (
        "user-erased",
        person.other_admin,
        person.id,
    )
    details = db.execute(
        "SELECT detail FROM activity WHERE user_id = %s AND action IN ('user-created',"
        " 'user-changed') ORDER BY id",
        [person.id],
    ).fetchall()
    (_,), (created,), (changed,) = details
    assert created == {"role": "admin"}
    assert changed == {"was": {}, "became": {}}
    (repair,) = rows(db, "SELECT * FROM repairs WHERE reason ~ 'erase_user'")
    assert repair["reason"] == f"erase_user({person.id}): names in the activity log"
    # The guards are back.
    assert refused_change(db, "UPDATE activity SET detail = '{}'") == "activity is append-only"


def test_other_people_keep_what_is_theirs(db: psycopg.Connection, person: KnownPerson) -> None:
    other = add_user(db, name="Zed Other", email="zed@example.org", email_verified_at=in_days(-1))
    book(db, other, add_event(db), 1)
    db.execute("SELECT fan_out_facts()")
    insert(db, "sign_in_failures", phone="+4930123456", address="192.0.2.1")
    tables = {
        "notices": "user_id",
        "mails": "user_id",
        "users": "id",
    }
    before = {
        table: rows(db, f"SELECT * FROM {table} WHERE {column} <> {int(person.id)}")
        for table, column in tables.items()
    }
    assert before["mails"] != []

    db.execute(ERASE, [person.id, person.id])

    for table, column in tables.items():
        left = rows(db, f"SELECT * FROM {table} WHERE {column} <> {int(person.id)}")
        assert left == before[table]
    assert value(db, "SELECT array_agg(phone) FROM sign_in_failures") == ["+4930123456"]


def test_an_erased_user_without_names_in_the_log_needs_no_repair(db: psycopg.Connection) -> None:
    user_id = add_user(db)

    db.execute(ERASE, [user_id, None])

    assert value(db, "SELECT count(*) FROM repairs") == 0
    assert value(db, "SELECT detail ? 'login' FROM activity WHERE action = 'user-erased'")


def test_erasing_again_changes_nothing(db: psycopg.Connection, person: KnownPerson) -> None:
    (first,) = rows(db, ERASE, person.id, person.other_admin)

    (second,) = rows(db, ERASE, person.id, person.other_admin)

    assert second == first
    assert value(db, "SELECT count(*) FROM activity WHERE action = 'user-erased'") == 1


def test_the_phone_of_an_erased_user_is_free_again(db: psycopg.Connection) -> None:
    user_id = add_user(db, phone=PHONE)
    db.execute(ERASE, [user_id, user_id])

    assert add_user(db, phone=PHONE) != user_id


def test_a_number_that_was_lost_keeps_the_failures_of_its_new_user(
    db: psycopg.Connection,
) -> None:
    loser = add_user(db, phone=PHONE, phone_lost_at=in_days(-1))
    add_user(db, phone=PHONE)
    insert(db, "sign_in_failures", phone=PHONE, address="192.0.2.1")

    db.execute(ERASE, [loser, loser])

    assert value(db, "SELECT count(*) FROM sign_in_failures") == 1


def test_webhooks_are_told_of_an_erasure_without_the_person(
    db: psycopg.Connection, person: KnownPerson
) -> None:
    db.execute(ERASE, [person.id, person.other_admin])
    db.execute("SELECT fan_out_facts()")

    (body,) = db.execute("SELECT body::jsonb FROM webhook_deliveries WHERE type = 'user.erased'")
    assert body[0]["data"] == {"user_id": person.id, "actor_id": person.other_admin}


@pytest.mark.parametrize("count", (1, 3))
def test_bookings_to_come_are_counted_and_refuse(db: psycopg.Connection, count: int) -> None:
    user_id = add_user(db)
    for _ in range(count):
        book(db, user_id, add_event(db), 1)

    assert problem(db, ERASE, user_id, user_id) == ("TK051", {"bookings": count})
    assert value(db, "SELECT erased_at FROM users WHERE id = %s", user_id) is None


def test_bookings_that_are_over_or_cancelled_do_not_refuse(db: psycopg.Connection) -> None:
    user_id, started, completed, ended = add_user(db), *(add_event(db) for _ in range(3))
    for event_id in (started, completed, ended):
        book(db, user_id, event_id, 1)
    cancelled = book(db, user_id, add_event(db), 1)
    db.execute("SELECT cancel_booking(%s, %s)", [cancelled["id"], user_id])
    start_event(db, started)
    db.execute("UPDATE events SET status = 'completed' WHERE id = %s", [completed])
    db.execute("UPDATE events SET status = 'cancelled' WHERE id = %s", [ended])

    assert rows(db, ERASE, user_id, user_id)[0]["name"] == "Erased"


def test_only_the_user_and_admins_erase(db: psycopg.Connection) -> None:
    user_id, other, admin = add_user(db), add_user(db), add_user(db, role="admin")

    assert problem(db, ERASE, user_id, other)[0] == "TK020"
    assert problem(db, ERASE, 10**9, admin)[0] == "TK008"
    assert rows(db, ERASE, user_id, admin)[0]["erased_at"] is not None


@pytest.mark.parametrize(
    "columns",
    ({"password_hash": None}, {"disabled_at": in_days(-1)}, {"phone_lost_at": in_days(-1)}),
)
def test_the_last_admin_who_can_sign_in_stays(
    db: psycopg.Connection, columns: dict[str, object]
) -> None:
    last = add_user(db, role="admin", password_hash=PASSWORD_HASH)
    add_user(db, **{"role": "admin", "password_hash": PASSWORD_HASH, **columns})

    assert problem(db, ERASE, last, last)[0] == "TK030"

    add_user(db, role="admin", password_hash=PASSWORD_HASH)
    assert rows(db, ERASE, last, last)[0]["role"] == "customer"


def test_nothing_is_booked_cancelled_or_changed_for_an_erased_user(
    db: psycopg.Connection,
) -> None:
    user_id, admin = add_user(db), add_user(db, role="admin")
    moved = add_event(db)
    booking = book(db, user_id, moved, 1, "key")
    start_event(db, moved)
    db.execute(ERASE, [user_id, user_id])
    event_id = add_event(db)

    refused: list[tuple[LiteralString, list[object]]] = [
        ("SELECT book_tickets(%s, %s, 1, NULL, %s)", [user_id, event_id, admin]),
        ("SELECT book_tickets(%s, %s, 1, NULL, %s)", [admin, event_id, user_id]),
        ("SELECT update_user(%s, 'Ada', NULL, %s)", [user_id, admin]),
        ("SELECT set_email(%s, 'ada@example.org', %s)", [user_id, admin]),
        ("SELECT make_calendar(%s, sha256('a'))", [user_id]),
    ]
    for statement, parameters in refused:
        assert problem(db, statement, *parameters)[0] == "TK053", statement
    with pytest.raises(psycopg.Error, match=f"user {user_id} is erased"):
        add_booking(db, user_id, event_id)
    db.execute("UPDATE events SET date_time = now() + interval '1 day' WHERE id = %s", [moved])
    cancel: LiteralString = "SELECT cancel_booking(%s, %s)"
    assert problem(db, cancel, booking["id"], admin)[0] == "TK053"
    # A repeated request is answered as before, and an import may be of any time.
    assert book(db, user_id, moved, 1, "key")["replayed"]
    add_booking(
        db,
        user_id,
        event_id,
        booking_date=in_days(-9),
        status="cancelled",
        cancelled_at=in_days(-8),
    )


def test_an_erased_user_is_told_nothing(db: psycopg.Connection) -> None:
    user_id, event_id = add_user(db), add_event(db)
    book(db, user_id, event_id, 1)
    start_event(db, event_id)
    db.execute(ERASE, [user_id, user_id])
    db.execute(
        "SELECT create_webhook_endpoint('https://a.example/', '{customer.notice}', NULL, NULL)"
    )
    db.execute("UPDATE events SET venue = 'Old Barn' WHERE id = %s", [event_id])
    db.execute("SELECT fan_out_facts()")

    assert value(db, "SELECT count(*) FROM notices") == 0
    assert value(db, "SELECT count(*) FROM webhook_deliveries WHERE source = 'notice'") == 0


def test_an_erased_row_holds_no_person(db: psycopg.Connection) -> None:
    user_id = add_user(db)
    db.execute(ERASE, [user_id, user_id])
    for change in (
        "name = 'Ada'",
        "email = 'ada@example.org'",
        f"password_hash = '{PASSWORD_HASH}'",
        "role = 'admin'",
    ):
        refused = error_of(db, f"UPDATE users SET {change} WHERE id = {int(user_id)}")
        assert refused.constraint_name == "users_erased_without_person"
