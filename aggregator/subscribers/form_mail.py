"""The message that a contact form sends: its text, whatever its charset, and its fields, whichever plugin wrote it.

Contact Form 7 writes running text with a footer; WPForms, Gravity Forms, Formidable and Fluent Forms tables of labels and
values; Ninja Forms, Elementor and Jetpack lines of "Label: value". Labels may be translated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from enum import Enum, auto
from html.parser import HTMLParser

from aggregator.text import fold
from aggregator.values.subscribers import IntakeRules

_LONGEST = 200_000
# Characters of a text that are read, and of one line.
_LONGEST_TEXT, _LONGEST_LINE = 40_000, 2_000
_BLANKS = re.compile(r"[ \t]{2,}")


class Field(Enum):
    """What a field of a form is for."""

    EMAIL = auto()
    COMMENT = auto()
    SUBJECT = auto()
    SENDER = auto()
    NEWSLETTER = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class FormMail:
    """The fields that a message has, in order; `text` is what its writer wrote, where it is no form, `whole` all of it."""

    fields: tuple[tuple[Field, str], ...]
    text: str
    whole: str

    @property
    def is_form(self) -> bool:
        """Whether a form wrote it: an address or a comment and something else are labelled."""
        kinds = {kind for kind, value in self.fields if value}
        return bool(kinds & {Field.EMAIL, Field.SENDER, Field.COMMENT}) and len(kinds) > 1

    def of(self, *kinds: Field) -> list[str]:
        """The values of these fields."""
        return [value for kind, value in self.fields if kind in kinds]


_LABELS = {
    Field.EMAIL: (
        "email;e mail;your email;your e mail;email address;e mail address;your email address;email id;mail;mail address;"
        "contact email;sender email;submitter email;email confirm;confirm email;correo;correo electronico;su correo;tu correo;"
        "tu correo electronico;su correo electronico;direccion de correo;direccion de correo electronico;direccion de email;"
        "tu email;su email;correo e;confirmar correo electronico;adresse e mail;courriel;votre e mail;e mail adresse;"
        "ihre e mail;ihre e mail adresse;reply to;responder a"
    ),
    Field.SENDER: "from;de;von;submitted by;enviado por;sender",
    Field.COMMENT: (
        "message;your message;message body;comment;comments;your comment;your comments;comment or message;comments or questions;"
        "comments questions;questions or comments;questions comments;comment message;message comment;question;questions;"
        "your question;your questions;inquiry;your inquiry;enquiry;your enquiry;details;how can we help;how can we help you;"
        "how may we help you;what can we help you with;tell us more;additional comments;additional information;"
        "additional message;comment section;text;notes;mensaje;tu mensaje;su mensaje;el mensaje;cuerpo del mensaje;comentario;"
        "comentarios;su comentario;tu comentario;tus comentarios;sus comentarios;comentario o mensaje;comentarios o preguntas;"
        "preguntas o comentarios;pregunta;preguntas;consulta;tu consulta;su consulta;como podemos ayudarle;"
        "como podemos ayudarte;en que podemos ayudarle;en que podemos ayudarte;nachricht;ihre nachricht;votre message"
    ),
    Field.SUBJECT: "subject;your subject;asunto;tu asunto;betreff;objet;re",
    Field.OTHER: (
        "name;your name;full name;first name;last name;first;last;nombre;nombres;tu nombre;su nombre;nombre completo;apellido;"
        "apellidos;nombre y apellidos;phone;phone number;your phone;telephone;tel;mobile;cell;cell phone;telefono;movil;"
        "numero de telefono;tu telefono;su telefono;celular;date;time;date submitted;submitted;submitted on;fecha;hora;"
        "fecha de envio;page url;page;pagina;url;url de la pagina;website;sitio web;user agent;agente de usuario;remote ip;"
        "ip;ip address;your ip;user ip;direccion ip;ip remota;powered by;desarrollado por;con la tecnologia de;"
        "contact form url;form;form name;form id;form title;formulario;nombre del formulario;entry;entry id;entry number;"
        "entry date;submission id;source url;source;referrer;referer;browser;device;sent from;sent by;address;street;city;"
        "state;zip;zip code;postal code;country;direccion;ciudad;estado;pais;codigo postal;provincia;company;organization;"
        "organisation;empresa;age;edad;consent;gdpr;gdpr agreement;privacy;privacy policy;privacidad;politica de privacidad;"
        "terms;i agree;acepto;how did you hear about us;how did you find us;how did you hear;how did you learn about us;"
        "where did you hear about us;como nos conocio;como nos conociste;como supo de nosotros;como supiste de nosotros;"
        "preferred contact;best time to call;insurance;seguro;condition;diagnosis;diagnostico;reason;reason for contact;"
        "motivo;motivo de contacto;i am a;soy;attachment;file;file upload;archivo;captcha;recaptcha;spam score;to;cc;para;"
        "site;site name;sitio;blog;department;departamento;preferred date;appointment date"
    ),
}  # fmt: skip
_KIND_OF = {label: kind for kind, labels in _LABELS.items() for label in labels.split(";")}
_LABELLED = re.compile(r"\s*[*•-]?\s*\**([^:\n]{1,80}?)\**\s*[:：]\s*\**\s*(.*)")
_ANSWER = re.compile(
    r"(?:yes|no|y|n|true|false|on|off|1|0|x|si|checked|unchecked|not checked|selected|opt in|opt out|)(?: \w+){0,3}$"
)
_ASIDE = re.compile(r"\((?:required|optional|obligatorio|opcional|requerido)[^)]*\)|[*:：]", re.I)
# What ends all that a person wrote: what the form's own footer begins with.
_FOOTER = re.compile(
    r"\s*(?:--|—|---+|___+|===+|\*\*\*+)\s*$|"
    r"\s*(?:this|the) (?:e-?mail|mail|message|notification|form) (?:was|is|has been) (?:sent|submitted|a notification|generated)|"
    r"\s*(?:sent|submitted) (?:via|from|by) (?:a |an |the |my )?(?:form|contact|verified|unverified|website|iphone|ipad|android)|"
    r"\s*(?:este|el|esta) (?:e-?mail|correo|mensaje|notificaci[oó]n) (?:electr[oó]nico )?(?:es|ha sido|fue|se ha|se envi)|"
    r"\s*(?:enviado|enviada) (?:desde|mediante|a trav[eé]s)|\s*powered by\b|\s*you (?:are|have) receiv\w+ this|"
    r"\s*(?:follow us|s[ií]ganos|(?:subscribe|sign up|suscr[ií]base) (?:to|for|a) (?:our|nuestro) \S+(?: and|\.| to| y))\b|\s*manage (?:submission|spam)|\s*mark as spam|\s*does this look like spam",
    re.I,
)
_QUOTE_BEGINS = re.compile(
    r"\s*(?:on .{5,120} wrote:|el .{5,120} escribi[oó]:|am .{5,120} schrieb.*:|-{3,} ?(?:original message|mensaje original).*|"
    r"_{10,})\s*$",
    re.I,
)


def form_mail(message: EmailMessage, rules: IntakeRules) -> FormMail:
    """The fields of a message; of a plain part and an HTML part the one that has more of them."""
    readings = [_read(lines, rules) for lines in _parts(message)]
    return max(readings, key=lambda one: len(one.fields), default=FormMail((), "", ""))


def _quoted_from(texts: list[str]) -> int:
    """The line at which a message begins that Outlook quotes: "From: …" with "Sent: …" below, or a line that says so."""
    for at, text in enumerate(texts):
        if at and (_IS_ORIGINAL.match(text) or (_FROM.match(text) and any(map(_SENT.match, texts[at + 1 : at + 5])))):
            return at
    return len(texts)


_IS_ORIGINAL = re.compile(r"\s*-{3,} ?(?:original message|mensaje original)", re.I)
_FROM, _SENT = re.compile(r"\s*\**(?:from|de):", re.I), re.compile(r"\s*\**(?:sent|enviado(?: el)?):", re.I)


def _read(lines: list[tuple[bool, str]], rules: IntakeRules) -> FormMail:
    texts = [text for _, text in lines]
    own = _quoted_from(texts)
    fields = tuple((kind, value.strip()) for kind, value in _fields(lines[:own], rules))
    return FormMail(fields, _own_text(texts[:own]), "\n".join(texts))


def _own_text(lines: Iterable[str]) -> str:
    """What the writer of a message wrote now: without what they quote, and without what stands below."""
    own: list[str] = []
    for line in lines:
        if own and (_QUOTE_BEGINS.match(line) or _FOOTER.match(line)):
            break
        if line.strip() and not line.lstrip().startswith(">"):
            own.append(line)
    return "\n".join(own).strip()


# ---- fields ----------------------------------------------------------------------------------------------------------


def _fields(lines: list[tuple[bool, str]], rules: IntakeRules) -> Iterator[tuple[Field, str]]:
    """Each field's kind and value. A line that is a label, or begins with one, ends the field before it."""
    kind, value = None, []
    for is_label, line in lines:
        if kind is not None and (_FOOTER.match(line) or _QUOTE_BEGINS.match(line)):
            break
        begun = _begun(line, rules, is_label=is_label, is_in_comment=kind is Field.COMMENT)
        if begun is None:
            value.append(line)
            continue
        if kind is not None:
            yield kind, "\n".join(value)
        kind, value = begun[0], [begun[1]]
    if kind is not None:
        yield kind, "\n".join(value)


