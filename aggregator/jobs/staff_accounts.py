"""Who may use the console: accounts added by operators, people signed in and out."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from pathlib import Path
from typing import TypeAlias

from aggregator.errors import UsageError
from aggregator.staff import passwords, rules, store
from aggregator.staff.store import Account, StaffStore

# What callers of this job hand on.
Session: TypeAlias = store.Session
Staff: TypeAlias = store.StaffStore
ROLES = ("curator", "reader")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: its cookie, and the token of its forms."""

    cookie: str
    token: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Nobody was signed in; after `seconds` they may try again."""

    seconds: int = 0


def open_staff(data: Path) -> StaffStore:
    """The accounts of a data folder; StoreError where they cannot be opened."""
    return StaffStore(data / "console.db")


# ---- operators -------------------------------------------------------------------------------------------------------


def add_account(staff: StaffStore, written: str, role: str, *, now: datetime) -> str:
    """Add an account; the secret of a link that is good for one day and once, by which its owner chooses a password.
    UsageError where the name or the role cannot be, or there is such an account."""
    name = rules.account_name(written)
    if role not in ROLES:
        raise UsageError(f"“{role}” is not a role; the roles are {' and '.join(ROLES)}.")
    known = staff.account(name)
    if known is not None and known.disabled_at is None:
        raise UsageError(f"There is an account “{name}” already.")
    staff.add(name, role, now=now)
    return _setup_link(staff, name, now=now)


def reset_account(staff: StaffStore, written: str, *, now: datetime) -> str:
    """The secret of a new link for somebody who forgot their password. What they have works until it is used."""
    return _setup_link(staff, _known(staff, written).name, now=now)


def disable_account(staff: StaffStore, written: str, *, now: datetime) -> str:
    """Sign somebody out at once, for good; their name."""
    name = _known(staff, written).name
    staff.disable(name, now=now)
    return name


def _known(staff: StaffStore, written: str) -> Account:
    account = staff.account(written.strip().casefold())
    if account is None or account.disabled_at is not None:
        raise UsageError(f"There is no account “{written}”.")
    return account


def _setup_link(staff: StaffStore, name: str, *, now: datetime) -> str:
    secret = secrets.token_urlsafe(32)
    staff.add_setup(name, secret, now + rules.SETUP)
    return secret


# ---- people ----------------------------------------------------------------------------------------------------------


def choose_password(staff: StaffStore, secret: str, password: str, agent: str, *, now: datetime) -> SignedIn:
    """Set the password of the account whose link this is, and sign in. UsageError where the link is used or too old, or the
    password cannot be one; the link stays good then."""
    account = staff.setup(secret, now=now)
    if account is None:
        raise UsageError("This link is no longer valid: it has been used, or is older than a day. Ask for a new one.")
    hashed = passwords.hashed(rules.checked_password(password, account.name))
    if staff.use_setup(secret, now=now) is None:
        raise UsageError("This link is no longer valid: it has been used, or is older than a day. Ask for a new one.")
    staff.set_password(account.name, hashed)
    return begin_session(staff, account.name, agent, now=now)


def sign_in(staff: StaffStore, name: str, password: str, address: str, agent: str, *, now: datetime) -> SignedIn | Refused:
    """Sign somebody in by name and password. Whether the name exists can be told neither from the answer nor from how long
    it takes; who failed often waits."""
    who = name.strip().casefold()[:60]
    keys = (f"name {who}", f"address {address}")
    wait = rules.seconds_to_wait(staff.failures(keys[0]), staff.failures(keys[1]), now=now)
    if wait:
        return Refused(wait)
    account = staff.account(who)
    is_known = account is not None and account.disabled_at is None
    stored = account.password if account is not None and is_known else ""
    if not passwords.matches(stored, rules.normal_password(password)[: rules.MOST_LETTERS + 1]) or account is None:
        staff.add_failure(keys, now=now, since=now - rules.COUNTED_FOR)
        return Refused()
    staff.forget_failures(keys[0])
    return begin_session(staff, account.name, agent, now=now)


def begin_session(staff: StaffStore, name: str, agent: str, *, now: datetime) -> SignedIn:
    """A session of this account, under a new cookie."""
    signed_in = SignedIn(secrets.token_urlsafe(32), secrets.token_urlsafe(32))
    staff.begin_session(name, signed_in.cookie, signed_in.token, agent, now=now)
    return signed_in


def session_of(staff: StaffStore, cookie: str, *, now: datetime, is_used: bool = True) -> Session | None:
    """The session of a cookie, which `is_used` by that unless a page asks by itself; None where there is none, or it lasted
    too long: it has ended then, whatever the clock says later."""
    if not cookie or len(cookie) > 200:
        return None
    session = staff.session(cookie)
    if session is None:
        return None
    if not rules.is_alive(session.begun_at, session.seen_at, now=now):
        staff.end_session(cookie)
        return None
    # Written once a minute at most: reading a page is no reason to wait for a disk.
    if is_used and abs((now - session.seen_at).total_seconds()) > 60:
        staff.touch(cookie, now=now)
    return session


def change_password(
    staff: StaffStore, session: Session, cookie: str, old: str, new: str, address: str, *, now: datetime
) -> None:
    """Give the account a new password; its other sessions end. UsageError where the old one is wrong."""
    keys = (f"name {session.account.name}", f"address {address}")
    wait = rules.seconds_to_wait(staff.failures(keys[0]), staff.failures(keys[1]), now=now)
    if wait:
        raise UsageError(f"Too many wrong passwords. Try again in {wait} seconds.")
    if not passwords.matches(session.account.password, rules.normal_password(old)[: rules.MOST_LETTERS + 1]):
        staff.add_failure(keys, now=now, since=now - rules.COUNTED_FOR)
        raise UsageError("The old password is not right.")
    hashed = passwords.hashed(rules.checked_password(new, session.account.name))
    staff.set_password(session.account.name, hashed, keep=cookie)


def is_token(session: Session, given: str) -> bool:
    """Whether a form was made for this session."""
    return compare_digest(session.token.encode(), given.encode("utf-8", "surrogatepass"))
