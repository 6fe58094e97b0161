"""Amounts of money, in the currency of the installation.

An amount travels as a decimal string with the decimals of the currency: "12.50", "2500", "1.250".
The validators find their number as "decimals" in the context of the validation.
"""

import re
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, ValidationInfo, WithJsonSchema

HIGHEST_PRICE = Decimal("99999999.99")

_PRICE = re.compile(r"[0-9]{1,8}(\.[0-9]+)?")
_TOTAL = re.compile(r"[0-9]{1,10}(\.[0-9]+)?")


def with_decimals(amount: Decimal, decimals: int) -> Decimal:
    """Return the amount with this many decimals, or with more where it has more.

    An amount has more when it was stored in another currency or by hand. Rounding it would show a
    price that nobody was told, and totals that are no sums.
    """
    own = -int(amount.normalize().as_tuple().exponent)
    return amount.quantize(Decimal(1).scaleb(-max(decimals, own)))


def _decimals(info: ValidationInfo) -> int:
    return int((info.context or {})["decimals"])


def _price(value: object, info: ValidationInfo) -> Decimal:
    decimals = _decimals(info)
    if not isinstance(value, str) or not _PRICE.fullmatch(value):
        raise ValueError(f'must be a decimal string like "{25:.{decimals}f}"')
    if len(value.partition(".")[2].rstrip("0")) > decimals:
        raise ValueError(
            f"The price can have at most {decimals} decimals."
            if decimals
            else "The price can have no decimals."
        )
    price = with_decimals(Decimal(value), decimals)
    if price > HIGHEST_PRICE:
        raise ValueError(f"must be at most {HIGHEST_PRICE}")
    return price


def _total(value: object, info: ValidationInfo) -> Decimal:
    decimals = _decimals(info)
    if not isinstance(value, str) or not _TOTAL.fullmatch(value):
        raise ValueError(f'must be a decimal string like "{50:.{decimals}f}"')
    # Two are never too many: clients of earlier releases write them in every currency.
    if len(value.partition(".")[2]) > max(decimals, 2):
        raise ValueError(f"can have at most {max(decimals, 2)} decimals")
    return Decimal(value)


def _shown(value: object, info: ValidationInfo) -> Decimal:
    return with_decimals(Decimal(str(value)), _decimals(info))


def amount_text(amount: Decimal) -> str:
    """Return the amount with the decimals it has, never with an exponent."""
    return f"{amount:f}"


PriceInput = Annotated[
    Decimal,
    BeforeValidator(_price),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^\d{1,8}(\.\d{1,3})?$",
            "description": "With at most the decimals of the currency; more of them must be zeros.",
            "examples": ["25.00"],
        }
    ),
]

TotalInput = Annotated[
    Decimal,
    BeforeValidator(_total),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,10}(\.\d{1,3})?$", "examples": ["50.00"]}),
]

AMOUNT_SCHEMA = {
    "type": "string",
    "pattern": r"^\d+(\.\d{1,3})?$",
    "description": "With the decimals of the currency.",
    "examples": ["25.00"],
}
MoneyOutput = Annotated[
    Decimal,
    BeforeValidator(_shown),
    PlainSerializer(amount_text, return_type=str),
    WithJsonSchema(AMOUNT_SCHEMA),
]
