"""Make text from anywhere safe to read: convert HTML to plain text, fit it to one line, shorten it, fold it for matching.

These functions return plain text only; templates escape it again when they show it.
"""

from __future__ import annotations

import html
import re
import unicodedata
from datetime import datetime, tzinfo

import nh3

# Characters that are invisible and serve to hide or reverse text: controls, format characters (zero-width,
# bidirectional overrides, soft hyphen, tags), Hangul fillers, lone surrogates, private use, non-characters.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160"
    "\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\ue000-\uf8ff"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
)
_TERMINAL = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-_]")
# UTF-8 that was decoded as Latin-1 and encoded as UTF-8 again: "Ã©", "â€™" (16 of 256 real documents).
_TWICE_ENCODED = re.compile("[\u00c2-\u00f4][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")
_MARK_RUN = re.compile(
    r"([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{3})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+"
)

_TAGS = (
    "a|abbr|acronym|address|applet|area|article|aside|audio|b|base|basefont|bdi|bdo|bgsound|big|blink|blockquote|body|br|"
    "button|canvas|caption|center|cite|code|col|colgroup|data|datalist|dd|del|details|dfn|dialog|dir|div|dl|dt|em|embed|"
    "fieldset|figcaption|figure|font|footer|form|frame|frameset|h1|h2|h3|h4|h5|h6|head|header|hgroup|hr|html|i|iframe|"
    "image|img|input|ins|isindex|kbd|keygen|label|legend|li|link|listing|main|map|mark|marquee|math|menu|menuitem|meta|"
    "meter|nav|nobr|noembed|noframes|noscript|object|ol|optgroup|option|output|p|param|picture|plaintext|portal|pre|"
    "progress|q|rb|rp|rt|rtc|ruby|s|samp|script|search|section|select|slot|small|source|spacer|span|strike|strong|style|"
    "sub|summary|sup|svg|table|tbody|td|template|textarea|tfoot|th|thead|time|title|tr|track|tt|u|ul|var|video|wbr|xmp|"
    "jats:[a-z-]+|o:p|mml:[a-z]+"
)
# A "<" that opens no known element is text ("p < 0.05", "Atomic<T>"): nh3 would drop it and what follows.
_STRAY = re.compile(rf"<(?!/?(?:{_TAGS})(?![\w:])|!--)", re.I)
_BLOCK = re.compile(
    r"<(?=/?(?:address|article|aside|blockquote|br|caption|dd|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|"
    r"header|hr|li|main|nav|ol|p|pre|section|table|tbody|td|tfoot|th|thead|tr|ul|jats:p|jats:title|jats:sec)(?![\w:-]))",
    re.I,
)
# Signs of real markup: a paragraph that begins the text, a closing tag, an empty element, an attribute, a comment.
# "<pre> in <description>" has none.
_MARKUP = re.compile(
    rf"^\s*<(?:p|div)>|</(?:{_TAGS})\s*>|<(?:br|hr|img|wbr)\b[^<>]*>|<(?:{_TAGS})(?:\s+|/)[a-z:-]+\s*=|<!--|<!\[cdata\[",
    re.I,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.I)
_DROPPED_WHOLE = {"script", "style", "iframe", "noembed", "noframes", "template", "svg", "math", "object", "textarea", "xmp"}
_TAG = r"([a-z][\w:.-]*)(?:\s[^<>]*)?/?>"
_ANY_TAG, _END_TAG = re.compile(f"</?{_TAG}", re.I), re.compile(f"</{_TAG}", re.I)


def _without_strange_elements(markup: str) -> str:
    """Remove the tags of elements that HTML does not know (`<inset id="1"></inset>`) if they are closed; keep their text."""
    if "</" not in markup:
        return markup
    strange = {match[1].lower() for match in _END_TAG.finditer(markup) if _STRAY.match(f"<{match[1]}>")}
    return _ANY_TAG.sub(lambda tag: " " if tag[1].lower() in strange else tag[0], markup) if strange else markup


def _strip(markup: str) -> str:
    if "<" not in markup:
        return html.unescape(markup)
    markup = _without_strange_elements(markup)
    # Without a space before it, a block's first word would be glued to the word before (measured: "xyonetwo").
    spaced = _BLOCK.sub(" <", _STRAY.sub("&lt;", markup))
    return html.unescape(nh3.clean(spaced, tags=set(), clean_content_tags=_DROPPED_WHOLE))


