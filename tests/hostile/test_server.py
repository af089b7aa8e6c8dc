"""Every way a server may misbehave, all of them the feeds of one workspace, asked on two days."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from aggregator.ingest.fetch import Limits, Network
from aggregator.ingest.guard import read_allowances
from aggregator.ingest.poll import PollLimits
from aggregator.jobs.refresh import refresh
from aggregator.jobs.workspace import Workspace
from aggregator.values.settings import Feed, Settings
from tests.conftest import HOME, item, rss
from tests.hostile.material import Origin, misbehaving, outcomes, stored, tool

pytestmark = [pytest.mark.hostile, pytest.mark.slow]

DEADLINE = 6.0

TAKEN_IN = """
/ok.xml /gzip/ok /slow-ok /mirror /many/ /doc/ /static/
/hang/no-close /endless/redirect-body /close/mid-body-no-length /length/too-short /length/and-chunked
/redirect/ok-301 /redirect/ok-308 /redirect/ok-302 /redirect/ok-303 /redirect/ok-relative /redirect/dotdot
/redirect/unicode /redirect/flip /redirect/toctou /redirect/content-location
/status/201 /status/202 /status/203 /status/226 /status/304-forever
/etag/changing /etag/weak /etag/weak-stripped /etag/unquoted /etag/long /etag/same-but-changed
/lastmod/future /lastmod/garbage /cache/forever
/flap/500 /flap/reset /flap/html /flap/empty /flap/slow /flap/two-mirrors
/cookie/required /cookie/leak /ua/no-python /accept/strict /robots/feed.xml
/headers/many /headers/folded /headers/latin1 /headers/no-ctype /headers/wrong-ctype /headers/bad-charset
/headers/content-disposition
/raw/no-reason /raw/lf-only /raw/http10 /chunk/ok-tiny
/gzip/lie /gzip/unasked /gzip/undeclared /gzip/unknown
""".split()

# The beginning of the reason, and the paths that end so.
REFUSED = {
    f"did not answer completely within {DEADLINE:.0f} seconds": """
        /hang/before-headers /hang/half-status /hang/half-headers /hang/after-headers /hang/mid-body
        /trickle/body /trickle/headers /trickle/chunks /endless/1xx""",
    "sends more than 8 MiB, which no feed needs": "/endless/body /redirect/to-bomb /stream/",
    "broke the connection off": "/reset/before-headers /reset/after-headers /reset/mid-body",
    "answered in a way that is not proper HTTP, or broke off in the middle": """
        /endless/headers /endless/chunk-ext /endless/trailers /close/mid-body
        /length/too-long /length/negative /length/garbage /length/huge /length/float /length/empty /length/plus /length/two
        /etag/inject /headers/huge /headers/nul /headers/no-colon
        /raw/http09 /raw/garbage /raw/ssh /raw/smtp /raw/redis /raw/icy /raw/tls-alert /raw/h2-preface /raw/status-garbage
        /raw/status-minus /raw/status-0 /raw/nul /raw/empty /raw/long-status
        /chunk/garbage /chunk/negative /chunk/huge-size /chunk/no-terminator /chunk/short /chunk/extra-crlf""",
    # Redirects: in circles, to what is no web address, to where nobody may look.
    "redirects more than 10 times": """
        /redirect/query-only /redirect/self /redirect/loop-a /redirect/loop-b /redirect/empty-location
        /redirect/space-location /redirect/chain/""",
    "redirects without saying where to (HTTP 302)": "/redirect/no-location",
    "redirects to file:": "/redirect/file",
    "redirects to http:": "/redirect/no-host",
    "redirects to data:": "/redirect/data",
    "redirects to javascript:": "/redirect/javascript",
    "redirects to ftp:": "/redirect/ftp",
    "redirects to gopher:": "/redirect/gopher",
    "redirects to http+unix://": "/redirect/unix",
    "redirects to something that is not a web address": """
        /redirect/octal /redirect/fullwidth /redirect/bad-url /redirect/long""",
    "cannot be read: 169.254.169.254 leads to a private address": "/redirect/metadata",
    "cannot be read: 127.0.0.1 leads to a private address": """
        /redirect/canary /redirect/canary-301 /redirect/userinfo /redirect/backslash /redirect/bad-port
        /auth/redirect-leak""",
    "cannot be read: localhost leads to a private address": "/redirect/localhost",
    "cannot be read: 2130706433 leads to a private address": "/redirect/decimal",
    "cannot be read: 0x7f000001 leads to a private address": "/redirect/hex",
    "cannot be read: 127.1 leads to a private address": "/redirect/short",
    "cannot be read: 0.0.0.0 leads to a private address": "/redirect/zero",
    "cannot be read: ::1 leads to a private address": "/redirect/v6",
    "cannot be read: ::ffff:127.0.0.1 leads to a private address": "/redirect/v6mapped",
    "cannot be read: 64:ff9b::7f00:1 leads to a private address": "/redirect/nat64",
    "cannot be read: 127.0.0.2 leads to a private address": "/redirect/127-0-0-2",
    "cannot be read: 10.0.0.1 leads to a private address": "/redirect/private-10",
    # What is there is something else.
    "answers with a login page": "/redirect/to-html",
    "answers with a web page": "/redirect/refresh-header /redirect/meta-refresh /status/200-error-page",
    "answers with something that is not a feed": "/robots.txt /headers/xss-ctype",
    # Statuses.
    "answered with a part of the document only (HTTP 206)": "/status/206",
    "answered without a document (HTTP 204)": "/status/204",
    "says that nothing changed although it was never read (HTTP 304)": "/status/304-unasked /status/304-with-body",
    "answered in a way that is not a feed (HTTP ": """
        /status/300 /status/305 /status/400 /status/405 /status/406 /status/408 /status/418 /status/421""",
    "needs a password (HTTP 401)": "/status/401 /auth/basic",
    "wants to be paid (HTTP 402)": "/status/402",
    "refuses automatic readers (HTTP ": "/status/403 /status/999",
    "is not there (HTTP 404)": "/status/404 /redirect/crlf /redirect/two-locations",
    "is behind a proxy that needs a password (HTTP 407)": "/status/407",
    "is gone for good, its publisher says (HTTP 410)": "/status/410",
    "is blocked for legal reasons (HTTP 451)": "/status/451",
    "cannot be reached: the network here wants a login first (HTTP 511)": "/status/511",
    "received too many requests and wants a pause (HTTP 429)": """
        /status/429-seconds /status/429-date /status/429-past /status/429-garbage /status/429-negative /status/429-huge
        /status/429-float /status/429-none""",
    "is out of service for now (HTTP 503)": "/status/503-date /status/503 /headers/xss-all",
    "has trouble of its own (HTTP ": """
        /status/500 /status/501 /status/502 /status/504 /status/508 /status/520 /status/530 /status/599 /status/500-xss
        /endless/error-body""",
    # Compression.
    "broke off in the middle of its compressed document": "/gzip/truncated",
    "sends its document compressed in a way that was not requested": "/gzip/twenty /br/lie",
}

# The second day: a day later, from the same workspace. What is not named here ends as on the first day.
NOT_MODIFIED = """
/ok.xml /etag/weak /status/304-forever /endless/redirect-body
/redirect/ok-301 /redirect/ok-308 /redirect/ok-302 /redirect/ok-303 /redirect/ok-relative /redirect/dotdot /redirect/unicode
""".split()
# Servers without validators that send the same bytes.
SAME_BYTES = """
/mirror /status/201 /status/202 /status/203 /status/226 /raw/no-reason /raw/lf-only /raw/http10 /chunk/ok-tiny /doc/ /static/
""".split()
NOW_REFUSED = {
    "/redirect/toctou": "cannot be read: 127.0.0.1 leads to a private address",
    "/flap/500": "has trouble of its own (HTTP 500)",
    "/flap/html": "answers with a web page",
    "/flap/slow": "did not answer completely within",
}

# A path of the list may stand for many; this one of them is asked.
ONE_OF_MANY = {
    "/many/": "/many/3",
    "/redirect/chain/": "/redirect/chain/30",
    "/doc/": "/doc/ok-rss",
    "/stream/": "/stream/text-100mb?n=100",
    "/static/": "/static/feed.xml",
}
# Where redirects of the list lead on the same server, beside what is in the list itself.
REDIRECT_TARGETS = re.compile(
    r"/redirect/chain/\d+|/doc/(?:html-login|spam-takeover)|/stream/gzip-bomb-10g|/ok\.xml(?:%0d%0a|,%20http).*"
)


def asked_paths(hostile: Path) -> list[str]:
    """The paths that the server lists."""
    listed = tool(hostile / "server.py", "--list").stdout.splitlines()
    return [line.split()[0] for line in listed if line.startswith("/")]


def house_of(paths: list[str], origin: Origin, data: Path) -> Workspace:
    """A workspace whose feeds are all of `paths`, twenty of them asked at once."""
    feeds = tuple(Feed(name=path, url=origin.base + ONE_OF_MANY.get(path, path)) for path in paths)
    network = Network(user_agent="FacialParalysisNews/test", allowances=read_allowances(f"127.0.0.1:{origin.port}"))
    limits = PollLimits(per_host=20, feed=Limits(deadline=DEADLINE))
    return Workspace(Settings(feeds=feeds), data, HOME / "templates", network, limits)


def expected() -> dict[str, str]:
    """By path: empty where it is taken in, else the beginning of the reason."""
    refused = {path: reason for reason, paths in REFUSED.items() for path in paths.split()}
    return dict.fromkeys(TAKEN_IN, "") | refused


def test_all_that_a_server_does_wrong_costs_its_own_feed_only(hostile: Path, tmp_path: Path) -> None:
    paths, table = asked_paths(hostile), expected()
    assert len(paths) > 200
    assert set(paths) == set(table)

    static = tmp_path / "static"
    static.mkdir()
    (static / "feed.xml").write_bytes(rss(item("One", "https://www.example.com/1")))
    began_at = datetime.now(UTC)
    with misbehaving(hostile / "server.py", tmp_path, "--static", static) as origin:
        workspace = house_of(paths, origin, tmp_path / "data")
        for day in (1, 2):
            # What hangs must end by its own deadline: no feed may say that the refresh's time was up (see REFUSED).
            asyncio.run(refresh(workspace, clock=lambda day=day: began_at + timedelta(days=day - 1)))  # type: ignore[misc]
        first, second = outcomes(workspace.database_path, 1), outcomes(workspace.database_path, 2)
        log, hits = origin.told("/__log"), origin.told("/__hits")

    def unexpected(path: str) -> str:
        """What is wrong about the first day of `path`."""
        one, reason = first[path], table[path]
        if reason:
            is_right = one.outcome == "failed" and one.reason.startswith(reason) and one.seen == 0
        else:
            is_right = one.outcome == "parsed" and one.seen > 0
        return "" if is_right else f"{path}: {one}, not {reason or 'taken in'}"

    assert not [why for path in paths if (why := unexpected(path))]

    # The second day.
    assert second["/status/429-huge"].outcome == "skipped"
    assert second["/status/429-huge"].reason.startswith("wants to be left alone until")
    assert {path for path in paths if second[path].outcome == "not_modified"} == {*NOT_MODIFIED, *SAME_BYTES}
    for path, reason in NOW_REFUSED.items():
        assert second[path].outcome == "failed", path
        assert second[path].reason.startswith(reason), path
    for path in set(paths) - {"/status/429-huge", *NOT_MODIFIED, *SAME_BYTES, *NOW_REFUSED}:
        assert (second[path].outcome, second[path].reason) == (first[path].outcome, first[path].reason), path
    assert {path: one.new for path, one in second.items() if one.new} == {"/redirect/flip": 50, "/etag/same-but-changed": 1}

    # What was stored stays, whatever a feed does on the second day.
    kept = stored(workspace.database_path)
    for path in paths:
        assert kept[path] == first[path].new + second[path].new, path
    assert all(kept[path] == 5 for path in kept if path.startswith("/flap/"))

    # Nobody was asked who may not be: no canary, no article, no address inside a document.
    assert hits == []
    own = {urlsplit(ONE_OF_MANY.get(path, path)).path for path in paths}
    asked = {entry["path"] for entry in log}
    assert not {path for path in asked - own if not REDIRECT_TARGETS.fullmatch(path)}
    assert {entry["path"] for entry in log if "tracker" in entry["headers"].get("cookie", "")} == set()
    assert {entry["path"] for entry in log if "authorization" in entry["headers"]} == set()
    assert {entry["method"] for entry in log} == {"GET"}

    # The page is there.
    page = (tmp_path / "data" / "site" / "index.html").read_text("utf-8")
    assert page.rstrip().endswith("</html>")
    assert "casino" not in page
