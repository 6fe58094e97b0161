"""Start of `python3 -m app.local`, in syntax that old versions of Python can read as well."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  (`make` may find an older one)
    sys.exit(
        "Marquee needs Python 3.11 or newer; this is "
        + ".".join(map(str, sys.version_info[:2]))
        + ".\nName a newer one, as in: make run PYTHON=python3.12"
    )

from app.local.commands import main

sys.exit(main(sys.argv[1:]))
