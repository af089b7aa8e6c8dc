"""A real WordPress: Debian's package, with MariaDB in a folder of its own and PHP's built-in server. No service, no root's files."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx

from aggregator.jobs.wordpress_plugin import make_plugin
from tests.conftest import HOME

CORE = Path("/usr/share/wordpress")
# Debian leaves administration programs out of an ordinary user's path.
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
PLUGIN = "facial-paralysis-news/facial-paralysis-news.php"
CONFIG = """<?php
define( 'DB_NAME', 'wordpress' );
define( 'DB_USER', 'root' );
define( 'DB_PASSWORD', '' );
define( 'DB_HOST', 'localhost:{socket}' );
define( 'DB_CHARSET', 'utf8mb4' );
define( 'AUTH_KEY', 'a' );
define( 'SECURE_AUTH_KEY', 'b' );
define( 'LOGGED_IN_KEY', 'c' );
define( 'NONCE_KEY', 'd' );
define( 'WP_DEBUG', true );
define( 'WP_DEBUG_DISPLAY', false );
define( 'WP_DEBUG_LOG', '{folder}/debug.log' );
define( 'DISABLE_WP_CRON', true );
define( 'WP_HTTP_BLOCK_EXTERNAL', true );
define( 'WP_ACCESSIBLE_HOSTS', '127.0.0.1' );
define( 'FS_METHOD', 'direct' );
$table_prefix = 'wp_';
defined( 'ABSPATH' ) || define( 'ABSPATH', __DIR__ . '/' );
require_once ABSPATH . 'wp-settings.php';
"""
INSTALL = """
define( 'WP_INSTALLING', true );
require 'wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install( 'An institute', 'admin', 'admin@example.org', true, '', 'secret' );
update_option( 'siteurl', '{url}' );
update_option( 'home', '{url}' );
wp_insert_user( array( 'user_login' => 'author', 'user_pass' => 'secret', 'role' => 'author' ) );
"""
# Everything that the plugin has stored.
FORGET = """global $wpdb;
foreach ( $wpdb->get_col( "SELECT option_name FROM $wpdb->options WHERE option_name LIKE '%facial_paralysis_news%'" ) as $name ) {
	delete_option( $name );
}"""
# Servers of the tests listen on ports that WordPress would not ask.
PORTS = """<?php
add_filter( 'http_allowed_safe_ports', function ( $ports ) {
	return array_merge( $ports, array_map( 'intval', file( __DIR__ . '/ports.txt' ) ) );
} );
"""


@dataclass(frozen=True)
class WordPress:
    """A WordPress that runs; `folder` has its files in www/."""

    folder: Path
    port: int
    _cookies: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def www(self) -> Path:
        return self.folder / "www"

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def get(self, path: str = "/", *, cookies: dict[str, str] | None = None) -> str:
        """A page as a visitor gets it."""
        answer = httpx.get(self.url(path), cookies=cookies, timeout=30, follow_redirects=True)
        assert answer.status_code == 200, answer.text[:2000]
        return answer.text

    def run(self, code: str) -> Any:
        """What this PHP returns, within WordPress."""
        script = f"require 'wp-load.php'; echo json_encode( ( function () {{ {code} }} )() );"
        return json.loads(self.php(script).rpartition("\n")[2] or "null")

    def php(self, script: str) -> str:
        """What this PHP prints, in WordPress's folder."""
        told = f"$_SERVER['HTTP_HOST'] = '127.0.0.1:{self.port}'; $_SERVER['REQUEST_METHOD'] = 'GET'; {script}"
        done = subprocess.run(["php", "-r", told], cwd=self.www, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def may_ask(self, *ports: int) -> None:
        """Let WordPress ask servers on these ports."""
        (self.www / "wp-content/mu-plugins").mkdir(exist_ok=True)
        (self.www / "wp-content/mu-plugins/ports.txt").write_text("\n".join(map(str, ports)))
        (self.www / "wp-content/mu-plugins/ports.php").write_text(PORTS)

    def configure(self, **options: object) -> None:
        """The plugin as if it had just been installed, with these settings."""
        sent = b64encode(json.dumps(options).encode()).decode()
        self.run(
            f"{FORGET} update_option( 'facial_paralysis_news', json_decode( base64_decode( '{sent}' ), true ) ); return 1;"
        )

    def write(self, text: str, *, user: str = "author", kind: str = "post") -> str:
        """A published text by that user, whose role decides what is taken out; its path."""
        post = json.dumps({"post_content": text, "post_title": "A page", "post_status": "publish", "post_type": kind})
        number = self.run(
            f"wp_set_current_user( get_user_by( 'login', '{user}' )->ID ); kses_init();"
            f"return wp_insert_post( wp_slash( json_decode( base64_decode( '{b64encode(post.encode()).decode()}' ), true ) ) );"
        )
        return f"/?p={number}" if kind == "post" else f"/?page_id={number}"

    def cookies(self, user: str) -> dict[str, str]:
        """The cookies of a user who has logged in."""
        if user not in self._cookies:
            with httpx.Client(timeout=30) as client:
                client.get(self.url("/wp-login.php"))
                client.post(self.url("/wp-login.php"), data={"log": user, "pwd": "secret", "testcookie": "1"})
                self._cookies[user] = {cookie.name: cookie.value or "" for cookie in client.cookies.jar}
        return self._cookies[user]

    def complaints(self) -> list[str]:
        """What PHP has complained of in the plugin."""
        log = self.folder / "debug.log"
        return [line for line in log.read_text().splitlines() if "facial-paralysis" in line] if log.exists() else []

    def install(self) -> None:
        """Unpack the plugin as WordPress does, and activate it."""
        make_plugin(HOME, HOME / "templates", self.folder / "plugin.zip")
        with ZipFile(self.folder / "plugin.zip") as packed:
            packed.extractall(self.www / "wp-content/plugins")
        self.admin_run(
            f"$done = activate_plugin( '{PLUGIN}' ); return is_wp_error( $done ) ? $done->get_error_message() : null;"
        )

    def admin_run(self, code: str) -> Any:
        """The same as `run`, with what only the administration loads."""
        return self.run(f"require_once ABSPATH . 'wp-admin/includes/admin.php'; wp_set_current_user( 1 ); {code}")


@contextmanager
def wordpress_in(folder: Path) -> Iterator[WordPress]:
    """An installed WordPress without the plugin."""
    with _database(folder) as address, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        site = WordPress(folder, port)
        shutil.copytree(CORE, site.www)
        # What browsers ask for by themselves.
        (site.www / "favicon.ico").touch()
        (site.www / "wp-config.php").write_text(CONFIG.format(socket=address, folder=folder))
        site.php(INSTALL.format(url=site.url("").rstrip("/")))
        with _php_server(site):
            yield site


@contextmanager
def _database(folder: Path) -> Iterator[Path]:
    data, address = folder / "database", folder / "socket"
    common = ["--no-defaults", f"--datadir={data}", "--user=root"]
    installed = ["mariadb-install-db", *common, "--auth-root-authentication-method=normal", "--skip-test-db"]
    environment = {**os.environ, "PATH": PATH}
    subprocess.run(installed, check=True, capture_output=True, env=environment)
    fast = ["--skip-networking", "--innodb-flush-log-at-trx-commit=0", "--skip-log-bin", "--innodb-buffer-pool-size=32M"]
    with (folder / "mariadb.log").open("wb") as log:
        process = subprocess.Popen(
            ["mariadbd", *common, f"--socket={address}", *fast], stdout=log, stderr=log, env=environment
        )
    try:
        ask = ["mariadb", "--no-defaults", f"--socket={address}", "--user=root", "--execute=CREATE DATABASE wordpress"]
        _until(
            lambda: subprocess.run(ask, capture_output=True, check=False).returncode == 0, process, folder / "mariadb.log"
        )
        yield address
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _php_server(site: WordPress) -> Iterator[None]:
    command = [
        "php",
        "-d",
        "opcache.enable_cli=1",
        "-d",
        "opcache.validate_timestamps=1",
        "-d",
        "opcache.revalidate_freq=0",
        "-S",
    ]
    with (site.folder / "php.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, f"127.0.0.1:{site.port}", "-t", str(site.www)], stdout=log, stderr=log,
            env={**os.environ, "PHP_CLI_SERVER_WORKERS": "3"}, start_new_session=True,
        )  # fmt: skip
    try:
        _until(lambda: _answers(site.port), process, site.folder / "php.log")
        yield
    finally:
        # With its workers.
        os.killpg(process.pid, 15)
        process.wait()


def _answers(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


def _until(is_ready: Any, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        if is_ready():
            return
        assert process.poll() is None, log.read_text()
        time.sleep(0.05)
    raise AssertionError(log.read_text())
