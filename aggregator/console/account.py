"""Signing in and out, choosing a password, one's own account."""

from __future__ import annotations

import secrets

from aggregator.console.call import Answer, Call, Page, Redirect, safe_path, trouble
from aggregator.errors import UsageError
from aggregator.jobs import staff_accounts
from aggregator.jobs.staff_accounts import Refused


def sign_in_page(call: Call) -> Answer:
    """The form for name and password."""
    return Page("sign_in.html", {"problem": "", "name": "", "next": safe_path(call.query.get("next", ""))})


def sign_in(call: Call) -> Answer:
    """Sign in, or say that name and password do not fit, whichever of them is wrong."""
    name, password, to = call.said("name"), _password(call, "password"), safe_path(call.said("next"))
    found = staff_accounts.sign_in(call.desk.staff, name, password, call.address, call.agent, now=call.now)
    if not isinstance(found, Refused):
        return Redirect(to, cookie=found.cookie)
    problem = "Name and password do not fit."
    if found.seconds:
        problem = f"Too many wrong passwords. Try again in {found.seconds} {'second' if found.seconds == 1 else 'seconds'}."
    context = {"problem": problem, "name": name[:60], "next": to}
    return Page("sign_in.html", context, 429 if found.seconds else 401)


def _password(call: Call, name: str) -> str:
    """A password as it was typed: a space at its end belongs to it."""
    values = call.form.get(name, ())
    return values[0] if values else ""


def sign_out(call: Call) -> Answer:
    """End this session."""
    call.desk.staff.end_session(call.cookie)
    return Redirect("/sign-in", cookie="")


def sign_out_everywhere(call: Call) -> Answer:
    """End all sessions of the account."""
    call.desk.staff.end_sessions(call.who)
    return Redirect("/sign-in", cookie="")


def setup_page(call: Call) -> Answer:
    """The form of a one-time link: choose a password."""
    account = call.desk.staff.setup(call.path["secret"], now=call.now)
    if account is None:
        return trouble(
            "This link is no longer valid: it has been used, or is older than a day. Ask for a new one.",
            404,
            "The link is no longer valid",
        )
    return Page("setup.html", {"name": account.name, "secret": call.path["secret"], "problem": ""})


def setup(call: Call) -> Answer:
    """Choose a password, and be signed in."""
    secret, password = call.path["secret"], _password(call, "password")
    account = call.desk.staff.setup(secret, now=call.now)
    if account is None:
        return trouble(
            "This link is no longer valid: it has been used, or is older than a day. Ask for a new one.",
            404,
            "The link is no longer valid",
        )
    try:
        _refuse_different(password, _password(call, "again"))
        found = staff_accounts.choose_password(call.desk.staff, secret, password, call.agent, now=call.now)
    except UsageError as error:
        return Page("setup.html", {"name": account.name, "secret": secret, "problem": str(error)}, 400)
    return Redirect("/", cookie=found.cookie)


def _refuse_different(one: str, other: str) -> None:
    if one != other:
        raise UsageError("The two passwords are not the same.")


def demo(call: Call) -> Answer:
    """Sign the curator of a demo in, by the link that `console --demo` printed."""
    given = call.path["secret"]
    if not call.desk.demo_secret or not secrets.compare_digest(given.encode(), call.desk.demo_secret.encode()):
        return trouble("There is no such page.", 404, "Not found")
    found = staff_accounts.begin_session(call.desk.staff, "demo", call.agent, now=call.now)
    return Redirect("/", cookie=found.cookie)


def account_page(call: Call) -> Answer:
    """Password, keys, sessions."""
    return Page("account.html", {"problem": "", "is_changed": call.query.get("changed") == "1"})


def change_password(call: Call) -> Answer:
    """Give the account a new password; its other sessions end."""
    assert call.session is not None  # noqa: S101 - the route is for those who are signed in
    try:
        _refuse_different(_password(call, "new"), _password(call, "again"))
        staff_accounts.change_password(
            call.desk.staff, call.session, call.cookie, _password(call, "old"), _password(call, "new"), call.address,
            now=call.now,
        )  # fmt: skip
    except UsageError as error:
        return Page("account.html", {"problem": str(error), "is_changed": False}, 400)
    return Redirect("/account?changed=1")


def set_keys(call: Call) -> Answer:
    """Switch single keys on or off (WCAG 2.1.4)."""
    call.desk.staff.set_keys(call.who, are_on=call.said("keys") == "on")
    return Redirect("/account?changed=1")
