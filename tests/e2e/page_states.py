"""Every page in every state worth checking: with axe, in narrow windows, in screenshots."""

from collections.abc import Callable, Sequence

from playwright.sync_api import Route, expect

from tests.e2e import session_page_states
from tests.e2e.booking_page_states import BOOKING_PAGE_STATES
from tests.e2e.browser import Visitor
from tests.e2e.page_data import PageData, PageState, at, fails


def _loading(visitor: Visitor, _: PageData) -> None:
    # The request is never answered, so the page keeps its loading state.
    visitor.page.route("**/api/events*", visitor.leave_unanswered)
    visitor.page.goto(visitor.address + "/?search=slow")
    skeletons = visitor.page.locator(".skeleton")
    expect(skeletons.first).to_have_css("opacity", "1")


def _sign_up_errors(visitor: Visitor, _: PageData) -> None:
    visitor.open("/sign-up")
    visitor.page.get_by_label("Phone").fill("12")
    visitor.page.get_by_role("button", name="Sign up").click()
    expect(visitor.page.get_by_text("This phone number is too short.")).to_be_visible()


def _sign_in_failed(visitor: Visitor, _: PageData) -> None:
    visitor.open("/sign-in")
    visitor.page.get_by_label("Phone").fill("+49 171 3929999")
    visitor.page.get_by_label("Password").fill("not the password")
    visitor.page.get_by_role("button", name="Sign in", exact=True).click()
    expect(visitor.page.get_by_role("alert")).to_be_visible()


def _account(**changed: object) -> Callable[[Visitor, PageData], None]:
    """Open the account page as the API describes the account."""

    def open_state(visitor: Visitor, data: PageData) -> None:
        account = {
            "id": data.regular.id,
            "name": data.regular.name,
            "phone": data.regular.phone,
            "email": "kim.with.a.long.address@tickets-and-evenings.example.org",
            "email_verified": True,
            "optional_mail": True,
            "has_password": True,
            "phone_verified": True,
            "phone_lost": False,
            "sends_phone_codes": True,
        }
        visitor.page.route(
            "**/api/account", lambda route: route.fulfill(json={**account, **changed})
        )
        visitor.open("/account")
        visitor.page.unroute("**/api/account")

    return open_state


CODE_SENT = {
    "phone": "+491713929999",
    "token": "a" * 43,
    "expires_at": "2099-01-01T00:15:00Z",
}


def _sign_up_code(visitor: Visitor, _: PageData) -> None:
    """Sign up where a code is sent, and enter a wrong one."""
    page = visitor.page
    page.route("**/api/users", lambda route: route.fulfill(status=202, json=CODE_SENT))
    visitor.open("/sign-up")
    page.get_by_label("Name").fill("Nora New")
    page.get_by_label("Phone").fill("+49 171 3929999")
    page.get_by_label("Password").fill("a seat in row 7")
    page.get_by_role("button", name="Sign up").click()
    page.get_by_label("Code", exact=True).fill("12345")
    page.get_by_role("button", name="Confirm the number").click()
    expect(page.get_by_text("The code has six digits.")).to_be_visible()
    page.unroute("**/api/users")


def _sign_up_taken(visitor: Visitor, data: PageData) -> None:
    """Enter the code for a number that has an account."""
    page = visitor.page
    taken = {
        "type": "/problems/phone-in-use",
        "title": "Another account has this number",
        "status": 409,
        "detail": "You can take the number over: the other account keeps its bookings.",
    }
    page.route("**/api/phone-verifications", lambda route: route.fulfill(status=409, json=taken))
    _sign_up_code(visitor, data)
    page.get_by_label("Code", exact=True).fill("123456")
    page.get_by_role("button", name="Confirm the number").click()
    expect(page.get_by_role("button", name="Take the number over")).to_be_visible()
    page.unroute("**/api/phone-verifications")


def _phone_code(visitor: Visitor, data: PageData) -> None:
    """Have a code sent to the number of the account."""
    page = visitor.page
    page.route(
        "**/api/account/phone/codes", lambda route: route.fulfill(status=202, json=CODE_SENT)
    )
    _account(phone_verified=False)(visitor, data)
    page.get_by_role("button", name="Confirm this number").click()
    expect(page.get_by_label("Code", exact=True)).to_be_visible()
    page.unroute("**/api/account/phone/codes")


def _changing_phone(visitor: Visitor, data: PageData) -> None:
    _account()(visitor, data)
    visitor.page.get_by_role("button", name="Change the number").click()
    visitor.page.get_by_role("button", name="Send a code").click()
    expect(visitor.page.get_by_text("Enter your phone number.")).to_be_visible()


def _changing_email(visitor: Visitor, data: PageData) -> None:
    _account()(visitor, data)
    visitor.page.get_by_role("button", name="Change the address").click()
    visitor.page.get_by_role("button", name="Save and send the mail").click()
    expect(visitor.page.get_by_text("Enter your e-mail address.")).to_be_visible()