def _begun(line: str, rules: IntakeRules, *, is_label: bool, is_in_comment: bool) -> tuple[Field, str] | None:
    """The field that a line begins, and what of its value stands in the same line; None where it goes on."""
    if is_label:
        return _kind(line, rules) or Field.OTHER, ""
    match = _LABELLED.fullmatch(line)
    if match:
        kind = _kind(match[1], rules)
        if kind is Field.NEWSLETTER and not _ANSWER.match(fold(match[2])):
            # "Sign up for our newsletter: https://…" is a footer, "I want the newsletter. Also: …" a comment.
            kind = None
        # Whoever writes "My question: …" begins no field.
        if kind is not None and not (is_in_comment and kind is Field.COMMENT):
            return kind, match[2]
    kind = _alone(line, rules) if not is_in_comment else _later(line)
    return (kind, "") if kind is not None else None


def _alone(line: str, rules: IntakeRules) -> Field | None:
    """The kind of a label that stands alone in its line."""
    is_sentence = line.rstrip().endswith(".") or line.lower().startswith("i ")
    kind = _kind(line, rules) if len(line) < 60 and not is_sentence else None
    return kind if kind is not Field.NEWSLETTER or line.rstrip().endswith(("?", ":", "*")) else None


def _later(line: str) -> Field | None:
    """The kind of a label that stands alone in its line, below a comment: only what no comment consists of."""
    kind = _KIND_OF.get(_label(line)) if line.rstrip().endswith(("*", ":")) or line[:1].isupper() else None
    return kind if kind in (Field.EMAIL, Field.OTHER) and len(line) < 40 else None


