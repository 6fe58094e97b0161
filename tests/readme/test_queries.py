"""The queries of sql/README.md, run by a role that may only read."""

import re

import psycopg
import pytest

from app.local.paths import ROOT
from seeds.demo import seed

BLOCK = re.search(
    r"<!-- queries -->\n```sql\n(.*?)```", (ROOT / "sql" / "README.md").read_text(), re.DOTALL
)
assert BLOCK is not None
QUERIES = dict(re.findall(r"-- (.*)\n(SELECT .*;)", BLOCK[1]))


@pytest.fixture
def reader(database_url: str, superuser_url: str) -> psycopg.Cursor:
    """A connection that may only read, to the demo season with a sale at 10:03."""
    seed(database_url)
    connection = psycopg.connect(superuser_url, autocommit=True)
    with connection.transaction():
        connection.execute("SELECT begin_repair('a sale at 10:03')")
        connection.execute(
            "UPDATE bookings SET booking_date = current_date + time '10:03:30', cancelled_at ="
            " CASE WHEN cancelled_at IS NOT NULL THEN timestamptz '2099-01-01' END WHERE id = 1"
        )
    connection.execute("SET ROLE ticketing_reader")
    return connection.cursor()


def test_every_usual_question_has_a_query() -> None:
    assert len(QUERIES) == 14


def test_the_queries_answer_a_reader_without_personal_data(reader: psycopg.Cursor) -> None:
    with reader.connection:
        answers = {question: reader.execute(QUERIES[question]).fetchall() for question in QUERIES}
    for question, rows in answers.items():
        if "contradict" in question:
            assert rows == [], question
        else:
            assert rows, f"the demo season has no answer to: {question}"
        written = str(rows)
        assert not re.search(r"\+\d{8,}", written), question
        assert not re.search(r"([0-9A-Z]{5}-){4}", written), question
