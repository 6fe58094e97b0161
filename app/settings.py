"""What can be set from outside, by environment variables of the same names."""

from pydantic import Field
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """The settings of one installation."""

    database_url: str = Field(
        description="PostgreSQL 15 or newer; several hosts and target_session_attrs may be given."
    )
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    workers: int | None = Field(None, ge=1, description="API processes; default: one per core.")
    currency: str = Field("EUR", pattern="^[A-Z]{3}$", description="ISO 4217, for all prices.")
    default_region: str = Field(
        "DE",
        pattern="^[A-Z]{2}$",
        description="Whose phone numbers may be given without +, and whose CSV files are written.",
    )
    demo: bool = Field(False, description="Demo accounts are shown to everybody.")
    trusted_proxies: str = Field(
        "", description="Addresses or networks, by commas, whose X-Forwarded-* are believed."
    )
    batching: bool = Field(
        True, description="Share database work between requests; off: to measure what that gives."
    )
    metrics_token: str | None = Field(
        None, description="Lets /metrics be read from elsewhere than loopback, as a Bearer token."
    )
