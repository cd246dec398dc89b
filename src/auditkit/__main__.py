"""``python -m auditkit``."""

from __future__ import annotations

import sys
import warnings

FAULT = 1


def main() -> None:
    """Run the command line, with UTF-8 output also where the console's code page is another."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # of libraries, about files that people cannot change
    from auditkit import console
    from auditkit.cli import app

    try:
        app(prog_name="auditkit")
    except KeyboardInterrupt:
        console.stopped()
        sys.exit(console.STOPPED)
    except Exception as error:
        console.broken(error)
        sys.exit(FAULT)


if __name__ == "__main__":
    main()
