"""The daily news section of a facial paralysis institute's homepage."""

import sys
from importlib.util import find_spec

__version__ = "0.1.0"

# Parsing limits itself by what POSIX systems have (`resource`); elsewhere a sentence, before any import fails.
if find_spec("resource") is None:
    sys.stderr.write("This program runs on Linux and macOS only. On Windows, connect to the server with ssh.\n")
    sys.exit(2)
