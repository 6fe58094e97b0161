"""One cell of the table of roles: its rows, its callers, and what a refused request must keep."""

from collections.abc import Mapping
from typing import Any, LiteralString

import psycopg
import pyotp

from app.api.phone_codes import code_hash
from app.http import typed_codes
from tests.support.application import Api, Caller
from tests.support.bodies import PASSWORD, new_event, new_phone, new_token, new_user
from tests.support.rows import add_event, add_mail_link, rows, value
from tests.support.tokens import add_pass, token_id

ADDRESS = "ana@example.org"
# Of the admin's authenticator app.
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class Cell:
    """The rows and callers of one cell of the table."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.customer = api.customer(email=ADDRESS)
        self.admin = api.admin()
        self.callers: Mapping[str, Caller] = {
            "anonymous": api.anonymous,
            "customer": self.customer,
            "another": api.customer("Ben Winter"),
            "admin": self.admin,
        }
        self.session = value(api.db, "SELECT id FROM sessions WHERE user_id = %s", self.customer.id)
        self.event = add_event(api.db)
        self.draft = add_event(api.db, status="draft")
        booked = rows(api.db, "SELECT * FROM book_tickets(%s, %s, 1)", self.customer.id, self.event)
        self.door_pass = add_pass(api.db, api.admin("Pia Pass").id, self.event)
        self.secret = f"secret-{self.customer.id}"
        api.db.execute(
            "SELECT make_calendar(%s, sha256(%s::bytea))", [self.customer.id, self.secret]
        )
        self.webhook = value(
            api.db,
            "SELECT (create_webhook_endpoint('https://hooks.example.org/', '{}', NULL, NULL)).id",
        )
        self.mail = value(
            api.db,
            "INSERT INTO mails (user_id, address, purpose) VALUES (%s, 'a@example.org',"
            " 'password-reset') RETURNING id",
            self.customer.id,
        )
        self.links = {
            purpose: f"{purpose} {self.customer.id}"
            for purpose in ("email-verification", "password-reset", "unsubscription")
        }
        for purpose, token in self.links.items():
            add_mail_link(api.db, self.customer.id, purpose, token, ADDRESS)
        self.phone_token = f"phone {self.customer.id}"
        api.db.execute(
            "INSERT INTO phone_codes (token_hash, code_hash, phone, user_id)"
            " VALUES (sha256(%s::bytea), %s, %s, %s)",
            [
                self.phone_token,
                code_hash(self.phone_token, "042317"),
                self.customer.person.phone,
                self.customer.id,
            ],
        )
        self.password_code = "4F7K-Q2MX-9B0T"
        api.db.execute(
            "INSERT INTO password_codes (user_id, code_hash) VALUES (%s, %s)",
            [self.customer.id, typed_codes.code_hash(self.password_code)],
        )
        self.booking, (self.code,) = booked[0]["id"], booked[0]["ticket_codes"]

    def caller(self, who: str) -> Caller:
        return self.callers[who] if who in self.callers else self._former_admin(who)

    def unfinished_admin(self, who: str) -> Caller:
        if who == "half signed in":
            self.api.db.execute(
                "INSERT INTO second_factors (user_id, secret, confirmed_at) VALUES (%s, %s, now())",
                [self.admin.id, SECRET],
            )
            change: LiteralString = "awaits_second_factor = true"
        elif who == "confirmed long ago":
            change = "confirmed_at = now() - interval '15 minutes'"
        else:
            return self.admin
        self.api.db.execute(f"UPDATE sessions SET {change} WHERE user_id = %s", [self.admin.id])
        return self.admin

    def _former_admin(self, who: str) -> Caller:
        former = self.api.admin("Olga Organiser")
        statements: Mapping[str, LiteralString] = {
            "disabled": "SELECT set_user_disabled(%s, true, NULL)",
            "demoted": "SELECT set_user_role(%s, 'customer', NULL)",
            "demoted in psql": "UPDATE users SET role = 'customer' WHERE id = %s",
        }
        self.api.db.execute(statements[who], [former.id])
        return former

    def request(self, method: str, call: str) -> tuple[str, Any]:
        path = call.partition(" ")[0].format(
            event=self.event,
            draft=self.draft,
            booking=self.booking,
            customer=self.customer.id,
            session=self.session,
            another=self.callers["another"].id,
            code=self.code,
            secret=self.secret,
            webhook=self.webhook,
            mail=self.mail,
            token=token_id(self.api.db, self.door_pass),
            name="name",
            number=0,
            unsubscription=self.links["unsubscription"],
        )
        return path, self._body(method, call)

    def _body(self, method: str, call: str) -> Any:
        bodies: Mapping[str, Any] = {
            "POST /api/events": new_event(),
            "POST /api/events/{event}/copies": {"dates": ["2031-05-06T20:00:00"]},
            "POST /api/events/{event}/preview": new_event(status="active", description="New"),
            "POST /api/events/{event}/messages": {"text": "Bring a coat."},
            "POST /api/events/{event}/messages/preview": {"text": "Bring a coat."},
            "POST /api/notices/read": {"ids": [1]},
            "PUT /api/events/{event}": new_event(status="active", description="New"),
            "POST /api/bookings": {"event_id": self.event, "quantity": 1},
            "POST /api/bookings for the customer": {
                "event_id": self.event,
                "quantity": 1,
                "user_id": self.customer.id,
            },
            "PUT /api/bookings/{booking}": {"status": "cancelled"},
            "POST /api/users": new_user(),
            "POST /api/users without a password": new_user(password=None),
            "POST /api/users as an admin": new_user(role="admin"),
            "PUT /api/users/{customer}": {"name": "Ana Herbst"},
            "PUT /api/users/{customer}/disabled": {"disabled": True},
            "PUT /api/users/{customer}/role": {"role": "admin"},
            "PUT /api/users/{customer}/phone": {"phone": new_phone(), "verified": True},
            "POST /api/sessions/current/second-factor": {"code": pyotp.TOTP(SECRET).now()},
            "PUT /api/account/second-factor": {"code": "042317"},
            "POST /api/account/confirmations": {"password": PASSWORD},
            "PUT /api/account/name": {"name": "Ana Herbst"},
            "PUT /api/account/password": {
                "current_password": PASSWORD,
                "new_password": "another password",
            },
            "PUT /api/password-codes": {
                "account": self.customer.person.phone,
                "code": self.password_code,
                "password": "another password",
            },
            "PUT /api/account/phone": {"phone": new_phone(), "password": PASSWORD},
            "POST /api/phone-verifications": {"token": self.phone_token, "code": "042317"},
            "POST /api/sessions": self.customer.sign_in_body,
            "POST /api/tickets/{code}/check-in": {"event_id": self.event},
            "POST /api/events/{event}/passes": {"name": "Main entrance"},
            "POST /api/door-sessions": {"pass": self.door_pass},
            "POST /api/tokens": new_token(),
            "POST /api/webhooks": {"url": "https://hooks.example.org/"},
            "PUT /api/webhooks/{webhook}": {
                "url": "https://hooks.example.org/",
                "types": [],
                "event_id": None,
                "enabled": True,
            },
            "POST /api/webhooks/{webhook}/replay": {"from": "2027-03-01T19:00:00Z"},
            "PUT /api/account/email": {
                "email": f"new-{self.customer.id}@example.org",
                "password": PASSWORD,
            },
            "PUT /api/account/mail": {"optional_mail": False},
            "POST /api/account/erasure": {"password": PASSWORD},
            "POST /api/users/{another}/erasure": {"password": PASSWORD},
            "POST /api/email-verifications": {"token": self.links["email-verification"]},
            "POST /api/unsubscriptions": {"token": self.links["unsubscription"]},
            "POST /api/phone-readings": {"phone": "0171 3920001"},
            "POST /api/password-resets": {"account": self.customer.person.phone},
            "PUT /api/password-resets": {
                "token": self.links["password-reset"],
                "password": "another password",
            },
        }
        return bodies.get(f"{method} {call}")


# A cell makes fewer rows than this in each table, also when it has one caller after another.
NEWEST = 60


def newest(table: str, columns: str = "", key: str = "id") -> str:
    """Return a subquery for the newest rows of a table."""
    return (
        f"(SELECT jsonb_agg({columns or table} ORDER BY {key}) FROM"
        f" (SELECT * FROM {table} ORDER BY {key} DESC LIMIT {NEWEST}) AS {table}) AS {table}"
    )


def snapshot(db: psycopg.Connection) -> list[dict[str, Any]]:
    """Return the rows that a refused request must not change: those of the cell, the newest."""
    kept = [
        newest("users", "(id, role, disabled_at, phone, email)"),
        newest("second_factors", key="user_id"),
        newest("password_codes", key="user_id"),
        newest("calendars", key="user_id"),
        newest("api_tokens", "(id, revoked_at)"),
        *map(newest, ("mails", "webhook_endpoints", "events", "bookings", "tickets")),
    ]
    counted = ("sessions", "activity", "pass_sessions", "webhook_deliveries", "event_messages")
    kept += [f"(SELECT count(*) FROM {table}) AS {table}" for table in counted]
    kept.append("(SELECT count(*) FROM notices WHERE read_at IS NULL) AS unread")
    return rows(db, f"SELECT {', '.join(kept)}")
