"""Questions of analysts about views use the intended indexes."""

import re
from typing import LiteralString

import psycopg
import pytest

from tests.schema.plans import (
    tables_read_whole,
    use_planning_of_the_api,
    used_indexes,
    without_partitions,
)
from tests.schema.view_plan_cases import QUESTIONS, VIEW_CASES
from tests.support.rows import rows


@pytest.mark.parametrize(("question", "indexes", "tables"), VIEW_CASES)
def test_a_view_reads_only_what_the_question_needs(
    large_db: psycopg.Connection, question: LiteralString, indexes: set[str], tables: set[str]
) -> None:
    use_planning_of_the_api(large_db)
    if "bookings_by_time" in indexes:
        # So few bookings are found as quickly by skipping through these indexes.
        large_db.execute("DROP INDEX bookings_by_event, bookings_by_user")

    plan = "\n".join(row["QUERY PLAN"] for row in rows(large_db, "EXPLAIN " + question))

    assert indexes <= used_indexes(plan), plan
    assert set(re.findall(r"(?:on|using \w+ on) (\w+)", plan)) - used_indexes(plan) <= tables, plan


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_of_an_analyst_uses_its_index(
    large_db: psycopg.Connection, question: LiteralString
) -> None:
    plan = "\n".join(line for (line,) in large_db.execute(f"EXPLAIN {question}"))
    plan = without_partitions(large_db, plan)

    assert QUESTIONS[question] in used_indexes(plan), plan
    assert tables_read_whole(plan) == set(), plan
