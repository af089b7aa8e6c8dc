"""Rules: the filter's phrases, with what a change of them would do to everything that is stored."""

from __future__ import annotations

import difflib

from aggregator.console.call import Answer, Call, Page, Redirect, number_in
from aggregator.errors import AggregatorError, ChangedError
from aggregator.jobs import act_log, curation, feed_changes, rejudge, rules
from aggregator.jobs.curation import masked
from aggregator.jobs.rules import RuleChange

# Judged at once; the rest of the history follows by a second request.
NEWEST = 5000
_EXAMPLES = 20
_VERSIONS = 30


def show(call: Call) -> Answer:
    """The phrases by topic, and the form for a change."""
    now = rules.rules_now(call.desk.feeds)
    call.desk.remember(now.seen, feed_changes.text_of(call.desk.feeds))
    asked = {name: call.query.get(name, "") for name in ("of", "phrase", "topic", "value", "take")}
    workspace = call.workspace
    with workspace.open_database() as database:
        did = act_log.act_of(database, call.query.get("did", ""))
    context = {"now": now, "asked": asked, "did": did, "topics": rules.topics(), "is_same": call.query.get("same") == "1"}
    if not asked["phrase"]:
        return Page("rules.html", context)
    try:
        return Page("rules.html", context | _looked_at(call, _asked(call, from_query=True), newest=NEWEST))
    except AggregatorError as error:
        return Page("rules.html", context | {"change": None, "problem": str(error)}, 400)


def preview(call: Call) -> Answer:
    """What a change would do, as a part of a page: the newest entries first, then all of them."""
    try:
        change = _asked(call)
        newest = None if call.said("reach") == "all" else NEWEST
        return Page("_preview.html", _looked_at(call, change, newest=newest))
    except AggregatorError as error:
        return Page("_preview.html", {"problem": str(error)})


def _asked(call: Call, *, from_query: bool = False) -> RuleChange:
    said = (lambda name: call.query.get(name, "")) if from_query else call.said
    return rules.checked(said("of"), said("phrase"), said("topic"), said("value"), is_removal=bool(said("take")))


def _looked_at(call: Call, change: RuleChange, *, newest: int | None) -> dict[str, object]:
    workspace, path = call.workspace, call.desk.feeds
    text = feed_changes.text_of(path)
    call.desk.remember(curation.digest(text), text)
    found = rules.preview_change(workspace, path, change, newest=newest)
    return {
        "problem": "",
        "seen": curation.digest(text),
        "change": change,
        "found": found,
        "examples": rules.examples(found, _EXAMPLES),
        "is_all": newest is None or found.total <= newest,
        "newest": newest,
        "measured": rules.measured(workspace, path, change),
    }


def apply(call: Call) -> Answer:
    """Make a change, unless somebody else changed the file since the form was opened."""
    change = _asked(call)
    seen = call.said("seen")
    try:
        found = rules.apply_change(call.workspace, call.desk.feeds, change, now=call.now, seen=seen)
    except ChangedError as error:
        before = call.desk.versions.get(seen, "")
        lines = difflib.unified_diff(
            before.splitlines(), error.text.splitlines(), "feeds.yaml as you saw it", "feeds.yaml now", lineterm="", n=2
        )
        context = {
            "change": change,
            "difference": [masked(line) for line in lines] if before else [],
            "is_known": bool(before),
        }
        return Page("changed.html", context, 409)
    return Redirect(f"/rules?did={found.act}" if found.act else "/rules?same=1")


def undo(call: Call) -> Answer:
    """Take back the last change of the rules, if it is the one that somebody saw."""
    found = rejudge.undo(call.workspace, call.desk.feeds, now=call.now, act=number_in(call.said("act")))
    return Redirect(f"/rules?did={found.act}")


def history(call: Call) -> Answer:
    """The last changes of the rules, with their differences."""
    with call.workspace.open_database() as database:
        found = act_log.rule_changes(database, most=_VERSIONS)
    differences = [(act, _difference(*act.change)) for act in found]
    return Page("rules_history.html", {"differences": differences})


def _difference(before: str, after: str) -> list[str]:
    return [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[:1] in "+-"]
