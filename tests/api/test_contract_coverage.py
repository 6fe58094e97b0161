"""After all other tests of the API, everything in the OpenAPI document has been tested.

It runs only when all of them run; see conftest.py.
"""

import orjson
from openapi_spec_validator import validate

from tests.support.contract import (
    ANYWHERE,
    DOCUMENT,
    answers_to_see,
    problems_to_see,
    schemas_to_see,
    seen,
)


def test_the_document_is_valid_openapi() -> None:
    validate(orjson.loads(orjson.dumps(DOCUMENT)))
    assert DOCUMENT["openapi"].startswith("3.1.")


def test_every_successful_answer_was_tested() -> None:
    assert answers_to_see() - seen.answers == set()


def test_every_problem_of_every_operation_was_tested() -> None:
    assert problems_to_see() - seen.problems == set()


def test_every_schema_of_an_answer_was_tested() -> None:
    assert schemas_to_see() - seen.schemas == set()
    assert {type_ for _, type_ in seen.problems} >= ANYWHERE
