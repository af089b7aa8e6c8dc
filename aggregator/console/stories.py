"""Stories: events that several sources told, and reports that are probably about a stored study."""

from __future__ import annotations

from aggregator.console.call import Answer, Call, Page, safe_path, trouble
from aggregator.jobs import act_log, studies
from aggregator.jobs.today import one_entry, several_reports


def show(call: Call) -> Answer:
    """The stories that several entries tell, and what may be joined."""
    workspace = call.workspace
    with workspace.open_database() as database:
        found = several_reports(workspace, database, now=call.now)
        offered = studies.offered(database, now=call.now)
        did = act_log.act_of(database, call.query.get("did", ""))
    return Page("stories.html", {"stories": found, "offered": offered, "did": did, "back": "/stories"})


def choose_split(call: Call) -> Answer:
    """The two stories that there would be if an entry left its story."""
    workspace = call.workspace
    with workspace.open_database() as database:
        one = one_entry(workspace, database, call.number("entry"))
    if one is None:
        return trouble("No stored entry has this number.", 404, "Not found")
    return Page("split.html", {"one": one, "back": safe_path(call.query.get("back", ""))})
