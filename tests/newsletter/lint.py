"""What is wrong with a mail: headers, parts, anything remote, sizes, contrast in both schemes, what Outlook cannot lay out."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser

# Attributes by which a page asks for something, and styles that do.
_ASKING = ("src", "srcset", "background", "poster", "data")
_ELEMENTS = ("img", "script", "iframe", "link", "object", "embed", "video", "audio", "form", "input", "svg", "base")
_LARGEST_HTML = 60_000
_VOID = ("br", "meta", "hr")


def lint(content: bytes) -> list[str]:
    """A sentence for everything that is wrong."""
    message = message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    return [*_lines(content), *_headers(message), *_parts(message)]


def _lines(content: bytes) -> list[str]:
    head, _, body = content.partition(b"\r\n\r\n")
    found = [f"a line of {len(line)} bytes" for line in head.split(b"\r\n") if len(line) > 998]
    found += [f"a line of the body of {len(line)} bytes" for line in body.split(b"\r\n") if len(line) > 78]
    if not content.isascii():
        found.append("bytes that are not ASCII")
    if b"\n" in content.replace(b"\r\n", b"") or b"\r" in content.replace(b"\r\n", b""):
        found.append("a bare line end")
    return found


def _headers(message: EmailMessage) -> list[str]:
    wanted = {
        "From": r".+ <\S+@\S+>|\S+@\S+", "To": r"\S+@\S+", "Subject": r".+", "Date": r"\w{3}, \d+ \w{3} \d{4} .+",
        "Message-ID": r"<[0-9a-f]{32}@\S+>", "List-Id": r"(\"[^\"]*\" )?<\S+>",
        "List-Unsubscribe": r"<https?://\S+/leave/[\w-]{22}>, <mailto:\S+@\S+\?subject=unsubscribe>",
        "List-Unsubscribe-Post": r"List-Unsubscribe=One-Click", "Auto-Submitted": r"auto-generated",
        "Content-Language": r"[a-z]{2}", "MIME-Version": r"1\.0", "Feedback-ID": r"\S+",
    }  # fmt: skip
    found = []
    for name, pattern in wanted.items():
        values = message.get_all(name) or []
        if len(values) != 1:
            found.append(f"{len(values)} headers {name}")
        elif not re.fullmatch(pattern, str(values[0])):
            found.append(f"{name}: {values[0]}")
    return found


def _parts(message: EmailMessage) -> list[str]:
    kinds = [part.get_content_type() for part in message.walk()]
    if kinds != ["multipart/alternative", "text/plain", "text/html"]:
        return [f"parts {kinds}"]
    text, html = (part.get_content() for part in message.iter_parts())
    found = [f"text of {len(line)} columns" for line in text.splitlines() if len(line) > 72 and "://" not in line]
    if len(html.encode()) > _LARGEST_HTML:
        found.append(f"{len(html.encode())} bytes of HTML")
    if not set(_words(text)) & set(_words(html)):
        found.append("a plain text that is no text of the letter")
    return found + lint_html(html)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]{6,}", text)


def lint_html(html: str) -> list[str]:
    """What is wrong with the HTML part."""
    reader = _Reader()
    reader.feed(html)
    found = reader.found
    if re.search(r"url\(|@import|@font-face", html):
        found.append("a style that asks for something")
    if "<!--[if mso]>" not in html:
        found.append("no width for Outlook")
    for needed in ('name="color-scheme"', "prefers-color-scheme: dark", "<html lang="):
        if needed not in html:
            found.append(f"no {needed}")
    if len(re.findall(r"<h1\b", html)) != 1:
        found.append("not one h1")
    return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._colours = [("#1a1a1a", "#ffffff")]
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in _ELEMENTS:
            self.found.append(f"a {tag}")
        self.found += [f"{tag} {name}" for name in values if name in _ASKING or name.startswith("on")]
        if tag == "a" and not re.match(r"https?://", values.get("href", "")):
            self.found.append(f"a link to {values.get('href')}")
        if tag == "div" and "class" in values and values["class"] != "hidden":
            self.found.append("a div that lays out")
        if tag in _VOID:
            return
        style = dict(re.findall(r"([\w-]+)\s*:\s*([^;]+)", values.get("style", "")))
        front, back = self._colours[-1]
        self._colours.append((style.get("color", front), style.get("background-color", back)))
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID or tag not in self._open:
            return
        while self._open:
            self._colours.pop()
            if self._open.pop() == tag:
                return

    def handle_data(self, data: str) -> None:
        if data.strip() and self._open and self._open[-1] not in ("style", "title"):
            ratio = contrast(*self._colours[-1])
            if ratio < 7:
                self.found.append(f"contrast {ratio:.1f} of “{data.strip()[:20]}”")


def contrast(one: str, other: str) -> float:
    """The contrast of two colours like `#1a1a1a` (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour.strip()[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def dark_contrasts(html: str) -> dict[str, float]:
    """The contrast of each colour of text that the dark scheme names, against its background."""
    dark = re.search(r"prefers-color-scheme: dark\) \{(.*?)\n\}", html, re.S)
    assert dark is not None
    back = re.search(r"background-color: (#\w{6})", dark[1])
    assert back is not None
    rules = re.findall(r"([^{}\n]+)\{[^{}]*?(?<![\w-])color: (#\w{6})", dark[1])
    return {names.strip(): contrast(colour, back[1]) for names, colour in rules}
