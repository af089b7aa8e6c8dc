"""See offices.py."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.newsletter.offices import Office

_NEEDED = ("cryptography", "css_inline")


@pytest.fixture(scope="session")
def full_folder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, object]:
    """A data folder with sixty days of news, to be copied; and its feeds."""
    if any(find_spec(name) is None for name in _NEEDED):
        pytest.skip("the newsletter needs its dependency group: uv run --group newsletter pytest")
    from tests.newsletter.offices import filled  # noqa: PLC0415 - needs the group

    folder = tmp_path_factory.mktemp("full") / "data"
    return folder, filled(folder)


@pytest.fixture
def office(full_folder: tuple[Path, list[object]], tmp_path: Path) -> Office:
    """An office of the test's own."""
    from tests.newsletter.offices import Office, copied  # noqa: PLC0415 - needs the group

    template, feeds = full_folder
    return Office(copied(template, tmp_path / "data"), feeds)  # type: ignore[arg-type]
