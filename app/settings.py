"""The settings: environment variables of the same names set them."""

import ipaddress
import secrets
import sys
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from babel.numbers import get_currency_precision, is_currency
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.addresses import host_name, is_loopback, origin
from app.database_url import parameters_of

# The folder for the metrics of all processes. prometheus_client gave it this name.
METRICS_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
LOG_KEY = "LOG_KEY"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _database_url(url: SecretStr) -> SecretStr:
    parameters_of(url.get_secret_value())
    return url


def _public_url(url: str | None) -> str | None:
    return origin(url) if url else None


# As many as the CHECKs on prices in sql/tables allow.
MOST_DECIMALS = 3


def _currency(code: str) -> str:
    if not is_currency(code):
        raise ValueError("It must be the code of a currency (ISO 4217), like EUR")
    decimals = get_currency_precision(code)
    if decimals > MOST_DECIMALS:
        raise ValueError(
            f"Amounts in {code} have {decimals} decimals, and prices are kept with at most"
            f" {MOST_DECIMALS}"
        )
    return code


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


def _smtp_url(url: SecretStr | None) -> SecretStr | None:
    if url is None or not url.get_secret_value():
        return None
    try:
        parts = urlsplit(url.get_secret_value())
        is_valid = parts.scheme in {"smtp", "smtps"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_valid = False
    if not is_valid:
        raise ValueError("It must be the address of a mail server, like smtp://mail.example:587")
    return url


def _mail_folder(folder: Path | None, given: ValidationInfo) -> Path | None:
    if folder is None or folder == Path():
        return None
    if not is_loopback(given.data.get("host", "")):
        raise ValueError("It is for a server on loopback: anyone who reaches it can read the mails")
    if given.data.get("smtp_url") is not None:
        raise ValueError("SMTP_URL is set as well. Mails are sent or kept, not both")
    return folder


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
    require_second_factor: bool | None = Field(
        None,
        description="Whether admins may do nothing before they have set up a second factor."
        " Default: exactly where PUBLIC_URL is set.",
    )
    keep_alive_seconds: int = Field(
        75,
        ge=1,
        le=3600,
        description="How long an idle connection stays open. It must be longer than the load"
        " balancer's own time (often 60 s), or requests are lost with a connection that closes.",
    )
    currency: Annotated[str, AfterValidator(_currency)] = Field(
        "EUR",
        pattern="^[A-Z]{3}$",
        description="ISO 4217, for all prices. It says how many decimals an amount has.",
    )
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
    background: bool = Field(
        True,
        description="Run background work in each API process. Off: run `python -m app.background`.",
    )
    webhook_private_addresses: bool = Field(
        False,
        description="Webhooks may be sent to this machine and to private networks, and without"
        " TLS. Anyone who is"
        " an admin can then make this server call what only it can reach.",
    )
    smtp_url: Annotated[SecretStr | None, AfterValidator(_smtp_url)] = Field(
        None,
        description="The mail server, such as smtp://user:password@mail.example:587 (STARTTLS,"
        " required with a user) or smtps://…:465. Without it no mail is sent.",
    )
    mail_from: str = Field(
        "Marquee <marquee@localhost>",
        description="What mails come from, such as: Marquee <tickets@tickets.example>.",
    )
    mail_folder: Annotated[Path | None, AfterValidator(_mail_folder)] = Field(
        None,
        description="Where mails are kept instead of being sent, on a developer's machine. The page"
        " /mails shows them. `make run` sets it for the embedded database.",
    )
    mail_retention_days: int = Field(
        90, ge=1, le=3650, description="For how long it is kept to whom which mail was sent."
    )
    notice_retention_days: int = Field(
        365, ge=1, le=3650, description="For how long notices to customers are kept."
    )
    metrics_token: SecretStr | None = Field(
        None, description="The Bearer token with which other machines may read /metrics."
    )
    log_key: SecretStr = Field(
        default_factory=lambda: SecretStr(secrets.token_hex(32)),
        min_length=16,
        description="The key with which phone numbers and mail addresses in the log are hashed, the"
        " same for all processes. Without it, each start of the server has a key of its own: lines"
        " about one account can then be found within that run only.",
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

    @property
    def requires_second_factor(self) -> bool:
        """Whether admins need a second factor."""
        if self.require_second_factor is None:
            return self.public_url is not None
        return self.require_second_factor

    @property
    def site(self) -> str:
        """The address that links in mails begin with."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @cached_property
    def currency_decimals(self) -> int:
        """How many decimals an amount in the currency has (Unicode CLDR)."""
        return get_currency_precision(self.currency)

    @cached_property
    def validation_context(self) -> dict[str, Any]:
        """What the validators of fields need to know of the installation."""
        return {
            "region": self.default_region,
            "decimals": self.currency_decimals,
            "private_addresses": self.webhook_private_addresses,
        }

    @cached_property
    def sends_mail(self) -> bool:
        """Whether mails leave the database: for a mail server, or into MAIL_FOLDER."""
        return self.smtp_url is not None or self.mail_folder is not None

    @cached_property
    def database_certificate_unchecked(self) -> bool:
        """Whether a connection to the database leaves this machine and nothing proves its end."""
        parameters = parameters_of(self.database_url.get_secret_value())
        hosts = parameters.get("host", "").split(",")
        is_local = all(not host or host.startswith("/") or is_loopback(host) for host in hosts)
        return not is_local and parameters.get("sslmode") != "verify-full"

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