def _kind(label: str, rules: IntakeRules) -> Field | None:
    folded = _label(label)
    if folded in rules.email_labels:
        return Field.EMAIL
    if folded in rules.comment_labels:
        return Field.COMMENT
    if folded in _KIND_OF:
        return _KIND_OF[folded]
    if is_newsletter(label, rules):
        return Field.NEWSLETTER
    words = folded.split()
    is_comment = len(words) < 7 and not {words[0], words[-1]}.isdisjoint(_COMMENTS) if words else False
    return Field.COMMENT if is_comment else None


_COMMENTS = frozenset(
    "message comment comments question questions mensaje mensajes comentario comentarios pregunta preguntas".split()
)


def _label(written: str) -> str:
    return fold(_ASIDE.sub(" ", written))


def is_newsletter(text: str, rules: IntakeRules) -> bool:
    """Whether a label names the newsletter: "Subscribe to our newsletter"."""
    folded = f" {fold(text)} "
    return any(f" {word} " in folded for word in (*rules.words, "newsletter", "boletin", "boletin informativo"))


# ---- text ------------------------------------------------------------------------------------------------------------


def _parts(message: EmailMessage) -> Iterator[list[tuple[bool, str]]]:
    """The lines of each text part that is no attachment, each with whether the markup makes it a label."""
    for part in message.walk():
        if part.is_multipart() or part.get_content_disposition() == "attachment":
            continue
        if part.get_content_type() == "text/plain":
            yield [(False, line) for line in _unwrapped(_tame(decoded(part))).splitlines()]
        elif part.get_content_type() == "text/html":
            yield _html_lines(_tame(decoded(part)))