def _removing_email(visitor: Visitor, data: PageData) -> None:
    _account()(visitor, data)
    visitor.page.get_by_role("button", name="Remove it").click()
    expect(visitor.page.get_by_role("heading", name="Remove this address?")).to_be_visible()


def _changing_password(visitor: Visitor, data: PageData) -> None:
    _account()(visitor, data)
    visitor.page.get_by_role("button", name="Change the password").click()
    visitor.page.get_by_role("button", name="Save the password").click()
    expect(visitor.page.get_by_text("Enter your current password.")).to_be_visible()


def _changing_name(visitor: Visitor, data: PageData) -> None:
    _account()(visitor, data)
    visitor.page.get_by_role("button", name="Change the name").click()
    expect(visitor.page.get_by_label("Your name")).to_be_visible()


def _setting_up_a_factor(visitor: Visitor, data: PageData) -> None:
    _account()(visitor, data)
    visitor.page.get_by_role("button", name="Set it up").click()
    expect(visitor.page.get_by_role("img", name="QR code for an authenticator app")).to_be_visible()


def _factor_at_sign_in(visitor: Visitor, _: PageData) -> None:
    state = {"user": None, "expires_at": None, "door": None, "second_factor": "required"}
    visitor.page.route("**/api/sessions/current", lambda route: route.fulfill(json=state))
    visitor.open("/sign-in")
    expect(visitor.page.get_by_label("Code of your authenticator app")).to_be_visible()
    visitor.page.unroute("**/api/sessions/current")


def _deleting(visitor: Visitor, data: PageData) -> None:
    """Ask for the deletion: refused with bookings to come, else with the password."""
    visitor.open("/account")
    visitor.page.get_by_role("button", name="Delete my account").click()
    expect(visitor.page.get_by_role("button", name="Keep my account")).to_be_visible()


def _deleting_without_password(visitor: Visitor, data: PageData) -> None:
    _deleting(visitor, data)
    visitor.page.get_by_role("button", name="Delete it permanently").click()
    expect(visitor.page.get_by_text("Enter your password.")).to_be_visible()


def _without_mail(path: str) -> Callable[[Visitor, PageData], None]:
    """Open a page of an installation that sends no mail."""

    def answer(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, json={**response.json(), "sends_mail": False})

    def open_state(visitor: Visitor, data: PageData) -> None:
        visitor.page.route("**/api/config", answer)
        visitor.open(path)
        expect(visitor.page.get_by_text("This site sends no mail")).to_be_visible()
        visitor.page.unroute("**/api/config")

    return open_state


