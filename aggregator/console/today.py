"""Today, and the decisions about entries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

from aggregator.console.call import Answer, Call, Page, Redirect, safe_path, trouble
from aggregator.jobs import act_log, curation, regroup, rules, staff_decision
from aggregator.jobs.rules import RuleChange, topics
from aggregator.jobs.staff_decision import Decided
from aggregator.jobs.today import found_entries, one_entry, today
from aggregator.values.entries import FoundEntry
from aggregator.values.enums import Decision


def show(call: Call) -> Answer:
    """The three lists."""
    workspace = call.workspace
    with workspace.open_database() as database:
        found = today(workspace, database, now=call.now)
        did = act_log.act_of(database, call.query.get("did", ""))
    return Page("today.html", {"today": found, "did": did, "topics": topics(), "back": "/"})


def show_entry(call: Call) -> Answer:
    """One entry with everything that is known of it."""
    workspace = call.workspace
    with workspace.open_database() as database:
        found = one_entry(workspace, database, call.number("entry"))
        did = act_log.act_of(database, call.query.get("did", ""))
        if found is None:
            return trouble("No stored entry has this number.", 404, "Not found")
        log = act_log.read_log(database, about=str(found.found.number))
    return Page(
        "entry.html",
        {"one": found, "did": did, "log": log.acts, "topics": topics(), "back": f"/entries/{found.found.number}"},
    )


def decide(call: Call) -> Answer:
    """Hide, show, accept or reject an entry, give it other topics, or take it out of its story."""
    workspace, entry, now = call.workspace, str(call.number("entry")), call.now
    verbs: dict[str, Callable[[], Decided[Any]]] = {
        "hide": lambda: curation.decide(workspace, entry, Decision.HIDE, now=now),
        "show": lambda: curation.forget(workspace, entry, now=now),
        "accept": lambda: curation.decide(workspace, entry, Decision.ACCEPT, now=now, must_wait=True),
        "reject": lambda: curation.decide(workspace, entry, Decision.HIDE, now=now, must_wait=True),
        "topics": lambda: curation.set_topics(workspace, entry, _topics(call), now=now),
        "split": lambda: regroup.split(workspace, entry, now=now),
    }
    verb = call.path["verb"]
    if verb not in verbs:
        return trouble("There is no such decision.", 404, "Not found")
    return _done(call, verbs[verb]().act)


def _topics(call: Call) -> list[str] | None:
    return None if call.said("whose") == "filter" else list(call.form.get("topic", ()))


def choose_partner(call: Call) -> Answer:
    """Choose what an entry's story is merged with; what the story would be then."""
    workspace, written = call.workspace, call.query.get("with", "").strip()
    with workspace.open_database() as database:
        one = one_entry(workspace, database, call.number("entry"))
        if one is None:
            return trouble("No stored entry has this number.", 404, "Not found")
        partners = []
        if written:
            numbers = act_log.numbers_named(database, written)
            partners = [
                found for found in found_entries(workspace, database, numbers) if found.found.number != one.found.number
            ]
    return Page(
        "merge.html", {"one": one, "written": written, "partners": partners, "back": safe_path(call.query.get("back", ""))}
    )


def merge(call: Call) -> Answer:
    """Make the stories of two entries one."""
    decided = regroup.merge(call.workspace, str(call.number("entry")), call.said("with"), now=call.now)
    return _done(call, decided.act)


def undo(call: Call) -> Answer:
    """Take back an act of the log."""
    return _done(call, staff_decision.undo(call.workspace, call.number("act"), now=call.now).act)


def never_from(call: Call) -> Answer:
    """Go on to the page Rules, which shows what it would do that nothing of an entry's publisher is shown."""
    return _to_rules(call, rules.never_from)


def let_in(call: Call) -> Answer:
    """Go on to the page Rules, which shows what it would do that an entry is always shown."""
    return _to_rules(call, rules.always)


def _to_rules(call: Call, change_for: Callable[[FoundEntry], RuleChange]) -> Answer:
    workspace = call.workspace
    with workspace.open_database() as database:
        one = one_entry(workspace, database, call.number("entry"))
    if one is None:
        return trouble("No stored entry has this number.", 404, "Not found")
    change = change_for(one.found)
    return Redirect(f"/rules?{urlencode({'of': change.of, 'phrase': change.phrase, 'value': change.value})}")


def _done(call: Call, act: int) -> Redirect:
    """Back to the page on which the decision was made, with the bar that offers to undo it."""
    path, _, asked = safe_path(call.said("back")).partition("?")
    kept = [(name, value) for name, value in parse_qsl(asked) if name != "did"]
    return Redirect(f"{path}?{urlencode([*kept, ('did', act)])}")
