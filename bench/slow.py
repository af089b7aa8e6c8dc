"""A server whose feeds come at once, hang, or come a byte at a time; a process of its own: `python -m bench.slow PORT FEEDS`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from bench.feeds import feed

_SECONDS = 90


async def _answer(bodies: Sequence[bytes], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        asked = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        number = int(asked.rpartition("/")[2].removesuffix(".xml"))
        if "hang" in asked:
            await asyncio.sleep(_SECONDS)
        body = bodies[number]
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: %d\r\n\r\n" % len(body))
        if "trickle" in asked:
            for n in range(_SECONDS):
                writer.write(body[n : n + 1])
                await writer.drain()
                await asyncio.sleep(1)
        writer.write(body)
        await writer.drain()
    writer.close()


async def _serve(port: int, count: int) -> None:
    # Made before anybody asks.
    answer = partial(_answer, [feed(number) for number in range(count)])
    async with await asyncio.start_server(answer, "0.0.0.0", port) as server:  # noqa: S104 - each feed at an address of its own
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2])))
