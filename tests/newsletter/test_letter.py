"""Letters: looked over by lint.py with everything that a feed can put into them; in every language, large and small."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.policy import default

import pytest

pytest.importorskip("css_inline", reason="the newsletter needs its dependency group: uv run --group newsletter pytest")

from aggregator.newsletter.envelope import Composed, Sender, compose, message_id
from aggregator.newsletter.letter import Letter, LetterSite, letter_of
from aggregator.render.templates import Templates
from aggregator.render.words import LANGUAGES
from aggregator.values.issues import Issue, IssueNotice, IssueStory, Period
from aggregator.values.settings import CallToAction, Site
from aggregator.values.subscribers import Wishes
from tests.conftest import HOME
from tests.newsletter.lint import dark_contrasts, lint, lint_html

SECRET = "ab12ab12ab12ab12ab12"  # noqa: S105 - a place for one
TOKEN = "T_-" + "x" * 19
NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
SITE = Site(
    title="Facial Paralysis News", url="https://www.example.org/news/",
    call_to_action=CallToAction(text="Ask us", phone="+1 555 0100", hours="9 to 5", url="https://www.example.org/ask"),
)  # fmt: skip
ABOUT = LetterSite(SITE, "https://signup.institute.example/", "The Institute, 1 Main Street, Springfield")


def story(number: int = 1, **changes: object) -> IssueStory:
    told = IssueStory(
        number, number, "A randomised trial of taping in Bell’s palsy", f"https://example.org/{number}?a=1&b=2", "The Journal",
        "Three hundred people were followed for a year.", "trial", ("bells-palsy",), date(2026, 11, 24), "en", ("A", "B"),
    )  # fmt: skip
    return replace(told, **changes)  # type: ignore[arg-type]


NOTICE = IssueNotice(9, "retraction", date(2026, 11, 20), "Retracted: A study", "https://example.org/n", 2, ("bells-palsy",))
ISSUE = Issue(
    3, Period.WEEK, date(2026, 11, 23), date(2026, 11, 29), tuple(map(story, range(1, 9))), (NOTICE,), subject="The week",
    preheader="A trial", intro="Dear **readers**,\n\n[see](https://www.example.org/x) *this*.",
)  # fmt: skip


def letter(issue: Issue = ISSUE, wishes: Wishes | None = None, about: LetterSite = ABOUT) -> Letter:
    return letter_of(issue, wishes or Wishes(), about, Templates(HOME / "templates"), secret=SECRET)


def composed(one: Letter, title: str = "Facial Paralysis News") -> Composed:
    sender = Sender("The Institute", "news@institute.example", title, ABOUT.signup)
    return compose(one, sender, issue=3, now=NOW)


def mailed(one: Letter) -> bytes:
    return composed(one).to("jane@example.com", TOKEN, message_id(3, 1, b"k" * 32))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("large_type", [False, True])
def test_a_letter_is_as_mail_programs_want_it(language: str, large_type: bool) -> None:
    wishes = Wishes(topics=("bells-palsy", "synkinesis"), language=language, large_type=large_type)

    assert lint(mailed(letter(wishes=wishes))) == []


HOSTILE = story(
    title='"><script>alert(1)</script><img src=x onerror=alert(1)> {{ 7*7 }} ünï\r\nBcc: x@example.org',
    url="https://example.org/%22%3E'\"><b>",
    source="</td></table><style>@import url(https://evil.example/a.css)</style>",
    summary="<a href='javascript:alert(1)'>x</a> =3D =\n.\n..\nFrom me " + "word " * 50,
    others=("<b>A</b>",),
)


def test_what_a_feed_says_is_text() -> None:
    issue = replace(ISSUE, stories=(HOSTILE, story(2, url="", on=None, summary="", others=(), evidence="unlabelled")))
    one = letter(issue)
    content = mailed(one)
    message = message_from_bytes(content, policy=default)

    assert [fault for fault in lint(content) if "asks for something" not in fault] == []
    assert "<script" not in one.html
    assert "<img" not in one.html
    assert "&lt;script&gt;" in one.html
    assert message["Bcc"] is None
    assert "{{ 7*7 }}" in one.text
    # No line of the body ends the message for a server (RFC 5321, 4.5.2): the transport doubles the dots.
    plain = message.get_body(("plain",))
    assert plain is not None
    assert plain.get_content().replace("\r\n", "\n") == one.text.replace(SECRET, TOKEN)


def test_a_person_s_secret_stands_in_their_links_and_nowhere_else() -> None:
    content = mailed(letter(replace(ISSUE, stories=(story(title=f"A title with {SECRET[:10]}"),))))
    message = message_from_bytes(content, policy=default)

    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        assert part is not None
        text = part.get_content()
        assert SECRET not in text
        assert len(re.findall(re.escape(TOKEN), text)) == 2
        assert f"https://signup.institute.example/leave/{TOKEN}" in text
        assert f"https://signup.institute.example/wishes/{TOKEN}" in text


def test_a_long_issue_is_not_clipped() -> None:
    """Gmail cuts a mail at 102 kB; every character of these takes two bytes and more."""
    long = story(title="Ü" * 200, summary="ß" * 300, url=f"https://example.org/{'x' * 300}", others=("Ö" * 60,) * 3)
    issue = replace(ISSUE, stories=tuple(replace(long, story=number) for number in range(15)), intro="ä" * 3000)

    assert [fault for fault in lint(mailed(letter(issue))) if "columns" not in fault] == []


@pytest.mark.parametrize("title", ["Näws «für» alle", 'A "quoted" \\ title', "日本語のニュース", "x" * 200])
def test_any_title_makes_headers_that_can_be_read(title: str) -> None:
    about = replace(ABOUT, site=SITE.model_copy(update={"title": title}))
    content = composed(letter(about=about), title).to("jane@example.com", TOKEN, "0" * 32)
    message = message_from_bytes(content, policy=default)

    assert "newsletter.institute.example" in str(message["List-Id"])
    assert content.partition(b"\r\n\r\n")[0].isascii()
    assert not message.defects


def test_without_a_site_no_link_leads_to_it() -> None:
    about = replace(ABOUT, site=SITE.model_copy(update={"url": None}), postal="")

    one = letter(about=about)

    assert "newsletter/3.html" not in one.html + one.text
    assert lint_html(one.html) == []


def test_dark_colours_have_contrast() -> None:
    found = dark_contrasts(letter().html)

    assert len(found) == 4
    assert min(found.values()) >= 7


def test_a_subject_that_nobody_wrote_is_in_the_reader_s_language() -> None:
    from aggregator.newsletter.issue import usual_subject  # noqa: PLC0415

    usual = replace(ISSUE, subject=usual_subject(ISSUE, SITE, "en"))

    assert (
        letter(usual, Wishes(language="es")).subject == "Facial Paralysis News: la semana hasta el 29 de noviembre de 2026"
    )
    assert letter(ISSUE, Wishes(language="es")).subject == "The week"


def test_a_headline_in_another_language_is_read_in_its_own() -> None:
    one = letter(replace(ISSUE, stories=(story(language="de"), story(2, language=None))), Wishes(language="es"))

    assert '<h3 lang="de"' in one.html
    # What no feed names is taken to be in the site's language.
    assert '<h3 lang="en"' in one.html


@pytest.mark.parametrize("address", ["a@example.org", "o'neill+news@example.org", "x" * 64 + "@" + "y" * 60 + ".example"])
def test_addresses_are_written_as_they_are(address: str) -> None:
    content = composed(letter()).to(address, TOKEN, "0" * 32)

    assert f"To: {address}\r\n".encode() in content


def test_an_address_that_no_server_takes_is_an_error() -> None:
    with pytest.raises(UnicodeEncodeError):
        composed(letter()).to("jürgen@example.org", TOKEN, "0" * 32)


def test_the_message_id_is_the_same_whenever_it_is_made() -> None:
    key = b"k" * 32

    assert message_id(3, 1, key) == message_id(3, 1, key)
    assert len({message_id(3, 1, key), message_id(3, 2, key), message_id(4, 1, key), message_id(3, 1, b"x" * 32)}) == 4
