"""People: who gets the newsletter, as counts, and the messages that a person must look at."""

from __future__ import annotations

from importlib.util import find_spec

from aggregator.console.call import Answer, Call, Page, Redirect, number_in, trouble
from aggregator.values.environment import has_subscribers


def _is_set_up(call: Call) -> bool:
    """Whether this machine can read the list: the key and the newsletter's dependency group are there."""
    return has_subscribers(call.desk.environment) and find_spec("cryptography") is not None


def show(call: Call) -> Answer:
    """The counts; for curators the messages too."""
    if not _is_set_up(call):
        return Page("people.html", {"view": None})
    from aggregator.jobs.people import people_view  # noqa: PLC0415 - needs the newsletter's dependency group

    return Page("people.html", {"view": people_view(call.desk.environment, call.workspace)})


def done(call: Call) -> Answer:
    """A curator has looked at a message."""
    if not _is_set_up(call):
        return trouble("The list of subscribers is not set up here.", 404)
    from aggregator.jobs.subscribers import finish_message, open_subscribers  # noqa: PLC0415 - see above

    desk = open_subscribers(call.desk.environment, call.workspace)
    finish_message(desk, number_in(call.path["message"]), now=call.now)
    return Redirect("/people")
