"""Customers are found at the desk by any spelling of their names, words in any order."""

from urllib.parse import quote

import pytest

from tests.support.application import Api
from tests.support.rows import add_event

# Each name with two or more of the ways in which somebody types it.
SPELLINGS = {
    "Anna-Lena Weber": (
        *("anna weber", "Weber Anna", "Weber, Anna", "anna lena", "annalena"),
        "WEBER anna‐lena",
    ),
    "Jürgen Müller-Lüdenscheidt": (
        *("Mueller", "Juergen", "muller jurgen", "Luedenscheidt Juergen", "Müller Lüdenscheidt"),
    ),
    "Ingrid Goessling": ("gößling", "Gössling Ingrid", "gossling"),
    "ΓΙΩΡΓΟΣ ΠΑΠΑΔΟΠΟΥΛΟΣ": ("Γιώργος", "παπαδόπουλος γιωργος"),
    "Фёдор Соловьёв": ("федор", "СОЛОВЬЕВ ФЁДОР"),
    "Siobhán O’Connor": ("o'connor", "oconnor siobhan", "O`Connor"),
    "Søren Kjærgaard": ("soeren", "Kjærgård", "kjaergaard soren"),
    "İpek Işık": ("ipek", "işik", "ISIK IPEK"),
    "田中 太郎": ("田中太郎", "太郎 田中", "田中"),
    "Strauß, Zoë": ("zoe strauss", "STRAUSS ZOË"),
}


async def test_customers_are_found_by_every_spelling(api: Api) -> None:
    admin = api.admin("Theo Schmidt")
    event = add_event(api.db)
    for name in SPELLINGS:
        await api.customer(name).book(event)

    for name, spellings in SPELLINGS.items():
        for typed in spellings:
            search = quote(typed)
            users = (await admin.read(f"/api/users?search={search}"))["items"]
            bookings = (await admin.read(f"/api/bookings/event/{event}?search={search}"))["items"]

            assert [user["name"] for user in users] == [name], typed
            assert [booking["customer"]["name"] for booking in bookings] == [name], typed


@pytest.mark.parametrize("typed", (",", "-", "'", "\N{HORIZONTAL ELLIPSIS}"))
async def test_a_search_without_a_word_finds_nobody(api: Api, typed: str) -> None:
    admin, customer = api.admin(), api.customer()
    event = add_event(api.db)
    await customer.book(event)

    for path in ("/api/users?", f"/api/bookings/event/{event}?"):
        assert (await admin.read(f"{path}search={quote(typed)}"))["items"] == [], path
