"""The fixtures of people.py, where the console's dependency group is installed; else its tests skip and say so."""

from __future__ import annotations

from importlib.util import find_spec

if all(find_spec(name) for name in ("starlette", "uvicorn", "multipart", "argon2")):
    from tests.console.people import console, demo, open_console  # noqa: F401 - fixtures
