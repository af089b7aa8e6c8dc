"""Real web servers with the files of deploy/ as they are shipped, in a mount namespace where the paths in them exist."""

from __future__ import annotations

import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.conftest import HOME

# The data folder, the homepage's folder and the repository stand where the shipped files and docs/homepage.md say.
NAMESPACE = """set -eu
mount -t tmpfs tmpfs /srv && mount -t tmpfs tmpfs /var/www
mkdir -p /srv/news/data /srv/news/deploy /var/www/html
mount --bind "$1/data" /srv/news/data && mount --bind "$1/www" /var/www/html && mount --bind "$2" /srv/news/deploy
shift 2
PATH=$PATH:/usr/sbin:/sbin
exec "$@"
"""
NGINX = """daemon off;
user www-data;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
  include /etc/nginx/mime.types;
  access_log off;
  open_file_cache max=1000 inactive=1h;
  open_file_cache_valid 1h;
  include {folder}/site.conf;
}}
"""
MODULES = "mpm_event authn_core authz_core alias dir mime include headers filter deflate".split()
APACHE = """ServerRoot /etc/apache2
ServerName localhost
PidFile {folder}/pid
ErrorLog {folder}/error.log
Listen 127.0.0.1:{port}
User www-data
Group www-data
{modules}
TypesConfig /etc/mime.types
DocumentRoot /var/www/html
<Directory />
  Options None
  AllowOverride None
  Require all denied
</Directory>
<Directory /var/www/html>
  Require all granted
</Directory>
Include {folder}/site.conf
"""


@dataclass(frozen=True)
class Web:
    """A web server that runs; `data` is what it serves at /news/ and `www` the homepage's folder."""

    name: str
    port: int
    data: Path
    www: Path

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask for a path."""
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", headers=headers)

    def raw(self, path: str) -> bytes:
        """The whole answer to a path that no client would send as it is."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as line:
            line.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode("latin-1"))
            return b"".join(iter(lambda: line.recv(65536), b""))


@contextmanager
def running(name: str, folder: Path) -> Iterator[Web]:
    """nginx, Apache or PHP's own server, over `folder`/data and `folder`/www."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = {"nginx": _nginx, "apache": _apache, "php": _php}[name](folder, port)
    inside = [
        "unshare",
        "--mount",
        "--propagation",
        "private",
        "sh",
        "-c",
        NAMESPACE,
        "sh",
        str(folder),
        str(HOME / "deploy"),
    ]
    # In a session of its own: Apache ends by a signal to its whole process group.
    with (
        (folder / "said").open("wb") as said,
        subprocess.Popen([*inside, *command], stdout=said, stderr=said, start_new_session=True) as process,
    ):
        try:
            _wait_for(port, process, folder)
            yield Web(name, port, folder / "data", folder / "www")
        finally:
            process.terminate()


def _nginx(folder: Path, port: int) -> list[str]:
    shipped = (HOME / "deploy" / "nginx.conf").read_text("utf-8")
    (folder / "site.conf").write_text(shipped.replace("listen 80;", f"listen 127.0.0.1:{port};"), "utf-8")
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder), "utf-8")
    return ["nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]


def _apache(folder: Path, port: int) -> list[str]:
    (folder / "site.conf").write_text((HOME / "deploy" / "apache.conf").read_text("utf-8"), "utf-8")
    modules = "\n".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in MODULES)
    (folder / "apache.conf").write_text(APACHE.format(folder=folder, port=port, modules=modules), "utf-8")
    return ["apache2", "-D", "FOREGROUND", "-f", str(folder / "apache.conf")]


def _php(folder: Path, port: int) -> list[str]:
    limits = "open_basedir=/srv/news/deploy:/srv/news/data:/var/www/html:/var/cache/facial-paralysis-news"
    return ["php", "-d", limits, "-d", "display_errors=1", "-S", f"127.0.0.1:{port}", "-t", "/var/www/html"]


def _wait_for(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    for _ in range(1000):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert process.poll() is None, (folder / "said").read_text()
            time.sleep(0.02)
        else:
            return
    raise AssertionError((folder / "said").read_text())


def quoted(start: str, language: str) -> str:
    """The first example in that language behind `start` in docs/homepage.md."""
    page = (HOME / "docs" / "homepage.md").read_text("utf-8")
    found = re.search(rf"^```{language}\n(.*?)^```", page[page.index(start) :], re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]
