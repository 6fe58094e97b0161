"""Scopes: what a caller with an API token or a door pass may call, and for which event.

An endpoint names its scopes in its declaration. Without a scope it is closed to such callers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Literal

from pydantic import BaseModel

from app.http.fields import Id

Scope = Literal["door", "box-office", "events", "reports", "webhooks"]


class EventOf(Enum):
    """Where the event of a request stands, for a caller that may act for one event only."""

    PATH = auto()  # it is the id in the path
    HANDLER = auto()  # the handler calls SignedIn.keep_to() once it knows the event
    NOWHERE = auto()  # the request is about more than one event: such a caller is refused


class Grant(BaseModel):
    """What a token or a door pass gives its caller."""

    token_id: Id
    token_name: str
    scopes: frozenset[Scope]
    event_id: Id | None  # None: all events
    is_pass: bool

    def refusal_for(self, event_id: int) -> str | None:
        """Say why the caller may not act for an event; None when it may."""
        if self.event_id in {None, event_id}:
            return None
        return f"This {self.kind} is for another event."

    @property
    def kind(self) -> str:
        """What people call it."""
        return "pass" if self.is_pass else "token"


@dataclass(frozen=True)
class Admits:
    """Which callers with a token an endpoint admits: those with one of the scopes."""

    scopes: tuple[Scope, ...] = ()
    event_of: EventOf = EventOf.NOWHERE

    def refusal(self, grant: Grant, path: Mapping[str, object]) -> str | None:
        """Say why a caller with this grant is refused; None when it is admitted."""
        if grant.scopes.isdisjoint(self.scopes):
            return f"This {grant.kind} has no scope for that."
        if grant.event_id is None or self.event_of is EventOf.HANDLER:
            return None
        if self.event_of is EventOf.NOWHERE:
            return f"This {grant.kind} is for one event only, and that is about several."
        # An id in another spelling is refused as well.
        return None if path["id"] == str(grant.event_id) else grant.refusal_for(0)
