"""A sale that opens while somebody watches; the sale times in the form and at the box office."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from tests.e2e.admin_page_data import field_note, section
from tests.e2e.browser import Visitor, expect_confirmation
from tests.e2e.server import Account, ApiClient
from tests.support.rows import in_days


def in_seconds(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).replace(microsecond=0).isoformat()


def test_a_sale_opens_while_a_customer_watches(
    visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    page = visitor.page
    visitor.sign_in(customer)
    event = admin.new_event(title="On the Dot", sale_starts_at=in_seconds(10))
    # The device is years behind: only the clock of the server counts.
    page.clock.install(time=datetime(2020, 1, 1, tzinfo=UTC))
    visitor.open(f"/events/{event['id']}")
    expect(page.get_by_text("On sale from", exact=True)).to_be_visible()
    expect(page.get_by_role("timer")).to_contain_text("in 0:")
    expect(page.get_by_role("button", name="Book 1 ticket")).not_to_be_visible()

    expect(page.get_by_role("button", name="Book 1 ticket")).to_be_visible(timeout=15_000)
    expect(page.get_by_role("status").filter(has_text="Tickets are on sale now.")).to_be_visible()
    page.get_by_role("button", name="Book 1 ticket").click()
    expect_confirmation(page)


def test_a_customer_who_waited_too_long_is_told(
    visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    page = visitor.page
    visitor.sign_in(customer)
    event = admin.new_event(title="Last Orders", sale_ends_at=in_seconds(4))
    visitor.open(f"/events/{event['id']}")
    button = page.get_by_role("button", name="Book 1 ticket")
    expect(button).to_be_visible()
    page.wait_for_timeout(4500)
    button.click()
    expect(page.get_by_text("The sale has ended")).to_be_visible()
    assert admin.bookings(customer) == []


def test_the_list_says_when_the_sale_starts(visitor: Visitor, admin: ApiClient) -> None:
    event = admin.new_event(title="Zephyr and Zither", sale_starts_at=in_days(3).isoformat())
    visitor.open("/?search=Zephyr+Zither")
    expect(visitor.page.get_by_role("article").first).to_contain_text("On sale from")
    admin.edit_event(event, status="cancelled")


def test_an_admin_sets_the_sale_times_on_the_clock_of_the_venue(
    admin_visitor: Visitor, admin: ApiClient
) -> None:
    page = admin_visitor.page
    event = admin.new_event(
        title="Early Birds", date_time="2031-05-06T20:00:00", time_zone="Asia/Tokyo"
    )
    admin_visitor.open(f"/admin/events/{event['id']}/edit")
    page.get_by_label("On sale from").fill("2031-05-07T10:00")
    expect(field_note(page, "On sale from")).to_contain_text("before the event does")
    page.get_by_label("On sale from").fill("2031-05-02T10:00")
    expect(field_note(page, "On sale from")).to_contain_text("2 May 2031")
    page.get_by_label("On sale until").fill("2031-05-02T09:00")
    page.get_by_role("button", name="Save changes").click()
    expect(field_note(page, "On sale until")).to_contain_text("must end after it starts")
    page.get_by_label("On sale until").fill("2031-05-06T18:00")
    page.get_by_role("button", name="Save changes").click()
    expect(page).to_have_url(f"{admin_visitor.address}/admin/events/{event['id']}")
    saved = admin.get(f"/events/{event['id']}")
    assert saved["sale_starts_at"] == "2031-05-02T01:00:00Z"
    assert saved["sale_ends_at"] == "2031-05-06T09:00:00Z"


def test_the_box_office_sells_before_the_sale(
    admin_visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    page = admin_visitor.page
    event = admin.new_event(title="Friends First", sale_starts_at=in_days(3).isoformat())
    admin_visitor.open(f"/admin/events/{event['id']}")
    expect(page.get_by_text("Active, not yet on sale")).to_be_visible()
    box_office = section(page, "Box office")
    box_office.get_by_label("Find a customer", exact=True).fill(customer.phone[-9:])
    box_office.get_by_role("button", name=customer.name).click()
    expect(box_office.get_by_text("Customers cannot book yet. The box office can.")).to_be_visible()
    box_office.get_by_role("button", name="Book 1 ticket").click()
    expect(box_office.get_by_text(f"1 ticket booked for {customer.name}")).to_be_visible()
