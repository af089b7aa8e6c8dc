"""What the fault lab needs of the machine, and one newsroom for all of its rounds."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import IS_SHARED_REQUIRED
from tests.faults.lab import Lab, opened

Needs = Callable[..., None]


@pytest.fixture
def needs() -> Needs:
    """Programs, and the rights of root; where they are absent the test is skipped, and fails where nothing may be."""

    def call(*programs: str) -> None:
        missing = [program for program in programs if shutil.which(program) is None]
        if os.geteuid() != 0:
            missing.append("the rights of root")
        elif subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode != 0:
            missing.append("the right to mount")
        if not missing:
            return
        message = f"the fault lab needs {', '.join(missing)}"
        if IS_SHARED_REQUIRED:
            pytest.fail(message)
        pytest.skip(message)

    return call


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the processes of these tests keep their compiled code: hundreds of starts compile it once."""
    return tmp_path_factory.mktemp("compiled")


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory, compiled: Path) -> Iterator[Lab]:
    """A newsroom with a state of yesterday; each round works on a copy of that."""
    with opened(tmp_path_factory.mktemp("lab"), compiled) as ready:
        yield ready


@pytest.fixture
def tool(shared: Path) -> Path:
    """The fault lab."""
    return shared / "hostile" / "faults" / "faultlab.py"
