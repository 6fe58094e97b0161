"""Mails that could not be sent, for admins: to whom, about what, why, and another attempt."""

from typing import Literal

from pydantic import Field

from app.http.endpoints import endpoint
from app.http.fields import Id, Output, TimeOutput
from app.http.identity import SignedIn, Who
from app.http.inputs import Query
from app.http.paging import Page, PageQuery, SortKeys
from app.http.problems import Problem
from app.http.services import Services


class FailingMail(Output):
    """A mail whose last attempt failed."""

    id: Id = Field(validation_alias="mail_id")
    address: str
    user_id: Id
    user_name: str
    purpose: Literal["notice", "email-verification", "password-reset"]
    kind: str | None = Field(description="Of its notice, like event-changed; null: it has none.")
    event_id: Id | None
    event_title: str | None
    created_at: TimeOutput
    attempts: int
    next_attempt_at: TimeOutput | None = Field(description="null: it is given up.")
    last_error: str = Field(examples=["SMTPConnectError"])


class FailingMailPage(Page[FailingMail]):
    """One page of mails that could not be sent."""

    mails_failing: int = Field(description="How many mails the whole list has.")
    webhooks_failing: int = Field(description="How many webhooks do not get through.")


class MailQuery(PageQuery):
    """Selects mails. Those that failed are the only ones that are listed."""

    state: Literal["failing"] = "failing"


_NEWEST_FIRST = SortKeys(mail_id=Id)


@endpoint("GET", "/mails", who=Who.ADMIN)
async def list_mails(services: Services, query: Query[MailQuery]) -> FailingMailPage:
    """List mails that could not be sent, newest first.

    They are those that are tried again, and those that were given up in the last seven days.
    """
    rows = await services.database.rows("list_failing_mails", **_NEWEST_FIRST.parameters(query))
    failing = await services.database.one("sum_failing")
    page, next_cursor = _NEWEST_FIRST.cut(rows, query.limit)
    return FailingMailPage(
        items=[FailingMail.model_validate(dict(row)) for row in page],
        next_cursor=next_cursor,
        mails_failing=failing["mails"],
        webhooks_failing=failing["webhooks"],
    )


@endpoint("POST", "/mails/{id}/retry", who=Who.ADMIN, status=204, problems=("mail-not-found",))
async def retry_mail(services: Services, caller: SignedIn, id: Id) -> None:
    """Have a mail that could not be sent tried again at once."""
    if not await services.database.value("retry_mail", mail_id=id, actor_id=caller.id):
        raise Problem("mail-not-found")
