"""Find, Log, Preview, Month, Help: pages that only show."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from aggregator.console.call import Answer, Call, Page, Raw, number_in, trouble
from aggregator.errors import UsageError
from aggregator.jobs import act_log, monthly_report
from aggregator.jobs.discovery import written_address
from aggregator.jobs.lookup import explained
from aggregator.jobs.publish import front_page
from aggregator.jobs.rules import topics
from aggregator.jobs.today import found_entries
from aggregator.jobs.trials import judge_pasted, rules_of
from aggregator.jobs.workspace import Workspace

_MOST = 30
_MOST_LOGGED = 10_000
# The page as visitors get it, shut in: no script, no form, no window of its own.
PREVIEW_POLICY = "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-ancestors 'self'; sandbox"


def find(call: Call) -> Answer:
    """What became of a link, or of what has these words in its title; a headline that is not stored is judged."""
    written = call.query.get("q", "").strip()[:500]
    workspace = call.workspace
    with workspace.open_database() as database:
        numbers = act_log.numbers_named(database, written, most=_MOST) if written else []
        found = found_entries(workspace, database, numbers)
        did = act_log.act_of(database, call.query.get("did", ""))
    context = {"written": written, "found": found, "did": did, "topics": topics()}
    context["back"] = f"/find?{urlencode({'q': written})}"
    return Page("find.html", context | _not_stored(call, written, is_found=bool(found)))


def _not_stored(call: Call, written: str, *, is_found: bool) -> dict[str, object]:
    """Of what is not stored: what the filter says of it as a headline, or that a link was never offered by a feed."""
    if not written or is_found:
        return {"judged": (), "is_link": False}
    if _is_link(written):
        return {"judged": (), "is_link": True}
    return {"judged": tuple(explained(judge_pasted(written, "", rules_of(call.desk.feeds)))), "is_link": False}


def _is_link(written: str) -> bool:
    if " " in written:
        return False
    try:
        written_address(written)
    except UsageError:
        return False
    return True


def log(call: Call) -> Answer:
    """Who did what, and when."""
    asked = {name: call.query.get(name, "").strip()[:200] for name in ("who", "about", "below")}
    below = number_in(asked["below"]) or None
    with call.workspace.open_database() as database:
        try:
            found = act_log.read_log(database, below=below, actor=asked["who"], about=asked["about"])
        except UsageError as error:
            return trouble(str(error), 404, "Not found")
        did = act_log.act_of(database, call.query.get("did", ""))
    return Page("log.html", {"log": found, "asked": asked, "did": did, "back": f"/log?{urlencode(asked)}"})


def log_csv(call: Call) -> Answer:
    """The log for a spreadsheet."""
    with call.workspace.open_database() as database:
        found = act_log.read_log(database, most=_MOST_LOGGED)
    return Raw(("\ufeff" + act_log.as_csv(found.acts)).encode(), "text/csv; charset=utf-8", "log.csv")


def preview(call: Call) -> Answer:
    """The front page as it would be now, in a frame."""
    return Page("preview.html")


def preview_page(call: Call) -> Answer:
    """The page in that frame."""
    workspace = call.workspace
    with workspace.open_database() as database:
        page = front_page(workspace, database, now=call.now)
    return Raw(page, "text/html; charset=utf-8", policy=PREVIEW_POLICY)


def preview_static(call: Call) -> Answer:
    """A file that every page of the site uses. It is public on the site, and here too, for the frame has no cookie."""
    files = call.desk.templates.static_files()
    name = f"static/{call.path['file']}"
    if name not in files or not name.endswith((".css", ".svg", ".png")):
        return trouble("There is no such file.", 404, "Not found")
    kinds = {"css": "text/css; charset=utf-8", "svg": "image/svg+xml", "png": "image/png"}
    return Raw(files[name], kinds[name.rpartition(".")[2]], is_public=True)


def month(call: Call) -> Answer:
    """The report of a month: the last one, unless another is asked for."""
    workspace = call.workspace
    with workspace.open_database() as database:
        named = call.query.get("month", "").strip()[:20] or monthly_report.last_month(workspace, database)
        found = monthly_report.monthly_report(workspace, database, named)
    return Page("month.html", {"month": found, "named": named})


def help_page(call: Call) -> Answer:
    """What each page is for, and the keys."""
    return Page("help.html")


def changes(call: Call) -> Answer:
    """The number of the newest act, and what others did since `since`, for a page that is open."""
    after = number_in(call.query.get("since", ""))
    workspace: Workspace = call.workspace
    with workspace.open_database() as database:
        newest = act_log.newest_act(database)
        found = act_log.read_log(database, most=20).acts if newest > after else ()
    others = [act for act in found if act.number > after and act.actor != workspace.actor]
    said = [f"{act.actor.partition(':')[2] or act.actor}: {act.verb}, {act.about}" for act in others]
    return Raw(json.dumps({"newest": newest, "others": said[:5]}).encode(), "application/json")


def style(call: Call) -> Answer:
    """The console's style sheet."""
    return _asset(call, "console.css", "text/css; charset=utf-8")


def script(call: Call) -> Answer:
    """The console's script: keys, decisions without loading the page anew, previews while typing."""
    return _asset(call, "console.js", "text/javascript; charset=utf-8")


def _asset(call: Call, name: str, media_type: str) -> Raw:
    return Raw((call.desk.environment.templates / "console" / name).read_bytes(), media_type, is_public=True)
