"""The door: `python run.py COMMAND`. Everything behind it lives in aggregator/."""

from __future__ import annotations

import gc
import sys


def main() -> int:
    # What is imported stays, and to look through it for garbage again and again takes a tenth of a quiet refresh.
    gc.disable()
    # Imported late: a worker process of the parsing pool imports this file again and needs none of it.
    from aggregator.cli import main as cli_main  # noqa: PLC0415

    gc.freeze()
    gc.enable()
    return cli_main()


if __name__ == "__main__":
    sys.exit(main())
