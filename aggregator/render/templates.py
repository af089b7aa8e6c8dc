"""The templates of a folder, rendered with the values that they are handed.

Every value is escaped when it is shown, an unknown name is an error, and templates run in a sandbox.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from aggregator.errors import PublishError
from aggregator.render.compiled import CompiledTemplates


@dataclass(frozen=True, slots=True)
class Script:
    """A script of our own in a page, and its hash for the page's Content-Security-Policy."""

    text: Markup
    hash: str


class Templates:
    """The templates of one folder."""

    def __init__(self, templates: Path, compiled: Path | None = None) -> None:
        """`compiled` is a folder that may be filled with compiled templates."""
        self._folder = templates
        self._environment = ImmutableSandboxedEnvironment(
            loader=_Loader(templates, encoding="utf-8-sig"),
            bytecode_cache=CompiledTemplates(compiled) if compiled is not None else None,
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        # Text from a feed is never markup.
        del self._environment.filters["safe"]

    def render(self, name: str, /, **context: Any) -> str:
        """The page `name`; PublishError names template and line if it cannot be rendered."""
        try:
            return self._environment.get_template(name).render(**context)
        except jinja2.TemplateSyntaxError as error:
            raise PublishError(f"templates/{error.name or name}, line {error.lineno}: {error.message}.") from error
        except jinja2.TemplateNotFound as error:
            raise PublishError(f"templates/{error.name} is missing (needed for {name}).") from error
        except (OSError, UnicodeError) as error:
            raise PublishError(f"templates/{name} cannot be read: {error}.") from error
        except Exception as error:
            raise PublishError(f"templates/{name}{_line_of(error)}: {error}.") from error

    def source(self, name: str) -> str:
        """The script `name` of the templates' folder; PublishError if it cannot be read."""
        try:
            return (self._folder / "scripts" / name).read_text("utf-8-sig")
        except (OSError, UnicodeError) as error:
            raise PublishError(f"templates/scripts/{name} cannot be read: {error}.") from error

    def script(self, name: str, *, before: str = "", after: str = "") -> Script:
        """The script `name` between two others, for a script element; PublishError if it would end the element."""
        text = before + self.source(name) + after
        if "</" in text or "<!--" in text:
            raise PublishError(f"templates/scripts/{name} has “</” in it, which would end it in the middle of the page.")
        digest = hashlib.sha256(text.encode()).digest()
        return Script(Markup(text), f"sha256-{base64.b64encode(digest).decode()}")  # noqa: S704 - our own file, looked at above

    @cached_property
    def digest(self) -> str:
        """A digest of all HTML templates of the site; those of the console and of sign-up make no page of it."""
        others = {self._folder / "console", self._folder / "signup"}
        paths = sorted(path for path in self._folder.rglob("*.html") if path.is_file() and others.isdisjoint(path.parents))
        return hashlib.blake2b(b"".join(path.read_bytes() for path in paths), digest_size=8).hexdigest()

    def static_files(self) -> dict[str, bytes]:
        """The files that are published unchanged, by name; PublishError if they cannot be read."""
        folder = self._folder / "static"
        try:
            return {f"static/{path.name}": path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
        except OSError as error:
            raise PublishError(f"templates/static cannot be read: {error}.") from error


class _Loader(jinja2.FileSystemLoader):
    """Reads templates, and refuses one that switches escaping off."""

    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """As in jinja2, but TemplateSyntaxError for a template with an autoescape tag."""
        source, filename, is_current = super().get_source(environment, template)
        if match := _AUTOESCAPE.search(source):
            line = source.count("\n", 0, match.start()) + 1
            raise jinja2.TemplateSyntaxError("escaping cannot be switched", line, template, filename)
        return source, filename, is_current


_AUTOESCAPE = re.compile(r"\{%[-+]?\s*autoescape\b")


def _line_of(error: Exception) -> str:
    """The file and line of the template that an exception came from, in brackets; empty if none did."""
    trace, line = error.__traceback__, ""
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if file.suffix in (".html", ".xml"):
            line = f" ({file.name}, line {trace.tb_lineno})"
        trace = trace.tb_next
    return line
