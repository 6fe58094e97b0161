"""The settings: environment variables of the same names set them."""

import ipaddress
import sys
from functools import cached_property
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.addresses import host_name, is_loopback, origin
from app.database_url import parameters_of

# The folder for the metrics of all processes. prometheus_client gave it this name.
METRICS_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _database_url(url: SecretStr) -> SecretStr:
    parameters_of(url.get_secret_value())
    return url


def _public_url(url: str | None) -> str | None:
    return origin(url) if url else None


def _note(text: str | None) -> str | None:
    return (text or "").strip() or None


def _link(url: str | None) -> str | None:
    if not url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("It must be the address of a page, like https://tickets.example/imprint")
    return url


Link = Annotated[str | None, AfterValidator(_link)]


def _networks(text: object) -> object:
    if not isinstance(text, str):
        return text
    listed = [part.strip() for part in text.split(",") if part.strip()]
    if "*" in listed:
        raise ValueError(
            "* would let every client choose the address it is known by."
            " Name the addresses or networks of your proxies"
        )
    return [ipaddress.ip_network(part) for part in listed]


class Settings(BaseSettings):
    """The settings of one installation."""

    # An error message may not show a value: some are secrets.
    model_config = SettingsConfigDict(hide_input_in_errors=True)

    database_url: Annotated[SecretStr, AfterValidator(_database_url)] = Field(
        description="PostgreSQL 15 or newer; several hosts and target_session_attrs may be given."
    )
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    workers: int | None = Field(None, ge=1, description="API processes; default: one per core.")
    public_url: Annotated[str | None, AfterValidator(_public_url)] = Field(
        None,
        description="The address people use, such as https://tickets.example. The cookie, HSTS and"
        " the checks of Host and Origin follow it.",
    )
    keep_alive_seconds: int = Field(
        75,
        ge=1,
        le=3600,
        description="How long an idle connection stays open. It must be longer than the load"
        " balancer's own time (often 60 s), or requests are lost with a connection that closes.",
    )
    currency: str = Field("EUR", pattern="^[A-Z]{3}$", description="ISO 4217, for all prices.")
    default_region: str = Field(
        "DE",
        pattern="^[A-Z]{2}$",
        description="Region whose phone numbers may be given without +, and whose CSV is written.",
    )
    payment_note: Annotated[str | None, AfterValidator(_note)] = Field(
        None,
        description="How tickets are paid, such as: Pay at the door, in cash or by card. An event"
        " may have a note of its own.",
    )
    imprint_url: Link = Field(None, description="The page with who runs this installation.")
    privacy_url: Link = Field(None, description="The page on personal data.")
    terms_url: Link = Field(None, description="The page with the terms of sale.")
    demo: bool = Field(False, description="Demo accounts are shown to everybody.")
    trusted_proxies: Annotated[list[Network], NoDecode, BeforeValidator(_networks)] = Field(
        default_factory=list,
        description="Addresses or networks, separated by commas, whose X-Forwarded-* are believed.",
    )
    batching: bool = Field(
        True,
        description="Share database work between requests; off only to measure that.",
    )
    metrics_token: SecretStr | None = Field(
        None, description="The Bearer token with which other machines may read /metrics."
    )

    @classmethod
    def load(cls) -> "Settings":
        """Return the settings, or end the program with a sentence for each that is not valid."""
        try:
            return cls()
        except ValidationError as error:
            sys.exit("\n".join(_sentences(error)))

    @cached_property
    def public_host(self) -> str | None:
        """The name in PUBLIC_URL."""
        return None if self.public_url is None else host_name(self.public_url.partition("://")[2])

    @cached_property
    def on_loopback(self) -> bool:
        """Whether only this machine can connect."""
        return is_loopback(self.host)

    def trusts(self, address: str) -> bool:
        """Say whether an address is that of a trusted proxy."""
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self.trusted_proxies)


def _sentences(error: ValidationError) -> list[str]:
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return [
        f"{str(item['loc'][0]).upper()}: {item['msg'].removeprefix('Value error, ')}."
        for item in found
    ]
