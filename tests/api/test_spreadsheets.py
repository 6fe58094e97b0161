"""Tables for spreadsheets: formats by region, and no text that a program runs as a formula."""

import csv
import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import phonenumbers
import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from pydantic import TypeAdapter

from app.api.booking_export import phone_as_text
from app.http import spreadsheets
from app.http.fields import BLANK, Phone
from app.http.spreadsheets import Cell, CsvDialect, XlsxFile

# The formula signs: plain, full-width and small; in this order they also form a regular expression
# class.
SIGNS = "-=+@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"
SEPARATORS = ";,\t|"
LINE_ENDS = "\n\v\f\r\u0085\u2028\u2029"
# Characters before a sign that still leave it the first one of its cell.
BEFORE = ("", " ", "\u00a0", "\u200b", "\u2060\ufeff", "\t", '"', ' "', '"\u200b')
HARMLESS = (
    "Jürgen Müller-Lüdenscheidt",
    "Anna - Lena",
    "ana@example.org",
    "C++, C#",
    "Smith; Jones",
    "1 + 1 = 2",
    "O'Hara",
    "'=1+1",
    "",
)


def hostile_texts() -> list[str]:
    return [
        *(f"{before}{sign}1+1" for sign in SIGNS for before in BEFORE),
        *(f"Max{mark}{sign}1" for sign in SIGNS for mark in SEPARATORS + LINE_ENDS),
        *(f"Max;{before}=1" for before in BEFORE),
        'Max;=HYPERLINK("http://evil.example")',
        "Max;;|=1",
        "Max;\r\n=1",
    ]


def cells_that_run(line: str) -> list[str]:
    """Return the cells that begin with a sign, for any separator and quoting."""
    pieces = [
        piece
        for separator in SEPARATORS
        for row in re.split(f"[{LINE_ENDS}]", line)
        for piece in row.split(separator)
    ]
    return [piece for piece in pieces if re.match(f'["{BLANK}]*[{SIGNS}]', piece)]


def test_the_separator_and_decimal_mark_follow_the_region() -> None:
    for region, separator, decimal_mark in (
        *(("DE", ";", ","), ("AT", ";", ","), ("FR", ";", ","), ("PL", ";", ",")),
        *(("BR", ";", ","), ("ZA", ";", ","), ("ES", ";", ","), ("TR", ";", ",")),
        *(("GB", ",", "."), ("US", ",", "."), ("IE", ",", "."), ("AU", ",", ".")),
        *(("JP", ",", "."), ("IN", ",", "."), ("MX", ",", "."), ("TH", ",", ".")),
        # A decimal point, and yet a semicolon.
        *(("CH", ";", "."), ("LI", ";", ".")),
        # No region has this code.
        ("XX", ";", ","),
    ):
        assert CsvDialect.of(region) == CsvDialect(separator, decimal_mark), region


def test_every_region_in_the_table_exists() -> None:
    assert len(spreadsheets.DECIMAL_POINT) == 132
    assert spreadsheets.DECIMAL_POINT <= phonenumbers.SUPPORTED_REGIONS
    assert spreadsheets.SEMICOLON_BESIDE_POINT <= spreadsheets.DECIMAL_POINT


def test_a_line_quotes_text_and_only_text() -> None:
    cells: list[Cell] = [
        7, "Ana", Decimal("1234.50"), Decimal("0.00"),
        datetime.fromisoformat("2026-11-26 19:30:00"), None, 'a"b', "",
    ]  # fmt: skip
    assert CsvDialect.of("DE").line(cells) == (
        '7;"Ana";1234,50;0,00;2026-11-26 19:30:00;;"a""b";""\r\n'
    )
    assert CsvDialect.of("GB").line(cells) == (
        '7,"Ana",1234.50,0.00,2026-11-26 19:30:00,,"a""b",""\r\n'
    )


