"""Tables for spreadsheets: CSV as the installation's region reads it, and .xlsx.

A table is a header and rows of cells. The type of a cell says how it is written: text stays text,
a Decimal is an amount and keeps its decimals, a datetime without an offset is wall time.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from app.http.fields import BLANK
from app.http.money import amount_text

Cell = int | Decimal | datetime | str | None

BYTE_ORDER_MARK = "\ufeff"

# The regions where the decimal mark is a point; in all others it is a comma. Source: Unicode CLDR
# 48, the decimal symbol with Latin digits in the most likely language of each region.
_DECIMAL_POINT = (
    "AC AE AF AG AI AS AU BB BD BH BM BS BT BW BZ CA CC CH CK CN CU CW CX DM DO EG EH ER ET FJ FK"
    " FM GB GD GG GH GI GM GT GU GY HK HN IE IL IM IN IO IQ IR JE JM JO JP KE KH KI KM KN KP KR KW"
    " KY LC LI LK LR LS MG MH ML MM MN MO MP MS MT MV MW MX MY NE NF NG NI NP NR NU NZ OM PA PE PG"
    " PH PK PR PS PW PY QA SA SB SD SG SH SL SO SS SV SX SY SZ TA TC TD TH TK TO TT TV TW TZ UG US"
    " VC VG VI VU WS YE ZM ZW"
)
DECIMAL_POINT = frozenset(_DECIMAL_POINT.split())
# Windows separates lists, and so Excel separates the cells of a CSV file, by a comma where the
# decimal mark is a point and by a semicolon elsewhere, and by a semicolon in these two regions.
SEMICOLON_BESIDE_POINT = frozenset({"CH", "LI"})

# What makes a cell a formula where a cell begins (https://owasp.org/www-community/attacks/
# CSV_Injection): = + - @, their full-width forms and their small forms, behind any blanks and
# quotes. A cell begins at the start of the text, and after any character that the reading program
# may take for the separator or for the end of the line.
_FORMULA = re.compile(
    "(^|[,;|\t\n\v\f\r\u0085\u2028\u2029])"
    f'(?=["{BLANK}]*[-=+@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b])'
)

# A sheet has 1,048,576 rows; the first is the header.
ROWS_PER_SHEET = 1_048_575


@dataclass(frozen=True)
class CsvDialect:
    """How the spreadsheets of a region read CSV (RFC 4180 but for the separator)."""

    separator: str
    decimal_mark: str

    @classmethod
    def of(cls, region: str) -> "CsvDialect":
        """Return the dialect of a region (ISO 3166-1, two letters)."""
        decimal_mark = "." if region in DECIMAL_POINT else ","
        comma = decimal_mark == "." and region not in SEMICOLON_BESIDE_POINT
        return cls("," if comma else ";", decimal_mark)

    def line(self, cells: Iterable[Cell]) -> str:
        """Return one line of the file, with its end.

        Only text is quoted, so that a program which takes quoted cells for text still reads
        amounts and times. The csv module of Python 3.11 cannot do that: to it every cell is text.
        """
        return self.separator.join([self._written(cell) for cell in cells]) + "\r\n"

    def _written(self, cell: Cell) -> str:
        if isinstance(cell, str):
            quoted = _defused(cell).replace('"', '""')
            return f'"{quoted}"'
        if isinstance(cell, datetime):
            return cell.isoformat(" ", "seconds")
        if isinstance(cell, Decimal):
            return amount_text(cell).replace(".", self.decimal_mark)
        return "" if cell is None else str(cell)


def _defused(text: str) -> str:
    """Return the text with an apostrophe before what a spreadsheet would run."""
    return _FORMULA.sub(r"\1'", text)


class XlsxFile:
    """An .xlsx file (ISO/IEC 29500), written row by row with the same memory for any number.

    The rows wait in a file of the folder until close() puts them into the .xlsx file.
    """

    def __init__(self, path: Path, name: str, widths: Mapping[str, int]) -> None:
        """Begin a file with these columns, each with its width in characters."""
        self._book = Workbook(path, {"constant_memory": True, "tmpdir": str(path.parent)})
        self._name = name
        self._widths = widths
        self._header = self._book.add_format({"bold": True, "num_format": "@"})
        # The format @ keeps a text a text when somebody edits its cell.
        kinds = {
            str: ("write_string", "@"),
            int: ("write_number", "0"),
            datetime: ("write_datetime", "yyyy-mm-dd hh:mm:ss"),
        }
        self._kinds = {
            kind: (method, self._book.add_format({"num_format": shown}))
            for kind, (method, shown) in kinds.items()
        }
        self._amount_formats: dict[int, Format] = {}
        self._begin_sheet()

    def _begin_sheet(self) -> None:
        number = len(self._book.worksheets()) + 1
        self._sheet = self._book.add_worksheet(self._name + (f" {number}" if number > 1 else ""))
        self._sheet.freeze_panes(1, 0)
        for column, (heading, width) in enumerate(self._widths.items()):
            self._sheet.set_column(column, column, width)
            self._sheet.write_string(0, column, heading, self._header)
        self._rows = 0

    def add(self, cells: Iterable[Cell]) -> None:
        """Add a row; when the sheet is full, to a further sheet with the same header."""
        if self._rows == ROWS_PER_SHEET:
            self._begin_sheet()
        self._rows += 1
        for column, cell in enumerate(cells):
            if cell is not None:
                written = _without_markup(cell) if isinstance(cell, str) else cell
                method, shown = (
                    ("write_number", self._amount_format(cell))
                    if isinstance(cell, Decimal)
                    else self._kinds[type(cell)]
                )
                getattr(self._sheet, method)(self._rows, column, written, shown)

    def _amount_format(self, amount: Decimal) -> Format:
        decimals = -int(amount.as_tuple().exponent)
        if decimals not in self._amount_formats:
            shown = "#,##0." + decimals * "0" if decimals else "#,##0"
            self._amount_formats[decimals] = self._book.add_format({"num_format": shown})
        return self._amount_formats[decimals]

    def close(self) -> None:
        """Write the file. With many rows that takes long, so call it in a thread."""
        self._book.close()


def _without_markup(text: str) -> str:
    """Return a text that XlsxWriter escapes like any other.

    It writes a text from <r> to </r> as it stands, for its own rich text has this form. A name of
    that form could bring formulas with it, or leave a file that no program opens.
    """
    return f"{text} " if text.endswith("</r>") else text
