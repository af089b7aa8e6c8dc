"""The set-up of docs/operators.md, run as it is written, with real users, in a mount namespace that keeps this machine as it is."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import HOME, Answer, FeedServer, item, rss
from tests.deploy.conftest import Needs

pytestmark = pytest.mark.slow
# /etc is a copy, and what the set-up writes elsewhere goes into folders of the test's own.
NAMESPACE = """set -eu
for folder in etc srv home local; do mkdir -p "$1/$folder"; done
cp -a /etc/. "$1/etc"
mount --bind "$1/etc" /etc
mount --bind "$1/srv" /srv
mount --bind "$1/home" /home
mount --bind "$1/local" /usr/local/bin
export PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
. "$1/walk.sh"
"""
LIST = """# ours
feeds:
  - name: First
    url: {first}
"""


def walk_through(section: str) -> str:
    """The commands for a shell in a section of the operators' page."""
    page = (HOME / "docs" / "operators.md").read_text("utf-8")
    text = re.split(r"^##+ ", page[page.index(f"# {section}\n") + 2 :], maxsplit=1, flags=re.MULTILINE)[0]
    return "\n".join(re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL))


def installing(origin: Path, feeds: str, allowed: str) -> list[str]:
    """The set-up with this repository, a person called anna and another, and sources of the test's own."""
    commands = walk_through("Install").replace("<this repository>", f"file://{origin}")
    return [
        "useradd --create-home anna && useradd --create-home otto",
        # The packages are installed by whoever runs these tests.
        commands.replace("apt-get install", ": "),
        walk_through("Staff"),
        f"cat >config/feeds.yaml <<'END'\n{feeds}END",
        f"echo \"AGGREGATOR_ALLOW_HOSTS='{allowed}'\" >>/etc/facial-paralysis-news.env",
        f"git config --global --add safe.directory {origin}",
    ]


def _passed_on() -> dict[str, str]:
    """What pip and uv need to reach packages from here."""
    names = ("PIP_", "UV_", "SSL_", "REQUESTS_", "http", "HTTP", "no_proxy", "NO_PROXY")
    return {name: value for name, value in os.environ.items() if name.startswith(names)}


def walk(tmp_path: Path, *lines: str) -> list[str]:
    """What the commands printed, by lines; each must succeed."""
    (tmp_path / "walk.sh").write_text("\n".join(lines), "utf-8")
    command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", NAMESPACE, "sh", str(tmp_path)]
    environment = {"HOME": str(tmp_path / "roots"), "UV_LINK_MODE": "copy"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600, env=environment | _passed_on())
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout.splitlines() + done.stderr.splitlines()


