"""check: what is wrong is said in sentences, with an exit status."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run
from tests.conftest import Answer, FeedServer, item, rss


def test_a_broken_link_of_the_published_site_is_named_and_publish_mends_it(
    run: Run, server: FeedServer, tmp_path: Path
) -> None:
    server.answers["/f"] = Answer(rss(item("Bell's palsy: a smile returns", "https://a.example/1")))
    (tmp_path / "feeds.yaml").write_text(f"feeds: [{{name: A, url: '{server.url('/f')}'}}]")
    assert run("refresh").returncode == 0
    assert run("check").returncode == 0
    (tmp_path / "data" / "site" / "topics" / "bells-palsy.html").unlink()

    done = run("check")

    assert done.returncode == 1
    assert "index.html links to topics/bells-palsy.html, which is not there." in done.stderr
    assert "`publish` makes every page anew." in done.stderr
    assert run("publish").returncode == 0
    assert run("check").returncode == 0
