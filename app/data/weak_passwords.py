"""Which passwords are too easy to guess to be chosen.

common_passwords.txt has the 10,000 most common passwords of at least eight characters, from the
public lists of leaked passwords that the library zxcvbn (MIT licence) has ranked. NIST SP 800-63B
(3.1.1.2) and OWASP ASVS 5.0 (6.2.4, 6.2.11) ask for this comparison, and for no rule about the
kinds of characters.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

# Guesses of somebody who knows the site. "curtain-call" is the password of the demo.
SITE_WORDS = ("marquee", "tickets", "ticket", "curtain-call")
OWN_DATA = "This password is made of the account's name or phone number. Choose another one."
FEWEST_CHARACTERS = 4
FEWEST_OWN_DIGITS = 6


@cache
def common_passwords() -> frozenset[str]:
    """Return the most common passwords, in lower case."""
    listed = Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(listed.splitlines())


def weakness(password: str) -> str | None:
    """Say why a password is easy to guess for anyone; None: it is not."""
    folded = _folded(password)
    if len(set(folded)) < FEWEST_CHARACTERS:
        return "This password repeats very few characters. Choose another one."
    # With one to three digits or signs at its end, a common password is as common.
    stems = {folded, re.sub(r"[\d\W_]{1,3}$", "", folded)}
    if stems & common_passwords():
        return "This is one of the most common passwords. Choose another one."
    if _is_made_of(folded, SITE_WORDS):
        return "This password is made of the name of this site. Choose another one."
    return None


def is_made_of_own_data(password: str, name: str, phone: str) -> bool:
    """Say whether little is left of a password without its owner's name and phone number."""
    folded = _folded(password)
    digits = re.sub(r"\D", "", folded).lstrip("0")
    if (
        len(digits) >= FEWEST_OWN_DIGITS
        and digits in phone
        and _letters(folded) < FEWEST_CHARACTERS
    ):
        return True
    return _is_made_of(folded, re.findall(r"\w{3,}", _folded(name)))


def _is_made_of(folded: str, words: Iterable[str]) -> bool:
    rest = folded
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    return rest != folded and _letters(rest) < FEWEST_CHARACTERS


def _letters(text: str) -> int:
    return len(re.sub(r"[\d\W_]", "", text))


def _folded(text: str) -> str:
    """Return the text in lower case and without accents."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