def _tame(text: str) -> str:
    """A text whose lines are no longer and have no longer runs of blanks than people write: the rules below look at each line
    more than once."""
    lines = (_BLANKS.sub(" ", line.replace("\xa0", " ")[: 2 * _LONGEST_LINE])[:_LONGEST_LINE] for line in text.splitlines())
    return "\n".join(lines)[:_LONGEST_TEXT]


def _unwrapped(text: str) -> str:
    """Running text with its sentences in one line each: mail programs break them at 72 columns."""
    return re.sub(r"(?m)^([^\n]{40,}[\w,;])[ \t]*\r?\n(?=[a-záéíóúñ(¿])(?![\w -]{1,40}:)", r"\1 ", text)


def decoded(part: EmailMessage) -> str:
    """The text of a part. Forms declare no charset, or a wrong one: what is UTF-8 is read as UTF-8, all else as declared, or
    as Windows-1252."""
    payload = part.get_payload(decode=True)
    raw = payload[:_LONGEST] if isinstance(payload, bytes) else b""
    declared = str(part.get_content_charset() or "").lower()
    for charset in (declared if declared not in ("us-ascii", "ascii") else "", "utf-8", "windows-1252"):
        try:
            if charset:
                return raw.decode(charset)
        except (LookupError, UnicodeError):
            continue
    return raw.decode("latin-1")


class _Lines(HTMLParser):
    """HTML as lines. A cell of headings, or bold text alone in its line, is a label."""

    _BLOCKS = frozenset("p div br tr td th table li ul ol h1 h2 h3 h4 h5 h6 dt dd hr blockquote section tbody".split())
    _BOLD = frozenset("b strong th dt h1 h2 h3 h4 h5 h6".split())
    _UNSEEN = frozenset("style script head title".split())

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[tuple[bool, str]] = []
        self._pieces: list[tuple[bool, str]] = []
        self._bold = self._unseen = 0
        self._row: list[int] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See html.parser."""
        if tag in self._UNSEEN:
            self._unseen += 1
        if tag in self._BLOCKS:
            self._end_line()
        if tag in self._BOLD:
            self._bold += 1
        if tag == "tr":
            self._row = []
        if tag in ("td", "th") and self._row is not None:
            self._row.append(len(self.lines))

    def handle_endtag(self, tag: str) -> None:
        """See html.parser."""
        if tag in self._UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        if tag in self._BLOCKS:
            self._end_line()
        if tag in self._BOLD:
            self._bold = max(0, self._bold - 1)
        if tag == "tr":
            self._mark_first_cell()
            self._row = None
        if tag == "table":
            # What follows a table of fields belongs to none of them.
            self.lines.append((True, ""))

    def handle_data(self, data: str) -> None:
        """See html.parser."""
        if not self._unseen:
            self._pieces.append((self._bold > 0, data))

    def _mark_first_cell(self) -> None:
        """Of two cells with text beside each other the first is the label of the second."""
        cells = self._row or []
        if len(cells) != 2 or cells[1] != cells[0] + 1 or len(self.lines) <= cells[1]:
            return
        label = self.lines[cells[0]][1]
        if len(label) <= 80:
            self.lines[cells[0]] = (True, label)

    def _end_line(self) -> None:
        pieces, self._pieces = self._pieces, []
        text = " ".join("".join(piece for _, piece in pieces).split())
        if not text:
            return
        bold = " ".join("".join(piece for is_bold, piece in pieces if is_bold).split())
        rest = text.removeprefix(bold).strip()
        # "<b>Name:</b> Jane" is read as plain text is.
        self.lines.append((bool(bold) and not rest and len(bold) <= 80, text))

    def close(self) -> None:
        """See html.parser."""
        super().close()
        self._end_line()


def _html_lines(markup: str) -> list[tuple[bool, str]]:
    parser = _Lines()
    parser.feed(markup)
    parser.close()
    return parser.lines
