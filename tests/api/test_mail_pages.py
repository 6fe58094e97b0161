"""Mails on a developer's machine: they are kept in a folder, and a page shows them."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from pathlib import Path

import httpx2
import psycopg
import pytest
from pydantic import ValidationError

from app.background.mails import send_due_mails
from app.data.database import Database
from app.mail_folder import keep_mail, read_mail
from app.settings import Settings
from tests.support.application import in_process
from tests.support.rows import add_event, add_user, book, in_days

URL = "postgresql://localhost/none"


@asynccontextmanager
async def pages(database_url: str, folder: Path | None) -> AsyncIterator[httpx2.AsyncClient]:
    async with in_process(database_url, MAIL_FOLDER=str(folder or ""), SMTP_URL="") as client:
        yield client


def mail(subject: str = "Jazz <i>Night</i>") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Marquee <marquee@localhost>"
    message["To"] = "ada@example.org"
    message["Subject"] = subject
    message["Date"] = "Thu, 26 Nov 2026 20:00:00 +0000"
    message.set_content("Hello <b>Ada</b>")
    message.add_alternative(
        '<html><body><a href="/bookings/1">Booking</a></body></html>', subtype="html"
    )
    message.add_attachment(b"BEGIN:VCALENDAR", "text", "calendar", filename="marquee.ics")
    return message


async def test_a_mail_that_is_due_is_kept_and_shown(
    database_url: str, db: psycopg.Connection, tmp_path: Path
) -> None:
    folder = tmp_path / "mails"
    user_id = add_user(db, email="ada@example.org", email_verified_at=in_days(-1))
    book(db, user_id, add_event(db, title="Jazz <i>Night</i>"), 2)
    db.execute("SELECT fan_out_facts()")
    async with pages(database_url, folder) as client:
        assert "There are no mails yet." in (await client.get("/mails")).text
        async with Database.connect(database_url) as database:
            given = {"database_url": database_url, "mail_folder": folder}
            settings = Settings.model_validate(given)
            assert await send_due_mails(database, settings) == 1
        listed = (await client.get("/mails")).text
        (path,) = re.findall(r'href="(/mails/[^"]+)"', listed)
        assert "Your booking for Jazz &lt;i&gt;Night&lt;/i&gt;" in listed
        assert "To ada@example.org" in listed
        shown = (await client.get(path)).text
    assert "Hello " in shown
    assert db.execute("SELECT count(*) FROM mails WHERE sent_at IS NOT NULL").fetchone() == (1,)


async def test_a_mail_is_shown_in_all_its_parts(database_url: str, tmp_path: Path) -> None:
    keep_mail(tmp_path / "mails", mail())
    async with pages(database_url, tmp_path / "mails") as client:
        (path,) = re.findall(r'href="(/mails/[^"]+)"', (await client.get("/mails")).text)
        page = await client.get(path)
        html = await client.get(f"{path}/html")
        file = await client.get(f"{path}/attachments/0")
        assert (await client.get(f"{path}/attachments/1")).status_code == 404
        assert (await client.get("/mails/another/html")).status_code == 404

    assert "<h1>Jazz &lt;i&gt;Night&lt;/i&gt;</h1>" in page.text
    assert "Hello &lt;b&gt;Ada&lt;/b&gt;" in page.text
    assert "marquee.ics" in page.text
    # The frame runs nothing and loads nothing. A link opens a new tab.
    assert "sandbox allow-popups" in html.headers["content-security-policy"]
    assert "default-src 'none'" in html.headers["content-security-policy"]
    assert '<base target="_blank">' in html.text
    assert (file.content.strip(), file.headers["content-type"]) == (
        b"BEGIN:VCALENDAR",
        "text/calendar; charset=utf-8",
    )


async def test_many_mails_are_listed_newest_first_in_pages(
    database_url: str, tmp_path: Path
) -> None:
    for number in range(52):
        keep_mail(tmp_path / "mails", mail(f"No. {number}"))
    async with pages(database_url, tmp_path / "mails") as client:
        first = (await client.get("/mails")).text
        second = (await client.get("/mails?page=2")).text
        assert (await client.get("/mails?page=x")).text.count("<li>") == 50
    assert re.findall(r"No\. \d+", first) == [f"No. {number}" for number in range(51, 1, -1)]
    assert re.findall(r"No\. \d+", second) == ["No. 1", "No. 0"]


@pytest.mark.parametrize("path", ("/mails", "/mails/x", "/mails/x/html", "/mails/x/attachments/0"))
async def test_a_deployed_installation_has_no_such_page(database_url: str, path: str) -> None:
    async with pages(database_url, None) as client:
        page, no_page = await client.get(path), await client.get("/no-such-page")
    assert without_nonce(page) == without_nonce(no_page)


def without_nonce(page: httpx2.Response) -> str:
    return re.sub('nonce="[^"]*"', "", page.text)


@pytest.mark.parametrize("name", ("..", "../../secret", "../secret"))
def test_no_file_outside_the_folder_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("Subject: secret")
    keep_mail(tmp_path / "mails", mail())
    assert read_mail(tmp_path / "mails", name) is None


async def test_a_proxy_shows_nobody_the_mails(database_url: str, tmp_path: Path) -> None:
    keep_mail(tmp_path / "mails", mail())
    async with pages(database_url, tmp_path / "mails") as client:
        response = await client.get("/mails", headers={"X-Forwarded-For": "192.0.2.7"})
    assert "ada@example.org" not in response.text


@pytest.mark.parametrize(
    "given",
    (
        {"host": "0.0.0.0"},
        {"host": "tickets.example"},
        {"smtp_url": "smtp://mail.example"},
    ),
)
def test_a_server_on_a_network_or_with_a_mail_server_keeps_no_mails(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match=r"loopback|SMTP_URL"):
        Settings.model_validate({"database_url": URL, "mail_folder": "/tmp/mails", **given})