def test_the_set_up_as_it_is_written_lets_staff_and_the_service_user_write_the_list(
    tmp_path: Path, origin: Path, server: FeedServer, needs: Needs
) -> None:
    needs("git", "sudo", "useradd", "visudo", "runuser")
    for name in ("first", "second", "third"):
        server.answers[f"/{name}"] = Answer(rss(item(f"Bell's palsy, the {name} report", f"https://www.example.com/{name}")))
    anna, otto = "runuser -u anna -- news", "runuser -u otto -- news"
    added = [f"--name {name} --type news" for name in ("Second", "Third")]

    said = walk(
        tmp_path,
        *installing(origin, LIST.format(first=server.url("/first")), f"127.0.0.1:{server.port}"),
        "visudo --check --quiet",
        "news refresh",
        f"echo y | {anna} feeds add {server.url('/second')} {added[0]}",
        # An editor that writes a new file, under an umask that leaves the group out.
        "runuser -u anna -- sh -c 'cd /srv/news/config && umask 022 && cat feeds.yaml >new && rm feeds.yaml && mv new feeds.yaml'",
        f"echo y | {anna} feeds add {server.url('/third')} {added[1]}",
        "runuser -u anna -- sh -c 'echo \"# by hand\" >>/srv/news/config/feeds.yaml'",
        f"{anna} refresh; {anna} feeds list; {anna} hide https://www.example.com/third",
        f"runuser -u fpnews -- news backup && {anna} check --database",
        "stat -c 'mode %a %U %G %n' data config config/feeds.yaml data/news.db data/site/index.html",
        f"{otto} status || echo otto $?",
        "runuser -u otto -- cat config/feeds.yaml || echo otto reads nothing",
        "runuser -u anna -- cat data/news.db || echo anna reads nothing",
        "runuser -u anna -- sh -c 'echo >>run.py' || echo anna writes nothing",
        "runuser -u otto -- head -n 1 data/site/index.html",
        f"git -C {origin} -c user.name=a -c user.email=a@example.org commit -q --allow-empty -m Newer",
        walk_through("A newer version"),
        "git log -1 --format=%s",
    )
    listed = (tmp_path / "srv" / "news" / "config" / "feeds.yaml").read_text("utf-8")
    page = (tmp_path / "srv" / "news" / "data" / "site" / "index.html").read_text("utf-8")

    assert [line for line in listed.splitlines() if line.startswith(("#", "  - "))] == [
        "# ours", "  - name: First", "  - name: Second", "  - name: Third", "# by hand",
    ]  # fmt: skip
    assert "the second report" in page
    assert "the third report" not in page
    modes = {line.split()[4]: line.split()[1:4] for line in said if line.startswith("mode ")}
    assert modes == {
        "data": ["711", "fpnews", "fpnews"],
        "config": ["2770", "root", "fpnews-staff"],
        "config/feeds.yaml": ["664", "fpnews", "fpnews-staff"],
        "data/news.db": ["600", "fpnews", "fpnews"],
        "data/site/index.html": ["644", "fpnews", "fpnews"],
    }
    for sentence in (
        "otto 2",
        "otto reads nothing",
        "anna reads nothing",
        "anna writes nothing",
        "<!doctype html>",
        "Newer",
    ):
        assert sentence in said
    assert any("not in the group fpnews-staff" in line for line in said)


def steps_of_the_container() -> list[str]:
    """The Dockerfile's lines for a shell, with /app and /data below /srv, up to the user's change."""
    text = (HOME / "deploy" / "Dockerfile").read_text("utf-8").replace("/app", "/srv/app").replace("/data ", "/srv/data ")
    lines = [line.partition(" ") for line in text.replace("-m 711 /data", "-m 711 /srv/data").splitlines()]
    return [_step(word, words) for word, _, words in lines]


def _step(word: str, words: str) -> str:
    match word:
        case "RUN":
            return words
        case "WORKDIR":
            return f"mkdir -p {words} && cd {words}"
        case "ENV":
            return f"export {words}"
        case "COPY":
            *sources, target = words.split()
            if (HOME / sources[0]).is_dir():
                # What is in the folder goes into the target.
                sources, target = [f"{sources[0]}/."], f"{target}/"
            return f"mkdir -p {target} && cp -r {' '.join(f'$origin/{one}' for one in sources)} {target}"
        case _:
            return f"# {word} {words}"


def test_the_steps_of_the_container_make_a_program_whose_commands_write_the_list(
    tmp_path: Path, origin: Path, server: FeedServer, needs: Needs
) -> None:
    """Without a container: its steps, then its commands as its user, over a folder shared as docs/operators.md says."""
    needs("useradd", "runuser")
    server.answers["/first"] = Answer(rss(item("Bell's palsy, a report", "https://www.example.com/1")))

    walk(
        tmp_path,
        f"origin={origin}",
        "/usr/bin/python3 -m venv /srv/image && export PATH=/srv/image/bin:$PATH",
        *steps_of_the_container(),
        "chgrp 10001 config && chmod 2770 config && chgrp 10001 config/feeds.yaml && chmod 660 config/feeds.yaml",
        f"cat >config/feeds.yaml <<'END'\n{LIST.format(first=server.url('/first'))}  - name: Second\n    url: https://a.example/\nEND",
        f"export AGGREGATOR_ALLOW_HOSTS=127.0.0.1:{server.port}",
        "runuser -u fpnews -- news feeds disable Second",
        "runuser -u fpnews -- news refresh",
        "runuser -u fpnews -- news status --fresh-within 26",
    )

    assert "enabled: false" in (tmp_path / "srv" / "app" / "config" / "feeds.yaml").read_text("utf-8")
    assert "a report" in (tmp_path / "srv" / "data" / "site" / "index.html").read_text("utf-8")
