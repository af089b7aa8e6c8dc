"""The hostile part of the shared material."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def hostile(shared: Path) -> Path:
    """Its folder. The tools that use packages of their own need the `hostile` dependency group."""
    for name in ("html5lib", "selectolax", "brotli", "zstandard"):
        pytest.importorskip(name, reason="needs the `hostile` dependency group")
    return shared / "hostile"
