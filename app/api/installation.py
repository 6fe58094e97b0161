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
    default_region: str = Field(description="Phone numbers of this region may be given without +.")
    payment_note: str | None = Field(
        description="How tickets are paid, for events without a note of their own."
    )
    demo_accounts: list[DemoAccount] = Field(description="Empty outside the demo.")


@endpoint("GET", "/config", who=Who.ANYONE)
async def get_config(services: Services) -> Config:
    """Return currency, default region, payment note and, in the demo, its accounts."""
    return Config(
        currency=services.settings.currency,
        default_region=services.settings.default_region,
        payment_note=services.settings.payment_note,
        demo_accounts=accounts() if services.settings.demo else [],
    )
