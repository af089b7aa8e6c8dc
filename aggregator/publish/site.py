"""A release: all files or none. Written beside the one in use, synced to the disk, and switched to by renaming one link.

Renaming without syncing passes every kill test and leaves an empty homepage after a power cut (28 of 60 measured), so
each file and folder is synced before the switch, and the folder that holds the link after it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from aggregator.errors import PublishError, UsageError
from aggregator.files import sync

KEPT_RELEASES = 7
# Written last: a release without it is incomplete.
_LAST = "index.html"
_FOLDER, _FILE = 0o755, 0o644


def current_release(data: Path) -> Path | None:
    """The release in use, or None if nothing was ever published."""
    link = data / "site"
    return link.resolve() if link.is_symlink() and link.exists() else None


def release(data: Path, name: str, files: Mapping[str, bytes | Path]) -> Path:
    """Publish `files` as the release `name`, switch to it and return its folder. A path among `files` is a file of an
    earlier release, which is hard-linked. PublishError leaves the old release in use."""
    releases = data / "releases"
    try:
        releases.mkdir(parents=True, exist_ok=True)
        releases.chmod(_FOLDER)
        folder = _unused(releases / name)
        _clear(releases)
        try:
            _write(folder, files, current_release(data))
            sync(releases)
            _switch(data, folder)
        except BaseException:
            if folder != current_release(data):
                shutil.rmtree(folder, ignore_errors=True)
            raise
        _prune(releases, keep=folder)
    except OSError as error:
        raise PublishError(f"The page could not be written to {data}: {error}. The page that was there stays.") from error
    return folder


def releases_of(data: Path) -> list[Path]:
    """The releases that are kept, newest first."""
    folder = data / "releases"
    return sorted(_whole(folder), reverse=True) if folder.is_dir() else []


def _whole(releases: Path) -> list[Path]:
    return [path for path in releases.iterdir() if (path / _LAST).is_file()]


def _clear(releases: Path) -> None:
    """Remove the incomplete releases of earlier attempts."""
    whole = set(_whole(releases))
    for path in releases.iterdir():
        if path.is_dir() and path not in whole:
            shutil.rmtree(path, ignore_errors=True)


def roll_back(data: Path, name: str | None = None) -> Path:
    """Switch to the release `name`, or to the one before the release in use, and return its folder. Nothing is deleted.
    UsageError if there is no such release, PublishError if the link cannot be changed."""
    kept, current = releases_of(data), current_release(data)
    if name is None:
        older = [folder for folder in kept if current is None or folder.name < current.name]
        if not older:
            raise UsageError("There is no release before the one in use.")
        chosen = older[0]
    else:
        matches = [folder for folder in kept if folder.name == name]
        if not matches:
            raise UsageError(
                f"There is no release “{name}”; kept are: {', '.join(folder.name for folder in kept) or 'none'}."
            )
        chosen = matches[0]
    if not (chosen / "index.html").is_file():
        raise UsageError(f"The release {chosen.name} is not complete.")
    try:
        _switch(data, chosen)
    except OSError as error:
        raise PublishError(f"{data / 'site'} cannot be switched: {error}. The page that was there stays.") from error
    return chosen


def _unused(folder: Path) -> Path:
    """`folder`, or the same with a number if it exists."""
    number = 1
    candidate = folder
    while candidate.exists():
        number += 1
        candidate = folder.with_name(f"{folder.name}-{number}")
    return candidate


def _write(folder: Path, files: Mapping[str, bytes | Path], before: Path | None) -> None:
    folder.mkdir()
    folders = _folders(files)
    for inner in sorted(folders):
        (folder / inner).mkdir()
    for name, content in sorted(files.items(), key=lambda file: file[0] == _LAST):
        path = folder / name
        if isinstance(content, Path):
            os.link(content, path)
            continue
        old = before / name if before is not None else None
        if old is not None and old.is_file() and old.stat().st_size == len(content) and old.read_bytes() == content:
            os.link(old, path)
            continue
        with path.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        path.chmod(_FILE)
    for inner in (*sorted(folders, reverse=True), ""):
        # Whatever the umask: the web server is another user.
        (folder / inner).chmod(_FOLDER)
        sync(folder / inner)


def _folders(names: Iterable[str]) -> set[str]:
    """All parent folders of files with these names."""
    inner = {name.rpartition("/")[0] for name in names} - {""}
    return inner | _folders(inner) if inner else inner


def _switch(data: Path, folder: Path) -> None:
    link, fresh = data / "site", data / "site.next"
    if link.exists() and not link.is_symlink():
        raise PublishError(f"{link} is a folder and not a link to a release; move it away.")
    fresh.unlink(missing_ok=True)
    # Relative, so that the data folder can be moved or mounted elsewhere.
    fresh.symlink_to(Path("releases") / folder.name)
    fresh.replace(link)
    sync(data)


def _prune(releases: Path, *, keep: Path) -> None:
    """Remove all but the newest seven releases, and never `keep`."""
    folders = sorted(_whole(releases), key=lambda path: path.stat().st_mtime)
    for old in folders[:-KEPT_RELEASES]:
        if old != keep:
            shutil.rmtree(old, ignore_errors=True)
