"""GET /config: what a client must know about this installation."""

from pydantic import Field

from app.api.demo_accounts import DemoAccount, accounts
from app.http.endpoints import endpoint
from app.http.fields import Output
from app.http.identity import Who
from app.http.services import Services


class Config(Output):
    """What a client must know about this installation."""

    currency: str = Field(description="ISO 4217", examples=["EUR"])
    currency_decimals: int = Field(description="How many decimals an amount has.", examples=[2])
    default_region: str = Field(description="Phone numbers of this region may be given without +.")
    payment_note: str | None = Field(
        description="How tickets are paid, for events without a note of their own."
    )
    imprint_url: str | None = Field(description="The page with who runs this installation.")
    privacy_url: str | None = Field(description="The page on personal data.")
    terms_url: str | None = Field(description="The page with the terms of sale.")
    sends_mail: bool = Field(
        description="Whether mails are sent. Where none are, nobody can reset a password."
    )
    demo_accounts: list[DemoAccount] = Field(description="Empty outside the demo.")


@endpoint("GET", "/config", who=Who.ANYONE)
async def get_config(services: Services) -> Config:
    """Return currency, default region, payment note, links and, in the demo, its accounts."""
    settings = services.settings
    return Config(
        currency=settings.currency,
        currency_decimals=settings.currency_decimals,
        default_region=settings.default_region,
        payment_note=settings.payment_note,
        imprint_url=settings.imprint_url,
        privacy_url=settings.privacy_url,
        terms_url=settings.terms_url,
        sends_mail=settings.sends_mail,
        demo_accounts=accounts() if settings.demo else [],
    )