def _asked_for_password(visitor: Visitor, _: PageData) -> None:
    visitor.page.route("**/api/password-resets", lambda route: route.fulfill(status=204))
    visitor.open("/forgot-password")
    visitor.page.get_by_label("Phone or e-mail address").fill("kim@example.org")
    visitor.page.get_by_role("button", name="Send the link").click()
    expect(visitor.page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    visitor.page.unroute("**/api/password-resets")


def _pressed(path: str, button: str, api: str, heading: str) -> Callable[..., None]:
    """Open the page of a link and press its button, and the API answers that it is done."""

    def open_state(visitor: Visitor, _: PageData) -> None:
        visitor.page.route(api, lambda route: route.fulfill(status=204))
        visitor.open(path)
        visitor.page.get_by_role("button", name=button).click()
        expect(visitor.page.get_by_role("heading", name=heading)).to_be_visible()
        visitor.page.unroute(api)

    return open_state


def _backwards(visitor: Visitor, _: PageData) -> None:
    visitor.open("/?from=2030-02-01&to=2030-01-01")
    expect(visitor.page.get_by_text("The last day is before the first one.")).to_be_visible()


PAGE_STATES: Sequence[PageState] = (
    PageState("events", "anonymous", at("/")),
    PageState("events-found", "anonymous", at("/?search=typwriter")),
    PageState("events-category", "anonymous", at("/?category=Concert")),
    PageState("events-category-none", "anonymous", at("/?category=Puppetry")),
    PageState("events-none", "anonymous", at("/?search=zzzzzzzz")),
    PageState("events-backwards", "anonymous", _backwards),
    PageState("events-failed", "anonymous", fails("**/api/events*", "/?search=boom")),
    PageState("event", "anonymous", at("/events/{data.events[open]}?quantity=3")),
    PageState("event-few", "anonymous", at("/events/{data.events[few]}")),
    PageState("event-free", "anonymous", at("/events/{data.events[free]}")),
    PageState("event-sold-out", "anonymous", at("/events/{data.events[sold-out]}")),
    PageState("event-not-yet", "anonymous", at("/events/{data.events[not-yet]}")),
    PageState("event-sale-ended", "anonymous", at("/events/{data.events[sale-ended]}")),
    PageState("event-sale-ends", "anonymous", at("/events/{data.events[sale-ends]}")),
    PageState("event-cancelled", "anonymous", at("/events/{data.events[cancelled]}")),
    PageState("event-over", "anonymous", at("/events/{data.events[over]}")),
    PageState("event-hostile", "anonymous", at("/events/{data.events[hostile]}")),
    PageState("event-endless", "anonymous", at("/events/{data.events[endless]}")),
    PageState("event-failed", "anonymous", fails("**/api/events/*", "/events/{data.events[open]}")),
    PageState("event-missing", "anonymous", at("/events/999999999")),
    PageState("sign-in", "anonymous", at("/sign-in")),
    PageState("sign-in-failed", "anonymous", _sign_in_failed, asked_for=True),
    PageState("sign-up", "anonymous", at("/sign-up")),
    PageState("sign-up-errors", "anonymous", _sign_up_errors, asked_for=True),
    PageState("forgot-password", "anonymous", at("/forgot-password")),
    PageState("sign-up-code", "anonymous", _sign_up_code, asked_for=True),
    PageState("sign-up-taken", "anonymous", _sign_up_taken, asked_for=True),
    PageState("forgot-password-sent", "anonymous", _asked_for_password, asked_for=True),
    PageState("forgot-password-no-mail", "anonymous", _without_mail("/forgot-password"), True),
    PageState("reset-password", "anonymous", at("/reset-password#token=a")),
    PageState("set-password", "anonymous", at("/set-password")),
    PageState("reset-password-invalid", "anonymous", at("/reset-password")),
    PageState("verify-email", "anonymous", at("/verify-email#token=a")),
    PageState("verify-email-invalid", "anonymous", at("/verify-email")),
    PageState(
        "verify-email-done",
        "anonymous",
        _pressed(
            "/verify-email#token=b",
            "Confirm the address",
            "**/api/email-verifications",
            "Address confirmed",
        ),
        asked_for=True,
    ),
    PageState("unsubscribe", "anonymous", at("/unsubscribe?token=a")),
    PageState("account", "regular", _account()),
    PageState("account-waiting", "regular", _account(email_verified=False)),
    PageState("account-changing", "regular", _changing_email, asked_for=True),
    PageState("account-phone-unverified", "regular", _account(phone_verified=False)),
    PageState(
        "account-phone-lost",
        "regular",
        _account(phone_verified=False, phone_lost=True),
    ),
    PageState("account-phone-changing", "regular", _changing_phone, asked_for=True),
    PageState("account-phone-code", "regular", _phone_code, asked_for=True),
    PageState("account-removing", "regular", _removing_email, asked_for=True),
    PageState("account-no-mail", "regular", _without_mail("/account"), asked_for=True),
    PageState("account-failed", "regular", fails("**/api/account", "/account")),
    PageState("account-sessions", "regular", session_page_states.signed_in_elsewhere),
    PageState("account-signing-out", "regular", session_page_states.signing_out_elsewhere, True),
    PageState("account-sessions-failed", "regular", session_page_states.sessions_failed),
    PageState("account-none", "newcomer", at("/account")),
    PageState("account-deleting-refused", "regular", _deleting, asked_for=True),
    PageState("account-password", "newcomer", _changing_password, asked_for=True),
    PageState("account-name", "newcomer", _changing_name, asked_for=True),
    PageState("account-second-factor", "newcomer", _setting_up_a_factor, asked_for=True),
    PageState("sign-in-second-factor", "anonymous", _factor_at_sign_in),
    PageState("second-factor", "newcomer", at("/second-factor")),
    PageState("account-deleting", "newcomer", _deleting_without_password, asked_for=True),
    PageState("account-deleted", "anonymous", at("/account-deleted")),
    PageState("my-data", "regular", at("/account/my-data")),
    PageState("my-data-none", "newcomer", at("/account/my-data")),
    PageState("my-data-failed", "regular", fails("**/api/account/export", "/account/my-data")),
    PageState("accessibility", "anonymous", at("/accessibility")),
    PageState("not-found", "anonymous", at("/no/such/page")),
    *BOOKING_PAGE_STATES,
    # This is the last state, because its page never finishes loading.
    PageState("events-loading", "newcomer", _loading),
)


def visit_page_states(
    data: PageData, open_window: Callable[[], Visitor], look: Callable[[PageState, Visitor], None]
) -> None:
    """Open every state in windows of `open_window`, and call `look` for each."""
    for role in ("anonymous", "regular", "newcomer"):
        visitor = open_window()
        if role != "anonymous":
            visitor.sign_in(data.regular if role == "regular" else data.newcomer)
        for state in PAGE_STATES:
            if state.role == role:
                state.open_state(visitor, data)
                look(state, visitor)
