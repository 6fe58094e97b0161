"""Batches over a fake database."""

import pytest

from app.data.batching import Batches, Failure
from tests.data.fake_database import FAILURES, FakeDatabase


@pytest.fixture
def database() -> FakeDatabase:
    return FakeDatabase()


@pytest.fixture
def batches(database: FakeDatabase) -> Batches[str, str]:
    return Batches(
        database.run,
        failure=lambda error: FAILURES.get(type(error), Failure.GIVE_UP),
        key=lambda request: request[0],
        repeatable=lambda request: not request.endswith("!"),
        largest=4,
        most_waiting=10,
    )