def _is_markup(text: str) -> bool:
    return "<" in text and _MARKUP.search(text) is not None


def plain_text(value: str, *, is_markup: bool = True) -> str:
    """One line of plain text from HTML, or from text that may contain undeclared HTML (`is_markup=False`).

    Publishers escape twice (25 of 492 real documents): entities that are left are resolved once more, and what then is
    evidently markup is stripped; what merely looks like markup ("Atomic<T>", "<pre> in <description>") stays.
    """
    text = _strip(value) if is_markup or _is_markup(value) else value
    for _ in range(2):
        if "&" in text and _ENTITY.search(text):
            text = html.unescape(text)
        if not _is_markup(text):
            break
        text = _strip(text)
    if not text.isascii() and _TWICE_ENCODED.search(text):
        # Imported late: one document in sixteen needs it, and it takes a tenth of the start-up time.
        import ftfy  # noqa: PLC0415

        text = ftfy.fix_encoding(text)
    return one_line(text)


def one_line(text: str) -> str:
    """`text` without control, invisible and bidirectional characters, composed (NFC), white space folded to one space."""
    # Without an argument `split` splits at the same white space as `\s`, in a tenth of the time.
    folded = " ".join(text.split())
    if folded.isascii() and folded.isprintable():
        return folded
    visible = _INVISIBLE.sub("", _TERMINAL.sub("", folded))
    return " ".join(_MARK_RUN.sub(r"\1", unicodedata.normalize("NFC", visible)).split())


def shorten(text: str, limit: int) -> str:
    """`text` cut to at most `limit` characters, between words, with an ellipsis if something is missing."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    if " " in cut[limit // 2 :]:
        cut = cut.rsplit(" ", 1)[0]
    return cut.rstrip(" ,;:.–—-…") + "…"


def day_of(at: datetime, zone: tzinfo) -> str:
    """The day of an instant as staff read it: “5 November 2026”."""
    local = at.astimezone(zone)
    return f"{local.day} {local:%B %Y}"


def moment_of(at: datetime, zone: tzinfo) -> str:
    """An instant as staff read it, in their zone: “5 November 2026, 05:03 PST”."""
    return f"{day_of(at, zone)}, {at.astimezone(zone):%H:%M %Z}"


_LETTERS = {"ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "đ": "d", "ł": "l", "ı": "i"}
_LETTER = re.compile(f"[{''.join(_LETTERS)}]")
_POSSESSIVE = re.compile(r"['’‘ʼ´`′＇](?=s\b)")
_NOT_WORD = re.compile(r"[\W_]+")
# The characters that make most texts non-ASCII; without them texts are folded three times as fast.
_TYPOGRAPHY = (
    ("’", "'"),
    ("‘", "'"),
    ("“", " "),
    ("”", " "),
    ("–", " "),
    ("—", " "),
    ("…", " "),
    ("\u00a0", " "),
    ("‐", " "),
)
# A translation table for bytes, which takes a sixth of the expression's time.
_ASCII_WORDS = bytes(code if chr(code).isalnum() and code < 128 else 32 for code in range(256))
# The blocks of combining marks; those of other scripts are no word characters and are removed anyway.
_COMBINING = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)


def fold(text: str) -> str:
    """`text` for matching: lower case, no accents, no apostrophe before a final s, words separated by single spaces.

    “Bell’s”, "Bell's", "Bells" and "BELL´S" fold alike; so do "Ramsay-Hunt" and "Ramsay Hunt".
    """
    lowered = text.lower()
    if not lowered.isascii():
        for curly, plain in _TYPOGRAPHY:
            lowered = lowered.replace(curly, plain)
    if not lowered.isascii():
        # The apostrophes go first: NFKD turns "´" into a space and a combining mark.
        lowered = _POSSESSIVE.sub("", lowered)
        lettered = _LETTER.sub(lambda match: _LETTERS[match[0]], lowered)
        lowered = _COMBINING.sub("", unicodedata.normalize("NFKD", lettered))
    if "'" in lowered or "`" in lowered:
        lowered = _POSSESSIVE.sub("", lowered)
    if lowered.isascii():
        return " ".join(lowered.encode("ascii").translate(_ASCII_WORDS).decode("ascii").split())
    return _NOT_WORD.sub(" ", lowered).strip()
