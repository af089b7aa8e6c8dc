"""A server whose feeds come at once, hang, or come a byte at a time; a process of its own: `python -m bench.slow PORT`."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress

from bench.feeds import feed

_SECONDS = 90


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        asked = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        number = int(asked.rpartition("/")[2].removesuffix(".xml"))
        if "hang" in asked:
            await asyncio.sleep(_SECONDS)
        body = feed(number)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: %d\r\n\r\n" % len(body))
        if "trickle" in asked:
            for n in range(_SECONDS):
                writer.write(body[n : n + 1])
                await writer.drain()
                await asyncio.sleep(1)
        writer.write(body)
        await writer.drain()
    writer.close()


async def _serve(port: int) -> None:
    async with await asyncio.start_server(_answer, "0.0.0.0", port) as server:  # noqa: S104 - each feed at an address of its own
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