@pytest.mark.parametrize("region", ("DE", "GB"))
def test_no_text_becomes_a_formula_with_any_separator(region: str) -> None:
    dialect = CsvDialect.of(region)
    for text in hostile_texts():
        line = dialect.line([1, text, "end"])
        assert cells_that_run(f'1;"{text}"') != [], "the test would see it"
        assert cells_that_run(line) == [], repr(text)
        # With the right separator the text has gained only apostrophes.
        ((_, read, end),) = csv.reader([line], delimiter=dialect.separator, strict=True)
        assert (re.sub("'", "", read), end) == (text, "end")


@pytest.mark.parametrize("region", ("DE", "GB"))
def test_a_harmless_text_is_unchanged(region: str) -> None:
    dialect = CsvDialect.of(region)
    for text in HARMLESS:
        (row,) = csv.reader([dialect.line([text])], delimiter=dialect.separator, strict=True)
        assert row == [text]


def test_a_phone_is_exported_as_text() -> None:
    assert phone_as_text("+4915255512345") == "(+49) 15255512345"
    assert phone_as_text("+12025550123") == "(+1) 2025550123"
    assert phone_as_text("+3545550123") == "(+354) 5550123"
    assert phone_as_text("+99912345") == "(+999) 12345"  # No country has this code.
    phones = TypeAdapter[str](Phone)
    for region in phonenumbers.SUPPORTED_REGIONS:
        example = phonenumbers.example_number(region)
        assert example is not None
        phone = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
        shown = phone_as_text(phone)
        assert re.fullmatch(r"\(\+\d{1,3}\) \d+", shown), shown
        assert cells_that_run(CsvDialect.of("DE").line([shown])) == []
        for installed in ("DE", "US"):
            assert phones.validate_python(shown, context={"region": installed}) == phone, region


def sheets_of(path: Path, *rows: Sequence[Cell]) -> list[Worksheet]:
    """Write the rows with the application, and read the file with openpyxl."""
    file = XlsxFile(path / "test.xlsx", "Table", {"first": 10, "second": 20})
    for row in rows:
        file.add(row)
    file.close()
    assert [found.name for found in path.iterdir()] == ["test.xlsx"]
    return list(load_workbook(path / "test.xlsx", rich_text=True).worksheets)


# Text that XlsxWriter takes for its own markup, that XML cannot hold, or that looks like an escape.
MARKUP = (
    "<r>",
    "<r><t>x</t></r>",
    '<r></is></c><c r="C2"><f>HYPERLINK("http://evil.example")</f></c><c><is></r>',
    "<r>&</r>",
    "</r>",
    "a <b>&amp;</b> c",
    "_x0041_",
    "\ufffe\uffff",
    "\U0001f3ab Zoë",
    "a\u2028b",
)


def test_a_text_in_an_xlsx_file_is_unchanged(tmp_path: Path) -> None:
    texts = [*hostile_texts(), *(text for text in HARMLESS if text), *MARKUP]
    (sheet,) = sheets_of(tmp_path, *enumerate(texts))
    assert (sheet.max_row, sheet.max_column) == (len(texts) + 1, 2)
    for number, text in enumerate(texts):
        cell = sheet.cell(number + 2, 2)
        assert (cell.data_type, cell.number_format, cell.hyperlink) == ("s", "@", None), text
        assert as_written(str(cell.value)) == as_written(text)


def as_written(text: str) -> str:
    """XML reads every line end as \\n; openpyxl does not decode escapes; spaces are kept."""
    escaped = re.compile("_x([0-9A-F]{4})_")
    plain = escaped.sub(lambda match: chr(int(match[1], 16)), text)
    return re.sub("\r\n?", "\n", plain).rstrip(" ")


def test_a_full_sheet_is_followed_by_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert spreadsheets.ROWS_PER_SHEET == 2**20 - 1
    monkeypatch.setattr(spreadsheets, "ROWS_PER_SHEET", 3)
    sheets = sheets_of(tmp_path, *((number, None) for number in range(7)))
    assert [sheet.title for sheet in sheets] == ["Table", "Table 2", "Table 3"]
    for sheet in sheets:
        assert [cell.value for cell in sheet[1]] == ["first", "second"]
        assert sheet.freeze_panes == "A2"
    read = [[cell.value for cell in sheet["A"][1:]] for sheet in sheets]
    assert read == [[0, 1, 2], [3, 4, 5], [6]]
