"""An admin lets a program follow the bookings, from the first test to the end."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from standardwebhooks import Webhook, WebhookVerificationError

from tests.e2e.browser import Visitor
from tests.e2e.server import Account, ApiClient
from tests.support.webhook_receiver import Message, Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def types(messages: list[Message]) -> list[str]:
    return [json.loads(message.body)["type"] for message in messages]


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_a_program_follows_the_bookings(
    admin_visitor: Visitor, admin: ApiClient, customer: Account, receiver: Receiver
) -> None:
    page = admin_visitor.page
    admin_visitor.open("/admin")
    page.get_by_role("link", name="Webhooks").click()
    page.get_by_role("link", name="New webhook").click()
    page.get_by_label("Address").fill(receiver.url)
    page.get_by_label("Only these facts").check()
    page.get_by_label("A booking is made").check()
    press(page, "Create webhook")
    secret = page.get_by_label("The new secret").input_value()
    press(page, "Copy secret")
    expect(page.get_by_text("The secret is copied.")).to_be_visible()
    page.get_by_role("link", name="Go on and test it").click()

    press(page, "Send a test")
    expect(page.get_by_text("The test arrived")).to_be_visible()
    expect(page.get_by_text("Working")).to_be_visible()
    assert types(receiver.messages) == ["webhook.test"]
    Webhook(secret).verify(receiver.messages[0].body, receiver.messages[0].headers)

    event = admin.new_event()
    booking = admin.book(event, 2, customer)
    receiver.wait_for(lambda messages: len(messages) == 2)
    sold = receiver.messages[1]
    assert json.loads(sold.body)["data"]["booking_id"] == booking["id"]
    assert customer.phone.encode() not in sold.body
    press(page, "Look again")
    expect(page.get_by_role("cell", name="A booking is made")).to_be_visible()

    new_secret = make_a_new_secret(page)
    receiver.status = 500
    press(page, "Send a test")
    expect(page.get_by_text("The test failed")).to_be_visible()
    expect(page.get_by_text("Failing since")).to_be_visible()
    press(page, "Failing")
    expect(page.get_by_role("cell", name="A test")).to_have_count(1)
    for known in (secret, new_secret):
        Webhook(known).verify(receiver.messages[2].body, receiver.messages[2].headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret).verify(sold.body, sold.headers)

    receiver.status = 204
    yesterday = datetime.now() - timedelta(days=1)  # noqa: DTZ005  (the browser has this clock)
    page.get_by_label("Send again since").fill(yesterday.strftime("%Y-%m-%dT%H:%M"))
    press(page, "Send again")
    expect(page.get_by_text("sent again now.")).to_be_visible()
    receiver.wait_for(
        lambda messages: [(m.id, m.body) for m in messages].count((sold.id, sold.body)) == 2
    )

    receiver.status = 410
    press(page, "Send a test")
    expect(page.get_by_text("410 Gone")).to_be_visible()
    press(page, "Enable it")
    expect(page.get_by_text("Working")).to_be_visible()
    press(page, "Delete webhook …")
    press(page, "Delete webhook")
    expect(page.get_by_role("heading", name="Webhooks", level=1)).to_be_visible()
    assert receiver.url not in [webhook["url"] for webhook in admin.get("/webhooks")["items"]]


def make_a_new_secret(page: Page) -> str:
    press(page, "Make a new secret …")
    press(page, "Make a new secret")
    shown = page.get_by_label("The new secret")
    expect(shown).to_be_visible()
    expect(page.get_by_text("signs as well until")).to_be_visible()
    return shown.input_value()
