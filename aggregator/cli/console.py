"""console, console user: the staff console and its accounts."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Annotated

from typer import Argument, Context, Option, Typer

from aggregator.cli.context import CommandContext, command_context
from aggregator.cli.output import complain, program, say, table
from aggregator.errors import Hint, UsageError
from aggregator.jobs.demo_feeds import is_demo, refuse_demo
from aggregator.jobs.workspace import Store, open_stored, utc_now
from aggregator.text import day_of

app = Typer(invoke_without_command=True)
user = Typer(no_args_is_help=True)
app.add_typer(user, name="user", help="Who may use the console.")
PORT = 8811
Name = Annotated[str, Argument(metavar="NAME", help="The name of the account.")]


def refuse_without_group() -> None:
    """UsageError where what the console needs is not installed."""
    if any(find_spec(name) is None for name in ("starlette", "uvicorn", "multipart", "argon2")):
        raise UsageError(
            "The console needs its dependency group: run `uv run --group console run.py console`, or install it with "
            "`uv sync --group console`."
        )


@app.callback()
def console_command(
    context: Context,
    port: Annotated[int, Option("--port", help="The port to listen on.", min=0, max=65535)] = PORT,
    host: Annotated[str, Option("--host", help="The address to listen on.")] = "127.0.0.1",
    behind_proxy: Annotated[str, Option("--behind-proxy", metavar="HOST", help="Its name behind a server with TLS.")] = "",
    demo: Annotated[bool, Option("--demo", help="Sign a demo's curator in by a link.")] = False,
) -> None:
    """Open the staff console for the browser.

    It listens on this machine only; a web server with TLS makes it known elsewhere. Stop it with Ctrl+C.
    """
    if context.invoked_subcommand is not None:
        return
    refuse_without_group()
    from aggregator.console.server import bind  # noqa: PLC0415 - the console is a dependency group of its own

    place = command_context(context)
    with _stored(place, is_for_demo=demo):
        pass
    bound = bind(
        place.environment, host=host, port=port, behind_proxy=behind_proxy.strip(), is_demo=demo, clock=utc_now
    )  # fmt: skip
    say(f"{bound.url}demo/{bound.desk.demo_secret}" if demo else bound.url)
    complain("Stop with Ctrl+C." if demo or bound.desk.staff.accounts() else _no_accounts())
    sys.stdout.flush()
    bound.serve()


def _no_accounts() -> str:
    return f"Nobody has an account yet: `{program()} console user add NAME --role curator` makes one. Stop with Ctrl+C."


def _stored(place: CommandContext, *, is_for_demo: bool) -> Store:
    """The store that the console shows. UsageError for a demo's console on what no demo made, and the other way round."""
    data = place.environment.data
    if is_for_demo and not is_demo(data):
        raise UsageError(f"{data} was not made by a demo: run `{program()} demo` first, and name its folder with --data.")
    if not is_for_demo:
        refuse_demo(data)
    return open_stored(data, place.zone)


@user.command("add")
def add_command(
    context: Context,
    name: Name,
    role: Annotated[str, Option("--role", help="curator decides, reader looks.")] = "curator",
) -> None:
    """Add an account, and print a link to choose its password by.

    The link works once, for one day.
    """
    staff_accounts = _accounts()
    _say_link(staff_accounts.add_account(staff_accounts.open_staff(_data(context)), name, role, now=utc_now()))


@user.command("reset")
def reset_command(context: Context, name: Name) -> None:
    """Print a new link for somebody who forgot their password."""
    staff_accounts = _accounts()
    _say_link(staff_accounts.reset_account(staff_accounts.open_staff(_data(context)), name, now=utc_now()))


def _accounts() -> ModuleType:
    """The job, which needs the console's dependency group."""
    refuse_without_group()
    from aggregator.jobs import staff_accounts  # noqa: PLC0415 - see above

    return staff_accounts


def _data(context: Context) -> Path:
    """The data folder, which must be there: an account in a folder that nothing else uses would help nobody."""
    data = command_context(context).environment.data
    if not data.is_dir():
        raise UsageError(f"There is no folder {data}.", hint=Hint.REFRESH_FIRST)
    return data


def _say_link(secret: str) -> None:
    say(f"/setup/{secret}")
    complain(
        "Send this link to its owner, behind the address of your console "
        f"(http://127.0.0.1:{PORT} is the usual one). It is good once, for one day."
    )


@user.command("list")
def list_command(context: Context) -> None:
    """Who has an account."""
    zone = command_context(context).zone
    accounts = _accounts().open_staff(_data(context)).accounts()
    rows = [(one.name, one.role, day_of(one.added_at, zone), one.state) for one in accounts]
    if not rows:
        complain("Nobody has an account yet.")
        return
    table(("Name", "Role", "Since", "State"), rows)


@user.command("disable")
def disable_command(context: Context, name: Name) -> None:
    """Sign somebody out at once, for good."""
    staff_accounts = _accounts()
    disabled = staff_accounts.disable_account(staff_accounts.open_staff(_data(context)), name, now=utc_now())
    say(f"{disabled} is signed out and can no longer sign in.")
