"""The fixtures of doors.py, where the newsletter's dependency group is installed; else its tests skip and say so."""

from __future__ import annotations

from importlib.util import find_spec

if all(find_spec(name) for name in ("starlette", "uvicorn", "multipart", "cryptography")):
    from tests.signup.doors import door  # noqa: F401 - a fixture
