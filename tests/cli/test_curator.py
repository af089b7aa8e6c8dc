"""What a curator types, and what comes of it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.config import load
from tests.cli.conftest import Run
from tests.conftest import HOME, NOW, Answer, FeedServer, item, rss

STORY = item("A doubtful cure for Bell's palsy", "https://www.example.com/cure", guid="1")
GOOD = item("Facial palsy clinic opens", "https://www.example.com/clinic", guid="2")


@pytest.fixture
def feeds(tmp_path: Path, server: FeedServer) -> Path:
    server.answers["/a.xml"] = Answer(rss(STORY, GOOD))
    server.answers["/b.xml"] = Answer(rss(item("Hemifacial spasm explained", "https://other.example.com/x")))
    path = tmp_path / "feeds.yaml"
    path.write_text(f"# ours\nfeeds:\n  - name: Paper\n    url: {server.url('/a.xml')}\n")
    return path


def page(tmp_path: Path) -> str:
    return (tmp_path / "data" / "site" / "index.html").read_text()


def test_a_hidden_entry_is_off_the_page_at_once_and_never_comes_back(
    run: Run, feeds: Path, server: FeedServer, tmp_path: Path
) -> None:
    run("refresh")
    hidden = run("hide", "https://example.com/cure?utm_source=x")
    at_once = page(tmp_path)

    # The same article from another feed, under another guid; a copy under its title; the feed itself, with a new title.
    server.answers["/b.xml"] = Answer(
        rss(
            item("Cure!", "http://www.example.com/cure/"),
            item("A doubtful cure for Bell’s palsy", "https://copy.example.com/9"),
        )
    )
    feeds.write_text(feeds.read_text() + f"  - name: Other\n    url: {server.url('/b.xml')}\n")
    server.answers["/a.xml"] = Answer(rss(STORY.replace("doubtful", "wonderful"), GOOD))
    run("refresh")

    assert (hidden.returncode, "will not come back" in hidden.stdout) == (0, True)
    assert "cure" not in at_once.lower()
    assert "cure" not in page(tmp_path).lower()
    assert "clinic opens" in page(tmp_path)


def test_what_is_decided_while_a_template_is_broken_is_kept_and_says_so(
    run: Run, feeds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("refresh")
    shutil.copytree(HOME / "templates", tmp_path / "templates")
    (tmp_path / "templates" / "pages" / "index.html").write_text("{% for %}")
    with monkeypatch.context() as broken:
        broken.setenv("AGGREGATOR_TEMPLATES", str(tmp_path / "templates"))
        hidden = run("hide", "1")
    still_there = page(tmp_path)
    run("publish")

    assert hidden.returncode == 1
    assert "Your decision about “A doubtful cure for Bell's palsy” is kept" in hidden.stderr
    assert "doubtful cure" in still_there
    assert "doubtful cure" not in page(tmp_path)


def test_a_store_that_is_gone_is_not_called_a_new_one(run: Run, feeds: Path, tmp_path: Path) -> None:
    run("refresh")
    (tmp_path / "data" / "news.db").unlink()

    for command in (["status"], ["status", "--fresh-within", "26"], ["backup"], ["check", "--database"]):
        told = run(*command)
        assert (told.returncode, "missing though pages were published from it" in told.stderr) == (1, True), command


def test_what_was_hidden_can_be_shown_again(run: Run, feeds: Path, tmp_path: Path) -> None:
    run("refresh")
    run("hide", "1")
    shown = run("unhide", "1")

    assert shown.returncode == 0
    assert "doubtful cure" in page(tmp_path)
    assert run("unhide", "1").returncode == 2
    assert run("hide", "999").returncode == 2


def test_reviewed_feeds_wait_for_staff(run: Run, feeds: Path, server: FeedServer, tmp_path: Path) -> None:
    feeds.write_text(feeds.read_text() + "    review: true\n")
    run("refresh")
    assert 'class="fpn-story"' not in page(tmp_path)
    assert "wait for review: 2" in run("status").stdout
    assert "doubtful cure" in run("review", "list").stdout

    run("review", "accept", "2")
    run("review", "reject", "1")
    run("refresh")

    assert "clinic opens" in page(tmp_path)
    assert "doubtful" not in page(tmp_path)
    assert "Nothing is waiting for review." in run("review", "list").stderr


def test_decisions_survive_a_feed_that_forgets_and_sends_again(
    run: Run, feeds: Path, server: FeedServer, tmp_path: Path
) -> None:
    run("refresh")
    run("hide", "1")
    for answer in (Answer(rss(GOOD)), Answer(rss(STORY.replace(">1<", ">77<"), GOOD)), Answer(rss(STORY, GOOD))):
        server.answers["/a.xml"] = answer
        run("refresh")

        assert "doubtful" not in page(tmp_path)


def test_a_feed_is_found_shown_and_written(run: Run, feeds: Path, server: FeedServer) -> None:
    server.answers["/site"] = Answer(b"<html><link rel='alternate' type='application/rss+xml' href='/b.xml'></html>")

    tried = run("feeds", "test", server.url("/site"))
    before = feeds.read_text()
    added = run("feeds", "add", server.url("/site"), "--type", "charity", "--name", "Spasm friends")
    again = run("feeds", "add", server.url("/b.xml"))

    assert "1 entries, 1 would be admitted" in tried.stdout
    assert "Spasm friends" not in before
    assert added.returncode == 0
    assert [(feed.name, feed.type.value, feed.url) for feed in load(feeds).feeds][1] == (
        "Spasm friends",
        "charity",
        server.url("/b.xml"),
    )
    assert feeds.read_text().startswith("# ours\n")
    assert again.returncode == 2
    assert "already: “Spasm friends”" in again.stderr


@pytest.mark.parametrize(
    ("body", "told"), [(b"%PDF-1.7", "PDF"), (b"<html><input type=password>", "login page"), (b"", "nothing at all")]
)
def test_wrong_addresses_are_told_and_written_nowhere(
    run: Run, feeds: Path, server: FeedServer, body: bytes, told: str
) -> None:
    server.answers["/x"] = Answer(body)
    before = feeds.read_text()

    done = run("feeds", "add", server.url("/x"))

    assert done.returncode == 3
    assert told in done.stderr
    assert feeds.read_text() == before


def test_feeds_are_switched_off_and_on(run: Run, feeds: Path, tmp_path: Path) -> None:
    run("refresh")
    feeds.write_text(feeds.read_text() + "  - name: Second\n    url: https://second.example/\n    enabled: false\n")
    run("feeds", "disable", "paper")
    run("feeds", "enable", "second")

    assert [(feed.name, feed.enabled) for feed in load(feeds).feeds] == [("Paper", False), ("Second", True)]
    assert run("feeds", "disable", "nobody").returncode == 2


def test_a_move_is_proposed_and_taken_only_when_it_is_accepted(run: Run, feeds: Path, server: FeedServer) -> None:
    server.answers["/new.xml"] = server.answers["/a.xml"]
    server.answers["/a.xml"] = Answer(status=301, headers={"Location": "/new.xml"})
    assert run("feeds", "accept", "Paper").returncode == 2
    run("refresh")
    proposed = run("status").stdout
    accepted = run("feeds", "accept", "Paper")

    assert "moved to" in proposed
    assert "feeds accept" in proposed
    assert accepted.returncode == 0
    assert load(feeds).feeds[0].url == server.url("/new.xml")
    assert '"new": 0' in run("refresh", "--json").stdout.partition('"stories"')[0]


def test_a_list_goes_out_and_comes_back(run: Run, feeds: Path, tmp_path: Path) -> None:
    run("feeds", "export", str(tmp_path / "out.opml"))
    before = load(feeds).feeds
    feeds.write_text("feeds:\n  - name: Only\n    url: https://only.example/\n")

    done = run("feeds", "import", str(tmp_path / "out.opml"))

    assert "1 added, 0 skipped." in done.stdout
    assert load(feeds).feeds[1:] == before
    assert run("feeds", "export", "-").stdout.startswith("<?xml")
    assert run("feeds", "import", str(tmp_path / "none.opml")).returncode == 2


def test_what_an_entry_was_before_is_kept(run: Run, feeds: Path, server: FeedServer, tmp_path: Path) -> None:
    run("refresh")
    server.answers["/a.xml"] = Answer(
        rss(item("A doubtful cure, corrected", "https://www.example.com/cure", guid="1", at=NOW), GOOD)
    )
    run("refresh")

    with closing(sqlite3.connect(tmp_path / "data" / "news.db")) as store:
        assert store.execute("SELECT entry_id, title FROM entry_change").fetchall() == [
            (1, "A doubtful cure for Bell's palsy")
        ]
        assert store.execute("SELECT published_at FROM entry WHERE id = 1").fetchone()[0].startswith("2026-11-24 14:00")


def test_status_counts_what_was_offered_admitted_and_shown(run: Run, feeds: Path, server: FeedServer) -> None:
    server.answers["/a.xml"] = Answer(rss(STORY, GOOD, item("Tick season", "https://www.example.com/tick")))
    run("refresh")

    assert "\t3\t2\t2\t" in run("status").stdout


def test_unhide_never_publishes_what_waits_for_review(run: Run, feeds: Path, server: FeedServer, tmp_path: Path) -> None:
    feeds.write_text(feeds.read_text() + "    review: true\n")
    run("refresh")
    never_hidden = run("unhide", "1")
    run("hide", "2")
    run("unhide", "2")

    assert never_hidden.returncode == 2
    assert 'class="fpn-story"' not in page(tmp_path)
    assert run("review", "list").stdout.count("https://") == 2


def test_acceptance_is_of_an_article_and_not_of_its_title(run: Run, feeds: Path, server: FeedServer, tmp_path: Path) -> None:
    feeds.write_text(feeds.read_text() + "    review: true\n")
    run("refresh")
    run("review", "accept", "1")
    server.answers["/a.xml"] = Answer(rss(STORY, STORY.replace("/cure", "/another").replace(">1<", ">9<")))
    run("refresh")

    assert page(tmp_path).count("doubtful cure for Bell&#39;s palsy</a>") == 1
    assert "/another" in run("review", "list").stdout
    assert run("review", "accept", "1").returncode == 2


def test_a_paper_with_an_identifier_of_its_own_is_not_hidden_by_a_title(
    run: Run, feeds: Path, server: FeedServer, tmp_path: Path
) -> None:
    title = "Bell's palsy in adults: a systematic review"
    server.answers["/a.xml"] = Answer(
        rss(item(title, "https://doi.org/10.5555/one"), item(title, "https://doi.org/10.5555/two"))
    )
    run("refresh")
    run("hide", "doi:10.5555/one")

    assert "10.5555/two" in page(tmp_path)
    assert "10.5555/one" not in page(tmp_path)


def test_a_copy_that_was_hidden_by_its_title_comes_back_with_the_article(
    run: Run, feeds: Path, server: FeedServer, tmp_path: Path
) -> None:
    run("refresh")
    run("hide", "1")
    server.answers["/a.xml"] = Answer(
        rss(STORY, item("A doubtful cure for Bell's palsy", "https://copy.example.com/7", guid="7"))
    )
    run("refresh")
    server.answers["/a.xml"] = Answer(rss(STORY.replace("doubtful", "certain"), GOOD))
    run("refresh")
    run("unhide", "1")

    assert (
        "It has been on the front page" in run("filter", "explain", "https://copy.example.com/7").stdout
        or "not on the front page yet" in run("filter", "explain", "https://copy.example.com/7").stdout
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["hide", "99999999999999999999"],
        ["feeds", "add", "{site}", "--name", " "],
        ["feeds", "add", "{site}", "--name", "x" * 150],
        ["feeds", "export", "{list}"],
    ],
)
def test_odd_input_is_told_and_destroys_nothing(run: Run, feeds: Path, server: FeedServer, arguments: list[str]) -> None:
    before = feeds.read_text()
    done = run(*(part.format(site=server.url("/b.xml"), list=feeds) for part in arguments))

    assert done.returncode == 2
    assert done.stderr
    assert feeds.read_text() == before


def test_a_report_that_is_probably_about_a_paper_is_listed_with_the_command_that_joins_them(
    run: Run, feeds: Path, server: FeedServer
) -> None:
    # Offered for thirty days, and the command asks this machine's clock.
    at = datetime.now(UTC) - timedelta(hours=3)
    paper = item(
        "Masseteric nerve transfer for flaccid facial paralysis: a cohort of 137 adults",
        "https://doi.org/10.5555/one",
        at=at,
    )
    told = "Trial: 137 adults with facial paralysis smile after masseteric transfer"
    report = item(told, "https://www.example.com/1", at=at)
    server.answers["/a.xml"] = Answer(rss(paper, report))
    run("refresh")

    assert "Reports that are probably about a stored study: 1 (`review list`)." in run("status").stdout
    for shown in (run("review", "list"), run("stories", "explain", "1"), run("stories", "explain", "2")):
        assert "    Probably its study: 1  Masseteric nerve transfer" in shown.stdout
        assert "It gives the number 137, shares “" in shown.stdout
        assert " and came on the same day. `stories merge 2 1` joins them." in shown.stdout

    run("stories", "merge", "2", "1")

    assert "Probably its study" not in run("review", "list").stdout
    assert "Probably its study" not in run("stories", "explain", "1").stdout
