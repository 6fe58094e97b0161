"""The parameters of sql/queries have names, and a wrong name is an error."""

import re

import pytest

from app.data.queries import FOLDER, numbered, statement


@pytest.mark.parametrize(
    ("named", "text", "names"),
    (
        ("SELECT :from_day, :to_day", "SELECT $1, $2", ("from_day", "to_day")),
        ("SELECT :a + :b + :a", "SELECT $1 + $2 + $1", ("a", "b")),
        ("f(:a,:b)=:c", "f($1,$2)=$3", ("a", "b", "c")),
        ("ARRAY[:a, :b][1]", "ARRAY[$1, $2][1]", ("a", "b")),
        ("SELECT :a::text, b::date, (c)::text[]", "SELECT $1::text, b::date, (c)::text[]", ("a",)),
        ("SELECT tags[1:n], tags[f(x):n], tags[n:m]", None, ()),
        ("SELECT 'at :noon', 'it''s :noon', E'\\' :noon', ''", None, ()),
        ('SELECT ":a", "b"":c"', None, ()),
        ("SELECT $$ :a $$, $x$ $$ :a $x$", None, ()),
        (
            "-- isn't :a\nSELECT :b /* isn't\n:c */",
            "-- isn't :a\nSELECT $1 /* isn't\n:c */",
            ("b",),
        ),
        ("f(p_a := 1)", None, ()),
    ),
)
def test_names_become_numbers_where_they_are_parameters(
    named: str, text: str | None, names: tuple[str, ...]
) -> None:
    assert numbered(named) == (text or named, names)


def test_arguments_come_in_the_order_of_the_numbers() -> None:
    text, *arguments = statement("cancel_booking", actor_id=2, booking_id=1)

    assert re.findall(r"\$\d", text) == ["$1", "$2"]
    assert arguments == [1, 2]


def test_a_missing_parameter_is_an_error_that_names_it() -> None:
    with pytest.raises(TypeError, match="the query cancel_booking needs the parameter actor_id"):
        statement("cancel_booking", booking_id=1)


def test_an_unknown_parameter_is_an_error_that_names_it() -> None:
    with pytest.raises(TypeError, match=r"cancel_booking has no parameter actor$"):
        statement("cancel_booking", booking_id=1, actor_id=2, actor=3)


def test_no_query_uses_a_position() -> None:
    assert [
        path.stem for path in FOLDER.glob("*.sql") if re.search(r"\$\d", path.read_text())
    ] == []
