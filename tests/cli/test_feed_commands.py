"""Feeds found, added, renamed and removed, as a curator types it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from aggregator.config import load
from tests.cli.conftest import Done, Run
from tests.conftest import Answer, FeedServer, item, rss
from tests.feedlist.test_opml import opml, outline

FEED = rss(item("Facial palsy clinic opens", "https://www.example.com/clinic", guid="2"), title="The Clinic")
Typed = Callable[..., Done]


@pytest.fixture
def feeds(tmp_path: Path, server: FeedServer) -> Path:
    """A list with one feed, remarks around it, and another feed to be found at /b.xml."""
    server.answers["/a.xml"] = Answer(rss(item("Bell's palsy explained", "https://www.example.com/1"), title="Paper"))
    server.answers["/b.xml"] = Answer(FEED)
    path = tmp_path / "feeds.yaml"
    path.write_text(f"# ours\nfeeds:\n  # the best\n  - name: Paper # daily\n    url: {server.url('/a.xml')}\n# the end\n")
    return path


# ---- add -------------------------------------------------------------------------------------------------------------


def test_a_feed_is_added_when_staff_say_so(at_terminal: Typed, feeds: Path, server: FeedServer) -> None:
    done = at_terminal(
        "feeds", "add", server.url("/b.xml"),
        answers=[("Name [", "Paper\r"), ("already has a feed named", "\r"), ("Type (", "charity\r"), ("[y/N]", "y\r")],
    )  # fmt: skip

    assert done.returncode == 0
    assert "    type: charity" in done.stdout.partition("To be added")[2].replace("  type", "    type")
    assert "Added “The Clinic” to feeds.yaml. It will be read at the next refresh." in done.stdout
    assert [(feed.name, feed.type.value) for feed in load(feeds).feeds][1] == ("The Clinic", "charity")


@pytest.mark.parametrize("answer", ["n\r", "\r"])
def test_a_feed_is_not_added_when_staff_do_not_say_yes(
    at_terminal: Typed, feeds: Path, server: FeedServer, answer: str
) -> None:
    before = feeds.read_text()
    done = at_terminal(
        "feeds", "add", server.url("/b.xml"), "--name", "X", "--type", "news", answers=[("Add this feed?", answer)]
    )

    assert done.returncode == 0
    assert "Nothing was changed in feeds.yaml." in done.stdout
    assert feeds.read_text() == before


def test_ctrl_c_at_a_question_ends_with_one_sentence(at_terminal: Typed, feeds: Path, server: FeedServer) -> None:
    before = feeds.read_text()
    done = at_terminal("feeds", "add", server.url("/b.xml"), answers=[("Name [", "\x03")])

    assert done.returncode == 130
    assert done.stdout.rstrip().endswith("Stopped.")
    assert "Traceback" not in done.stdout
    assert feeds.read_text() == before


def test_with_yes_nothing_is_asked_at_a_terminal(at_terminal: Typed, feeds: Path, server: FeedServer) -> None:
    done = at_terminal("feeds", "add", server.url("/b.xml"), "--yes")

    assert done.returncode == 0
    assert load(feeds).feeds[1].name == "The Clinic"


def test_without_a_terminal_nobody_can_be_asked(run: Run, feeds: Path, server: FeedServer) -> None:
    server.answers["/b.xml"] = Answer(rss(item("Facial palsy", "https://www.example.com/2"), title="Paper"))

    assert run("feeds", "add", server.url("/b.xml")).returncode == 0
    assert [feed.name for feed in load(feeds).feeds] == ["Paper", "Paper 2"]


@pytest.mark.parametrize(
    ("name", "told"), [(" paper", "already has a feed named “Paper”"), (" ", "cannot be a name"), ("x" * 101, "1 to 100")]
)
def test_a_name_that_cannot_be_is_told_before_anything_is_fetched(
    run: Run, feeds: Path, server: FeedServer, name: str, told: str
) -> None:
    done = run("feeds", "add", server.url("/b.xml"), "--name", name)

    assert (done.returncode, told in done.stderr) == (2, True)
    assert server.asked == []


@pytest.mark.parametrize("page", [b'<link rel="alternate" type="application/rss+xml" href="http://[bad">', b"<![x[y]]><a>"])
def test_a_bad_link_in_a_page_is_no_traceback(run: Run, feeds: Path, server: FeedServer, page: bytes) -> None:
    server.answers["/site"] = Answer(page)

    for command in ("test", "add"):
        done = run("feeds", command, server.url("/site"))
        assert done.returncode == 3
        assert "No feed was found" in done.stderr


# ---- redirects -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_a_listed_feed_is_a_double(run: Run, feeds: Path, server: FeedServer, status: int) -> None:
    server.answers["/old"] = Answer(status=status, headers={"Location": "/a.xml/"})
    server.answers["/a.xml/"] = Answer(FEED)
    before = feeds.read_text()

    done = run("feeds", "add", server.url("/old"))

    assert (done.returncode, "already: “Paper”" in done.stderr) == (2, True)
    assert feeds.read_text() == before


@pytest.mark.parametrize(("status", "is_new"), [(301, True), (308, True), (302, False), (307, False)])
def test_the_address_after_a_permanent_redirect_is_written(
    run: Run, feeds: Path, server: FeedServer, status: int, is_new: bool
) -> None:
    server.answers["/old"] = Answer(status=status, headers={"Location": "/b.xml"})

    done = run("feeds", "add", server.url("/old"))

    assert load(feeds).feeds[1].url == server.url("/b.xml" if is_new else "/old")
    assert ("redirects permanently" in done.stdout) == is_new


def test_a_move_onto_a_listed_address_says_what_to_do(run: Run, feeds: Path, server: FeedServer) -> None:
    feeds.write_text(feeds.read_text() + f"  - name: Old\n    url: {server.url('/old.xml')}\n")
    server.answers["/old.xml"] = Answer(status=301, headers={"Location": "/a.xml"})
    run("refresh")

    done = run("feeds", "accept", "Old")

    assert done.returncode == 2
    assert "already the address of “Paper”" in done.stderr
    assert "Disable or remove one" in done.stderr


# ---- discovery over real HTTP ----------------------------------------------------------------------------------------


def test_the_feed_of_a_known_address_is_added_though_its_page_says_nothing(
    run: Run, feeds: Path, server: FeedServer
) -> None:
    server.answers["/@clinic"] = Answer(b"<html>Before you continue: cookies</html>")
    server.answers["/@clinic.rss"] = Answer(FEED)

    done = run("feeds", "add", server.url("/@clinic"))

    assert (done.returncode, load(feeds).feeds[1].url) == (0, server.url("/@clinic.rss"))


@pytest.fixture
def web(server: FeedServer, monkeypatch: pytest.MonkeyPatch) -> FeedServer:
    """The server as a proxy: it answers for every site."""
    monkeypatch.setenv("AGGREGATOR_PROXY", server.url(""))
    return server


@pytest.mark.parametrize(
    ("address", "feed", "kind"),
    [
        ("http://old.reddit.com/r/FacialNerve/new", "http://www.reddit.com/r/FacialNerve/.rss", "news"),
        ("http://journals.sagepub.com/home/oto", "http://journals.sagepub.com/action/showFeed?type=etoc&feed=rss&jc=oto", "journal"),
        ("http://github.com/clinic/face", "http://github.com/clinic/face/tags.atom", "news"),
    ],
)  # fmt: skip
def test_known_sites_are_not_fetched_to_find_their_feed(
    run: Run, feeds: Path, web: FeedServer, address: str, feed: str, kind: str
) -> None:
    web.answers[feed] = Answer(FEED)
    # A feed without entries gives way to one that has some.
    web.answers["http://github.com/clinic/face/releases.atom"] = Answer(rss(title="Releases"))

    done = run("feeds", "add", address)

    assert (done.returncode, load(feeds).feeds[1].url, load(feeds).feeds[1].type.value) == (0, feed, kind)
    assert address not in [asked.path for asked in web.asked]


def test_a_podcast_s_feed_is_named_by_apple(run: Run, feeds: Path, web: FeedServer) -> None:
    answer = {"results": [{"feedUrl": "http://pod.example/feed"}]}
    web.answers["http://podcasts.apple.com/us/podcast/the-face/id42"] = Answer(b"<html>The Face</html>")
    web.answers["http://itunes.apple.com/lookup?id=42&entity=podcast"] = Answer(json.dumps(answer).encode())
    web.answers["http://pod.example/feed"] = Answer(FEED)

    run("feeds", "add", "http://podcasts.apple.com/us/podcast/the-face/id42")

    assert load(feeds).feeds[1].url == "http://pod.example/feed"


def test_a_pubmed_search_is_not_fetched(run: Run, feeds: Path, web: FeedServer) -> None:
    done = run("feeds", "add", "http://pubmed.ncbi.nlm.nih.gov/?term=facial+palsy")

    assert (done.returncode, "Create RSS" in done.stderr) == (2, True)
    assert web.asked == []


@pytest.mark.parametrize(
    "typed", ["http//site.example/b", "http:/site.example/b", "http:site.example/b", "http;//site.example/b"]
)
def test_a_mistyped_beginning_is_mended(run: Run, feeds: Path, web: FeedServer, typed: str) -> None:
    web.answers["http://site.example/b"] = Answer(FEED)

    assert run("feeds", "test", typed).returncode == 0


def test_it_is_said_how_many_more_entries_there_are(run: Run, feeds: Path, server: FeedServer) -> None:
    many = [item(f"Facial palsy {n}", f"https://www.example.com/{n}") for n in range(40)]
    server.answers["/many.xml"] = Answer(rss(*many))

    assert "… and 25 older ones." in run("feeds", "test", server.url("/many.xml")).stdout


# ---- rename, remove --------------------------------------------------------------------------------------------------


def test_a_renamed_feed_keeps_its_history_and_its_remarks(run: Run, feeds: Path, server: FeedServer) -> None:
    run("refresh")
    before = feeds.read_text()
    renamed = run("feeds", "rename", "paper", "The “New” Paper: daily")
    again = json.loads(run("refresh", "--json").stdout)

    assert renamed.returncode == 0
    assert "“Paper” is now called “The “New” Paper: daily”" in renamed.stdout
    assert feeds.read_text() == before.replace("name: Paper", 'name: "The “New” Paper: daily"')
    assert again["entries"]["new"] == 0


def test_a_feed_is_not_renamed_onto_another(run: Run, feeds: Path, server: FeedServer) -> None:
    run("feeds", "add", server.url("/b.xml"), "--name", "Other")

    assert "already has a feed named “Other”" in run("feeds", "rename", "Paper", "other").stderr
    assert run("feeds", "rename", "Nobody", "x").returncode == 2
    assert run("feeds", "rename", "Other", "OTHER").returncode == 0


def test_a_removed_feed_leaves_the_list_and_its_entries_stay(run: Run, feeds: Path, server: FeedServer) -> None:
    run("feeds", "add", server.url("/b.xml"), "--name", "Other")
    run("refresh")
    removed = run("feeds", "remove", "paper")
    run("refresh")

    assert removed.returncode == 0
    assert "stay in the archive" in removed.stdout
    assert server.url("/a.xml") in removed.stdout
    assert [feed.name for feed in load(feeds).feeds] == ["Other"]
    assert feeds.read_text().startswith("# ours\nfeeds:\n  # the best\n  - name: Other")
    assert "Bell's palsy explained" in run("filter", "explain", "https://www.example.com/1").stdout


def test_the_only_feed_stays(run: Run, feeds: Path) -> None:
    before = feeds.read_text()
    done = run("feeds", "remove", "Paper")

    assert (done.returncode, "only feed" in done.stderr) == (2, True)
    assert feeds.read_text() == before


# ---- import ----------------------------------------------------------------------------------------------------------


def test_the_command_says_what_it_would_add_and_why_it_skips(run: Run, tmp_path: Path) -> None:
    feeds, file = tmp_path / "feeds.yaml", tmp_path / "list.opml"
    feeds.write_text("feeds:\n  - name: Paper\n    url: https://paper.example/feed\n")
    file.write_bytes(
        opml(
            outline("http://www.paper.example/feed/", "The Paper"),
            outline("https://www.nature.com/x.rss", "Paper"),
            outline("https://www.nature.com/x.rss", "Twice"),
            outline("https://example.org/page", "Page", type="HTML+XPath"),
            outline("file:///etc/passwd", "File"),
        )
    )
    before = feeds.read_text()

    dry = run("feeds", "import", str(file), "--dry-run")
    unchanged = feeds.read_text()
    done = run("feeds", "import", str(file), "--type", "press", "--review")

    assert unchanged == before
    assert "would add: Paper 2 (https://www.nature.com/x.rss), type journal" in dry.stdout
    assert "1 would be added, 4 skipped." in dry.stdout
    assert "The Paper (http://www.paper.example/feed/) is listed already, as “Paper”" in done.stdout
    assert "Twice (https://www.nature.com/x.rss) is listed already, as “Paper 2”" in done.stdout
    assert "“Page” is not a feed" in done.stderr
    assert "“File”" in done.stderr
    assert feeds.read_text() == before + (
        "  - name: Paper 2\n    url: https://www.nature.com/x.rss\n    type: press\n    review: true\n"
    )
