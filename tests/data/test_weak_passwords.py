"""Passwords that are easy to guess, and good ones that look like them."""

import pytest

from app.data.weak_passwords import common_passwords, is_made_of_own_data, weakness

NAME, PHONE = "Ana Müller", "+491711234567"


def test_the_list_holds_ten_thousand_passwords_in_their_folded_form() -> None:
    assert len(common_passwords()) == 10_000
    assert min(map(len, common_passwords())) == 8
    assert all(password == password.casefold() for password in common_passwords())


@pytest.mark.parametrize(
    ("password", "said"),
    (
        ("password", "most common"),
        ("PassWord", "most common"),
        ("\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44", "most common"),
        ("password!", "most common"),
        ("passwort1", "most common"),
        ("12345678", "most common"),
        ("qwertzuiop", "most common"),
        ("aaaaaaaa", "very few characters"),
        ("        ", "very few characters"),
        ("ababababab", "very few characters"),
        ("marquee1", "name of this site"),
        ("Tickets2027", "name of this site"),
        ("curtain-call", "name of this site"),
    ),
)
def test_a_password_that_is_easy_to_guess_is_refused(password: str, said: str) -> None:
    assert said in (weakness(password) or "")


@pytest.mark.parametrize(
    "password",
    (
        "correct horse battery",
        "kbjsfe9w",
        "83749201",
        "Überall!",
        "marquee on the hill",
        "日本語の合言葉",
    ),
)
def test_other_passwords_are_taken(password: str) -> None:
    assert weakness(password) is None


@pytest.mark.parametrize(
    "password",
    ("Ana Müller", "anamuller", "müller2027", "MULLER!!", "01711234567", "+49 171 1234567"),
)
def test_a_password_of_own_data_is_found(password: str) -> None:
    assert is_made_of_own_data(password, NAME, PHONE)


@pytest.mark.parametrize("password", ("müller on the hill", "83749201", "12 34567 owls"))
def test_a_password_with_more_than_own_data_is_taken(password: str) -> None:
    assert not is_made_of_own_data(password, NAME, PHONE)
