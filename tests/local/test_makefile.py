"""The Makefile: its list of targets, and the steps of `make test`."""

import ast
import os
import re
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from tests.local.conftest import ROOT, Project

# In this order: style, types, imports, migrations, the frontend, most suites, and the schema's once
# for each PostgreSQL, then tests/faults. The commands of one step run concurrently.
OTHERS = ["api", "data", "e2e", "local", "readme", "seeds", "schema"]
STEPS = [
    ["app.local chromium"],
    ["ruff check"],
    ["ruff format --check"],
    ["mypy"],
    ["lint-imports --no-logo"],
    ["squawk migrations/0001_first.sql"],
    ["npm run lint"],
    ["npm test"],
    ["npm run build"],
    [
        "pytest -q tests/api tests/data",
        "pytest -q tests/e2e tests/local tests/readme tests/seeds",
        "pytest -q tests/schema",
        "pytest -q tests/schema -mnot(steps_through_migrations)",
    ],
    [f"pytest {' '.join(f'--ignore tests/{suite}' for suite in OTHERS)}"],
]

POSTGRES_15 = "OTHER_POSTGRES=/usr/lib/postgresql/15/bin"


@pytest.fixture
def project(project: Project) -> Project:
    for name in ("0001_first.sql", "0001_first.rollback.sql"):
        project.write(f"migrations/{name}", "")
    return project


def test_make_test_runs_its_steps_in_order(project: Project) -> None:
    assert in_steps(project.calls("test", POSTGRES_15)) == STEPS


@pytest.mark.parametrize("failing", [command for step in STEPS for command in dict.fromkeys(step)])
def test_a_failing_check_ends_make_test(project: Project, failing: str) -> None:
    project.write("fail", failing)
    result = project.make("test", POSTGRES_15)
    assert result.returncode == 2
    assert f"{failing}: failed on purpose" in result.stdout
    assert re.search(r"^make: \*\*\* \[Makefile:\d+: \w+\] Error \d+$", result.stderr, re.MULTILINE)
    (last,) = (number for number, step in enumerate(STEPS) if failing in step)
    calls = (project.folder / "calls").read_text().splitlines()
    assert in_steps(calls) == STEPS[: last + 1]


def in_steps(calls: list[str]) -> list[list[str]]:
    """Return the calls in the form of STEPS, sorted within each step."""
    rest = iter(calls)
    return [step for size in map(len, STEPS) if (step := sorted(islice(rest, size)))]


def test_make_check_runs_one_file_or_selected_tests(project: Project) -> None:
    assert project.calls("check", "T=tests/api/test_x.py -k 'one and two'") == [
        "pytest tests/api/test_x.py -k one and two"
    ]


def test_make_check_runs_one_frontend_spec(project: Project) -> None:
    assert project.calls("check", "T=frontend/src/money.spec.ts") == [
        "npm test -- --include=src/money.spec.ts"
    ]


def test_make_check_prepares_a_browser_for_e2e_tests(project: Project) -> None:
    assert project.calls("check", "T=tests/e2e/test_x.py") == [
        "app.local chromium",
        "npm run build",
        "pytest tests/e2e/test_x.py",
    ]


def test_make_check_needs_to_know_which_tests(project: Project) -> None:
    result = project.make("check")
    assert result.returncode == 2
    assert "make check T=tests/api/test_booking.py" in result.stderr


def test_make_help_lists_every_target(project: Project) -> None:
    makefile = (ROOT / "Makefile").read_text().replace("\\\n", " ")
    phony = set(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split())
    listed = set(re.findall(r"^  make (\S+) ", project.make().stdout, re.MULTILINE))
    assert listed == phony - {"packages", "tools", "chromium", "always"}


def test_deployed_code_does_not_import_app_local() -> None:
    app = ROOT / "app"
    modules = [path for path in app.rglob("*.py") if app / "local" not in path.parents]
    assert len(modules) > 20
    importing = [path for path in modules if _imports_local(path)]
    assert importing == []


def test_settings_of_the_environment_do_not_reach_the_tests() -> None:
    result = subprocess.run(
        [sys.executable, "-c", "import os, tests.conftest; print(os.getenv('WORKERS', 'not set'))"],
        cwd=ROOT,
        env={**os.environ, "WORKERS": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == "not set\n"


def _imports_local(path: Path) -> bool:
    package = ".".join(path.relative_to(ROOT).parent.parts)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            within = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*(within if node.level else ()), *filter(None, [node.module])])
            names = [base, *(f"{base}.{alias.name}" for alias in node.names)]
        else:
            continue
        if any(name == "app.local" or name.startswith("app.local.") for name in names):
            return True
    return False
