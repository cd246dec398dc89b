"""``python -m auditkit``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line, with UTF-8 output also where the console's code page is another."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    from auditkit.cli import app

    app(prog_name="auditkit")


if __name__ == "__main__":
    main()
