"""Inputs generated from the OpenAPI document get no 5xx and no undocumented answer."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.faults import logs
from tests.support.people import add_person
from tests.support.rows import add_booking, add_event
from tests.support.servers import ServerProcess, serving

EXAMPLES, SECONDS = 12, 12
LONG_EXAMPLES, SECONDS_A_MINUTE = 200, 10
ROLES = [
    pytest.param("admin"),
    pytest.param("customer", marks=pytest.mark.long),
    pytest.param("nobody", marks=pytest.mark.long),
]
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "allow_header_conformance",
)


@pytest.fixture
def fuzzed(database_url: str, tmp_path: Path) -> Iterator[ServerProcess]:
    with serving(database_url, tmp_path, [{}]) as (started,):
        yield started


@pytest.mark.parametrize("role", ROLES)
def test_generated_requests_get_documented_answers_only(
    db: psycopg.Connection, fuzzed: ServerProcess, role: str, minutes: float
) -> None:
    customer = add_person(db)
    asking = {"admin": add_person(db, role="admin"), "customer": customer}.get(role)
    for _ in range(3):
        add_booking(db, customer.id, add_event(db), 2)

    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        f"{fuzzed.address}/api/openapi.json",
        f"--checks={','.join(CHECKS)}",
        f"--max-examples={LONG_EXAMPLES if minutes else EXAMPLES}",
        f"--max-time={SECONDS + int(SECONDS_A_MINUTE * minutes)}",
        "--continue-on-failure",
        "--generation-database=none",
        "--suppress-health-check=all",
        "--request-timeout=30",
        "--warnings=off",
        "--no-color",
    ]
    if not minutes:
        command.append("--seed=1")
    if asking is not None:
        # After signing out, all further requests would be anonymous.
        command += [f"--header=Cookie:session={asking.token}", "--exclude-operation-id=sign_out"]
    result = subprocess.run(
        command,
        env={**os.environ, "NO_PROXY": "*"},
        cwd=fuzzed.log.parent,
        capture_output=True,
        text=True,
        check=False,
    )

    print(result.stdout[-6000:])
    assert result.returncode == 0, result.stderr[-2000:]
    logs.assert_silent(fuzzed.log, [person.token for person in (asking,) if person])
