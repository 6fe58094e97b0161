"""What tests/asvs.md and tests/findings.md claim: the files and the tests exist."""

import re
from collections import Counter
from pathlib import Path

import pytest

from app.local.paths import ROOT

ASVS = ROOT / "tests" / "asvs.md"
FINDINGS = ROOT / "tests" / "findings.md"
# How many requirements of levels 1 and 2 each chapter of ASVS 5.0.0 has.
CHAPTERS = (27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7)
LEVEL_ONE = 70
MOST_FAILS = 3
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| ([^|]+) \| ([^|]+) \| (.+) \|$", re.MULTILINE)
REQUIREMENTS = ROW.findall(ASVS.read_text())
FILE = re.compile(r"[\w.-]+/[\w./-]+(::\w+)?$|Makefile$|[\w-]+\.(toml|lock)$")
FOUND = re.findall(r"^\| ([HML]\d+) \| (?:[^|]+) \| (.+) \|$", FINDINGS.read_text(), re.MULTILINE)
HIGH, MEDIUM, LOW = range(1, 9), range(1, 13), range(1, 16)


def named(text: str) -> list[str]:
    """Return the files, and tests within files, that a row names."""
    return [name for name in re.findall(r"`([^`]+)`", text) if FILE.match(name)]


def is_there(name: str) -> bool:
    path, _, test = name.partition("::")
    file = Path(ROOT, path)
    if not file.is_file():
        return False
    return (
        not test
        or re.search(rf"^(?:async )?def {test}\(", file.read_text(), re.MULTILINE) is not None
    )


def test_every_requirement_has_one_row() -> None:
    numbers = [number for number, *_ in REQUIREMENTS]
    assert len(numbers) == len(set(numbers)) == 253
    assert Counter(int(number.partition(".")[0]) for number in numbers) == dict(
        enumerate(CHAPTERS, 1)
    )
    assert sum(level == "1" for _, level, *_ in REQUIREMENTS) == LEVEL_ONE


def test_what_is_missed_has_a_reason_and_is_little() -> None:
    missed = [row for row in REQUIREMENTS if row[3] == "fail"]
    verdicts = {verdict for *_, verdict, _ in REQUIREMENTS}
    assert verdicts == {"pass", "not applicable", "fail"}
    assert {level for _, level, *_ in missed} == {"2"}
    assert len(missed) <= MOST_FAILS
    head = ASVS.read_text().partition("##")[0]
    assert all(number in head for number, *_ in missed)
    assert all(len(reason) > 100 for *_, reason in missed)


@pytest.mark.parametrize(
    ("number", "verdict", "shown"),
    [pytest.param(row[0], row[3], row[4], id=row[0]) for row in REQUIREMENTS],
)
def test_the_files_of_a_requirement_exist(number: str, verdict: str, shown: str) -> None:
    if verdict == "pass":
        assert named(shown), f"{number} names no file"
    assert [name for name in named(shown) if not is_there(name)] == []


def test_every_finding_has_a_row() -> None:
    expected = {
        f"{letter}{number}"
        for letter, numbers in (("H", HIGH), ("M", MEDIUM), ("L", LOW))
        for number in numbers
    }
    # The audit has no fifth one.
    assert {name for name, _ in FOUND} == expected - {"L5"}


@pytest.mark.parametrize(("finding", "shown"), FOUND)
def test_the_tests_of_a_finding_exist(finding: str, shown: str) -> None:
    assert named(shown) or "accepted" in shown or "open" in shown, finding
    assert [name for name in named(shown) if not is_there(name)] == []
