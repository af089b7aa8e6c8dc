"""What the daily refresh is compared with, each as a command of its own: `python -m bench.peers NAME FOLDER ADDRESSES`."""

from __future__ import annotations

import asyncio
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import httpx


def reader(folder: Path, addresses: list[str]) -> None:
    """lemon24's reader, ten workers."""
    from reader import make_reader  # type: ignore[import-not-found, unused-ignore]  # noqa: PLC0415

    made = make_reader(str(folder / "reader.sqlite"))
    for address in addresses:
        made.add_feed(address, exist_ok=True)
    made.update_feeds(workers=10, scheduled=False)


def fetching(_folder: Path, addresses: list[str]) -> None:
    """httpx, keep-alive off, twenty at a time, and nothing done with what comes."""

    async def all_of_them() -> None:
        # Its own queue of waiting requests costs the square of their number.
        places = asyncio.Semaphore(20)

        async def one(client: httpx.AsyncClient, address: str) -> None:
            async with places:
                await client.get(address)

        limits = httpx.Limits(max_connections=20, max_keepalive_connections=0)
        async with httpx.AsyncClient(limits=limits, timeout=30) as client:
            await asyncio.gather(*(one(client, address) for address in addresses))

    asyncio.run(all_of_them())


def _parsed(path: Path) -> int:
    import feedparser  # noqa: PLC0415

    return len(feedparser.parse(path.read_bytes()).entries)


def parsing(folder: Path, addresses: list[str]) -> None:
    """feedparser as it comes, the same bytes on both cores, and nothing done with what it finds."""
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(_parsed, [folder / "feeds" / f"{n}.xml" for n in range(len(addresses))], chunksize=8))


def newsboat(folder: Path, addresses: list[str]) -> list[str]:
    """Debian's newsboat, twenty threads: its command."""
    (folder / "urls").write_text("\n".join(addresses))
    (folder / "config").write_text("reload-threads 20\n")
    return [
        "newsboat", "-q", "-u", str(folder / "urls"), "-c", str(folder / "cache.db"), "-C", str(folder / "config"), "-x", "reload",
    ]  # fmt: skip


def sfeed(folder: Path, addresses: list[str]) -> list[str]:
    """Debian's sfeed, which keeps files and no database: its command."""
    feeds = "".join(f"  feed 'f{n}' '{address}'\n" for n, address in enumerate(addresses))
    (folder / "sfeedrc").write_text(f"sfeedpath='{folder}/feeds'\nfeeds() {{\n{feeds}}}\n")
    return ["sfeed_update", str(folder / "sfeedrc")]


if __name__ == "__main__":
    name, where, listed = sys.argv[1:4]
    {"reader": reader, "fetching": fetching, "parsing": parsing}[name](Path(where), Path(listed).read_text().split())
