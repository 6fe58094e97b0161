"""The command line: `python3 -m app.local COMMAND`, called by the Makefile."""

import argparse
import signal
from collections.abc import Callable

from app.local import checks, commands, environment
from app.local.console import LocalError, complain

_PLAIN: dict[str, Callable[[], None]] = {
    "run": commands.serve,
    "dev": commands.develop,
    "build": commands.build,
    "stop": commands.stop,
    "psql": commands.psql,
    "migrate": commands.migrate,
    "admin": commands.admin,
    "lint": checks.lint,
    "lock": commands.lock,
    "test": checks.test,
    "screenshots": checks.screenshots,
    "bench": checks.bench,
    "bench-growth": checks.bench_growth,
    "faults": checks.faults,
}


def main() -> int:
    """Run the command the person named; return the status for the shell."""
    # Being stopped ends the program under way as well, as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    arguments = _parser().parse_args()
    try:
        environment.check_owner()
        _run(arguments)
    except LocalError as error:
        complain(f"\n{error}")
        return 1
    except KeyboardInterrupt:
        complain("\nInterrupted.")
        return 130
    return 0


def _run(arguments: argparse.Namespace) -> None:
    match arguments.command:
        case "migration":
            commands.migration(arguments.name)
        case "seed":
            commands.seed(arguments.events, arguments.bookings)
        case "reset":
            commands.reset(force=arguments.force)
        case "rollback":
            commands.rollback(arguments.name, force=arguments.force)
        case plain:
            _PLAIN[plain]()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m app.local")
    subparsers = parser.add_subparsers(dest="command", required=True)
    for name, command in _PLAIN.items():
        subparsers.add_parser(name, help=command.__doc__)
    migration = subparsers.add_parser("migration", help=commands.migration.__doc__)
    migration.add_argument("name")
    seed = subparsers.add_parser("seed", help=commands.seed.__doc__)
    seed.add_argument("--events", type=int)
    seed.add_argument("--bookings", type=int)
    reset = subparsers.add_parser("reset", help=commands.reset.__doc__)
    rollback = subparsers.add_parser("rollback", help=commands.rollback.__doc__)
    rollback.add_argument("name", nargs="?")
    for careful in (reset, rollback):
        careful.add_argument("--force", action="store_true")
    return parser
