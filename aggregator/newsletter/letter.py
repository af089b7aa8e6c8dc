"""An issue as a letter: HTML with the styles inside its elements, and plain text. Neither asks for a remote byte.

A letter is the same for everybody with the same wishes; only the secret of its two links and a few headers are a person's.
"""

from __future__ import annotations

from dataclasses import dataclass

import css_inline

from aggregator.newsletter.issue import preheader_of, usual_subject
from aggregator.render.issues import issue_text, issue_view, wrapped
from aggregator.render.templates import Templates
from aggregator.values.issues import Issue
from aggregator.values.settings import Site
from aggregator.values.subscribers import Wishes

# Pixels of running text.
_SIZE, _LARGE = 16, 22


@dataclass(frozen=True, slots=True)
class LetterSite:
    """What a letter says besides the issue: the site, where sign-up is reached, the sender's postal address."""

    site: Site
    signup: str
    postal: str = ""
    is_sample: bool = False

    def on_the_web(self, issue: Issue) -> str:
        """The address of the issue in the archive; empty where the site has none."""
        return f"{self.site.url}newsletter/{issue.number}.html" if self.site.url else ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter without a person: in HTML and in plain text `secret` stands where a person's belongs."""

    subject: str
    html: str
    text: str
    language: str
    secret: str


def letter_of(
    issue: Issue, wishes: Wishes, about: LetterSite, templates: Templates, *, secret: str, unsubscribe: str = ""
) -> Letter:
    """The letter of an issue for these wishes, to whose topics the issue was cut down before. Where `unsubscribe` is given
    it is what leads out of another mailing system, and no link is ours. PublishError where the template cannot be
    rendered."""
    view = issue_view(issue, about.site, wishes.language)
    words = view.words
    why = words.text("newsletter.why", title=view.title)
    links = {
        "newsletter.change": "" if unsubscribe else f"{about.signup}wishes/{secret}?lang={words.language}",
        "newsletter.leave": unsubscribe or f"{about.signup}leave/{secret}?lang={words.language}",
        "newsletter.on_the_web": about.on_the_web(issue),
    }
    links = {name: address for name, address in links.items() if address}
    is_usual = issue.subject == usual_subject(issue, about.site, about.site.language)
    subject = usual_subject(issue, about.site, words.language) if is_usual else issue.subject
    html = templates.render(
        "emails/letter.html", t=words, view=view, subject=subject, preheader=preheader_of(issue), why=why, links=links,
        size=_LARGE if wishes.large_type else _SIZE, is_sample=about.is_sample, postal=about.postal,
    )  # fmt: skip
    sample = f"{words.text('sample')} {words.text('sample_about')}" if about.is_sample else ""
    footer = [wrapped(why), *(f"{words.text(name)}:\n{address}" for name, address in links.items())]
    text = issue_text(view, sample=sample, footer=[*footer, *filter(None, [wrapped(about.postal)])])
    return Letter(subject, _inlined(html), text, words.language, secret)


def _inlined(html: str) -> str:
    """The page with its style sheet in the elements; what only a media query can say stays in its head."""
    return css_inline.CSSInliner(keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False).inline(html)
