"""What `make test` and `make lint` run, one check after the other."""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.local import browser, environment, node
from app.local.console import LocalError, say
from app.local.paths import FRONTEND, ROOT, VENV_PYTHON
from app.local.paths import environment as program_environment

OLDEST_POSTGRES = 15

# What the person set for a server of theirs is none of the tests' business.
_NOT_FOR_TESTS = (
    "BATCHING",
    "CURRENCY",
    "DATABASE_URL",
    "DEFAULT_REGION",
    "DEMO",
    "HOST",
    "METRICS_TOKEN",
    "PORT",
    "TRUSTED_PROXIES",
    "WORKERS",
)


@dataclass(frozen=True)
class Check:
    """A command that must succeed."""

    name: str
    command: Sequence[str]
    folder: Path = ROOT
    variables: Mapping[str, str] = field(default_factory=dict)


def lint() -> None:
    """Check style, types and migrations."""
    _prepare()
    _run(list(_linters()), "make lint")


def test() -> None:
    """Check everything; the tests in Python come last."""
    _prepare()
    if (ROOT / "tests" / "e2e").is_dir():
        browser.ensure()
    checks = list(_linters())
    if node.has_frontend():
        checks.append(Check("Frontend tests", [*node.NPM, "test"], FRONTEND))
        checks.append(Check("Frontend build", _module("app.local", "build")))
    checks += _other_postgres()
    checks.append(Check("Python tests", _module("pytest")))
    _run(checks, "make test")


def screenshots() -> None:
    """Render every page and state into frontend/screenshots."""
    _prepare()
    browser.ensure()
    build = Check("Frontend build", _module("app.local", "build"))
    _run([build, Check("Screenshots", _module("tests.e2e.screenshots"))], "make screenshots")


def bench() -> None:
    """Measure bookings and pages against a constant."""
    environment.ensure(environment.DEVELOPMENT)
    _run([Check("Benchmark", _module("tests.bench"))], "make bench")


def bench_growth() -> None:
    """Measure what a thousand times as much data costs."""
    environment.ensure(environment.DEVELOPMENT)
    _run([Check("Growth", _module("tests.bench.growth"))], "make bench-growth")


def faults() -> None:
    """Kill servers and databases at random, and look for what is lost."""
    _prepare()
    minutes = {"FAULTS_MINUTES": os.environ.get("MINUTES", "30")}
    _run([Check("Faults", _module("pytest", "tests/faults"), variables=minutes)], "make faults")


def _prepare() -> None:
    environment.ensure(environment.DEVELOPMENT)
    if node.has_frontend():
        node.ensure_packages()


def _linters() -> Iterator[Check]:
    yield Check("Python style", _module("ruff", "check"))
    yield Check("Python format", _module("ruff", "format", "--check"))
    yield Check("Python types", _module("mypy"))
    if migrations := _migrations():
        yield Check("Migrations: locks and rewrites", ["squawk", *migrations])
    if node.has_frontend():
        yield Check("Frontend style", [*node.NPM, "run", "lint"], FRONTEND)


def _other_postgres() -> Iterator[Check]:
    """Yield the tests of the schema for each PostgreSQL that Debian's packages installed."""
    for binaries in sorted(Path("/usr/lib/postgresql").glob("*/bin")):
        version = binaries.parent.name
        if version.isdigit() and int(version) >= OLDEST_POSTGRES and (binaries / "initdb").exists():
            yield Check(
                f"Schema tests on PostgreSQL {version}",
                _module("pytest", "tests/schema"),
                variables={"PG_BINDIR": str(binaries)},
            )


def _migrations() -> list[str]:
    found = sorted((ROOT / "migrations").glob("*.sql"))
    return [str(path.relative_to(ROOT)) for path in found if ".rollback." not in path.name]


def _module(name: str, *arguments: str) -> list[str]:
    return [str(VENV_PYTHON), "-m", name, *arguments]


def _run(checks: Sequence[Check], title: str) -> None:
    """Run every check, whatever became of those before, and name those that failed."""
    variables = program_environment()
    for name in _NOT_FOR_TESTS:
        variables.pop(name, None)
    began = time.monotonic()
    failed = []
    for number, check in enumerate(checks, 1):
        say(f"\n==> [{number}/{len(checks)}] {check.name}: {_shown(check)}")
        started = time.monotonic()
        result = subprocess.run(
            check.command, cwd=check.folder, env={**variables, **check.variables}, check=False
        )
        if result.returncode != 0:
            failed.append(check.name)
        if number < len(checks) or result.returncode != 0:
            outcome = "FAILED" if result.returncode else "passed"
            say(f"    {outcome} in {time.monotonic() - started:.1f} s")
    seconds = f"{time.monotonic() - began:.0f} s"
    if failed:
        raise LocalError(f"{title}: FAILED in {seconds}: {', '.join(failed)}")
    say(f"{title}: passed, {len(checks)} checks in {seconds}")


def _shown(check: Check) -> str:
    first, *rest = check.command
    words = [Path(first).name, *rest]
    return " ".join(words) if len(words) < 8 else f"{' '.join(words[:3])} ..."
