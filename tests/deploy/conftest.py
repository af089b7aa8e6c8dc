"""What the tests of deploy/ need of the machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import HOME, IS_SHARED_REQUIRED

Needs = Callable[..., None]


@pytest.fixture
def needs() -> Needs:
    """Programs, and root's right to mount; where they are missing the test is skipped, and fails where nothing may be."""

    def call(*programs: str) -> None:
        where = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
        missing = [program for program in programs if shutil.which(program, path=where) is None]
        if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode != 0:
            missing.append("the right to mount")
        if not missing:
            return
        message = f"this test needs {', '.join(missing)}"
        if IS_SHARED_REQUIRED:
            pytest.fail(message)
        pytest.skip(message)

    return call


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A repository of the project as it is here, with what is not committed yet."""
    listed = ["git", "-C", str(HOME), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, capture_output=True, check=True).stdout.decode().split("\0")
    folder = tmp_path / "origin"
    for name in filter(None, names):
        if (HOME / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(HOME / name, folder / name)
    git = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "As it is"]):
        subprocess.run([*git, *command], check=True)
    return folder
