"""Random codes that people read from a screen or a sheet of paper and type.

The symbols are those of Crockford's base32: letters and digits that look alike are one symbol.
Case, spaces and hyphens make no difference.
"""

import hashlib
import re
import secrets
from collections.abc import Callable

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BITS_OF_SYMBOL = 5
GROUP = 4
_LOOK_ALIKE = str.maketrans("OIL", "011")


def new_code(symbols: int) -> str:
    """Return a random code as people read it, such as 4F7K-Q2MX-9B0T."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(symbols))
    return "-".join(drawn[start : start + GROUP] for start in range(0, symbols, GROUP))


def typed_code(symbols: int) -> Callable[[str], str]:
    """Return a validator that brings a code of so many symbols into the form that is hashed."""

    def read(text: str) -> str:
        code = re.sub(r"[\s-]", "", text).upper().translate(_LOOK_ALIKE)
        if len(code) != symbols or not set(code) <= set(ALPHABET):
            raise ValueError(f"is a code of {symbols} letters and digits")
        return code

    return read


def code_hash(code: str) -> bytes:
    """Return the hash of a code, however it is written."""
    return hashlib.sha256(code.replace("-", "").encode()).digest()
