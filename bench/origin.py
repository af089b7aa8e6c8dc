"""Feeds on loopback, served by nginx so that the server is not what is measured: each on an address of its own, as in life."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.feeds import feed, with_new

_CONFIG = """
worker_processes 2; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log crit;
events {{ worker_connections 4096; }}
http {{
  access_log off; sendfile on; gzip off; keepalive_timeout 30;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  default_type application/rss+xml;
  server {{ listen 0.0.0.0:{port}; root {folder}/feeds; }}
  server {{ listen 0.0.0.0:{bare}; root {folder}/feeds; etag off; if_modified_since off; add_header Last-Modified ""; }}
}}
"""


@dataclass(frozen=True)
class Origin:
    """A running server with `count` feeds; `bare` is a port that sends no validators."""

    folder: Path
    count: int
    port: int
    bare: int

    def addresses(self, *, is_bare: bool = False) -> list[str]:
        """Where the feeds are."""
        port = self.bare if is_bare else self.port
        return [f"http://127.0.{1 + n // 200}.{1 + n % 200}:{port}/{n}.xml" for n in range(self.count)]

    def touch(self, mark: str) -> None:
        """A new date of the feed's own in every one, and nothing else."""
        for n in range(self.count):
            body = re.sub(
                rb"<title>Feed (\d+)[^<]*</title>",
                rb"<title>Feed \1 " + mark.encode() + rb"</title>",
                self._path(n).read_bytes(),
                count=1,
            )
            self._path(n).write_bytes(body)

    def add_news(self, mark: int) -> None:
        """Two new entries in every twentieth feed."""
        for n in range(mark % 20, self.count, 20):
            self._path(n).write_bytes(with_new(self._path(n).read_bytes(), 10_000_000 + mark * 100_000 + 2 * n))

    def _path(self, n: int) -> Path:
        return self.folder / "feeds" / f"{n}.xml"


@contextmanager
def origin(folder: Path, count: int) -> Iterator[Origin]:
    """A server with feeds; ends with the block."""
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    (folder / "feeds").mkdir(parents=True)
    # nginx's workers are another user.
    folder.parent.chmod(0o755)
    made = Origin(folder, count, free_port(), free_port())
    for n in range(count):
        made._path(n).write_bytes(feed(n))
    (folder / "nginx.conf").write_text(_CONFIG.format(folder=folder, port=made.port, bare=made.bare))
    running = subprocess.Popen([nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.DEVNULL)
    try:
        wait_for(made.port)
        yield made
    finally:
        running.terminate()
        running.wait()


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait_for(port: int) -> None:
    """Until somebody listens there."""
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit(f"nobody listens at port {port} (nginx is Debian's package nginx-light)")
