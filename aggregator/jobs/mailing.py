"""Send an issue: claim, send, mark. Never twice to anybody, nobody lost in silence, whatever is killed, cut or copied."""

from __future__ import annotations

import hashlib
import os
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from aggregator.errors import AlreadySendingError, Hint, StoreError, UsageError
from aggregator.jobs.deliveries import NO_ENCRYPTION, NO_SENDER, NO_SERVER, NO_SIGNUP
from aggregator.jobs.issues import letter_site, pull
from aggregator.jobs.subscribers import SubscriberDesk
from aggregator.jobs.workspace import Clock, Store, Workspace
from aggregator.newsletter.envelope import Composed, Sender, compose, message_id
from aggregator.newsletter.issue import has_something, wanted
from aggregator.newsletter.letter import letter_of
from aggregator.newsletter.verp import verp_address
from aggregator.render.templates import Templates
from aggregator.smtp import Delivery, MailServer, Outcome, PasswordInClearError
from aggregator.subscribers import mailings, people
from aggregator.subscribers.addresses import address_in
from aggregator.subscribers.database import Rows, Session
from aggregator.subscribers.people import Person
from aggregator.values.environment import Environment
from aggregator.values.issues import Issue, IssueRecord, MailingState, Period
from aggregator.values.subscribers import Frequency, Wishes

_FREQUENCY = {Period.WEEK: Frequency.WEEKLY, Period.MONTH: Frequency.MONTHLY}
# After so long a person must say that what is left of an issue is still to be sent.
TOO_LATE = timedelta(hours=48)
# Seconds that a server may take to look through a letter.
_PATIENCE = 600.0
# So many letters refused in a row are no matter of their recipients.
_MOST_REFUSED = 10
# How often what was withdrawn is looked for while letters go out.
_LOOK = timedelta(minutes=5)
# So many different wishes are remembered with their letters.
_MOST_LETTERS = 300
# How often a lost connection is made again before the rest is left for later, and the seconds before each.
_RECONNECTS = (0.5, 2.0, 5.0)
_GUARD = "newsletter.guard"
# Seconds between letters that are no wait: the mark of one then goes with the claim of the next.
_SHORT = 0.05


class Transport(Protocol):
    """What takes a message for one recipient, and says what is known about it."""

    def send(self, sender: str, recipient: str, content: bytes) -> Outcome:
        """Hand over one message."""


OpenTransport = Callable[[], AbstractContextManager[Transport]]


@dataclass
class Sent:
    """What a run did: letters by outcome, how the sending stands, the titles that were taken out, and a sentence where it
    could not go on. `next_at` is when the next letter is to be tried again."""

    outcomes: dict[str, int] = field(default_factory=dict)
    state: MailingState = MailingState.SENDING
    tally: dict[str, int] = field(default_factory=dict)
    pulled: tuple[str, ...] = ()
    problem: str = ""
    answer: str = ""
    next_at: datetime | None = None

    def count(self, outcome: str) -> None:
        """One more."""
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1


def smtp(environment: Environment) -> OpenTransport:
    """The mail server of the environment; UsageError where none is set."""
    address = environment.smtp_url
    if address is None:
        raise UsageError(NO_SERVER)
    return lambda: MailServer(address, patience=_PATIENCE)


class MailFolder:
    """A folder that gets each message as a file, for its owner only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, _sender: str, _recipient: str, content: bytes) -> Outcome:
        """Write one message under its Message-ID."""
        head = content.partition(b"\r\n\r\n")[0].decode("ascii", "replace")
        name = next(line[13:].split("@")[0] for line in head.split("\r\n") if line.startswith("Message-ID: <"))
        path, fresh = self._folder / f"{name}.eml", self._folder / f".{name}.{os.getpid()}"
        try:
            fresh.touch(mode=0o600)
            fresh.write_bytes(content)
            fresh.replace(path)
        except OSError as error:
            return Outcome(Delivery.LATER, f"{error.strerror}", is_lost=True)
        return Outcome(Delivery.SENT, "250 written")


def folder(path: Path) -> OpenTransport:
    """A folder of messages; UsageError where it cannot be made."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise UsageError(f"{path} cannot be made: {error.strerror}.") from error

    @contextmanager
    def opened() -> Iterator[Transport]:
        yield MailFolder(path)

    return opened


def start(environment: Environment, number: int) -> None:
    """Send an issue in a process of its own, which the one that starts it may outlive or not; what it says goes to
    newsletter.log in the data folder. StoreError where it cannot be started."""
    program = Path(__file__).resolve().parents[2] / "run.py"
    where = {"AGGREGATOR_FEEDS": str(environment.feeds), "AGGREGATOR_DATA": str(environment.data)}
    try:
        with (environment.data / "newsletter.log").open("ab") as log:
            subprocess.Popen(  # noqa: S603 - this program, with a number
                [sys.executable, str(program), "newsletter", "send", str(number)], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True, env=os.environ | where,
            )  # fmt: skip
    except OSError as error:
        raise StoreError(f"The sending cannot be started: {error.strerror}.") from error


# ---- send ------------------------------------------------------------------------------------------------------------


def send(
    desk: SubscriberDesk, workspace: Workspace, database: Store, environment: Environment, number: int, *,
    open_transport: OpenTransport, clock: Clock, is_sure: bool = False, told: Callable[[int, int], None] = lambda *_: None,
    on_pulled: Callable[[tuple[str, ...]], None] = lambda _: None, sleep: Callable[[float], None] = time.sleep,
) -> Sent:  # fmt: skip
    """Send an approved issue to whoever wants it, or go on with that. `on_pulled` is told at once which stories were taken
    out. AlreadySendingError where another process is at it;
    UsageError where it is not approved, paused or cancelled, or where a person must say first that it is right: the list is
    a copy or an older one, or what is left is older than two days (`is_sure` says so)."""
    sender = sender_of(workspace, environment)
    with _alone(desk):
        done = Sent()

        def look() -> IssueRecord:
            """Take out what was withdrawn."""
            with desk.store.reading() as rows:
                has_begun = mailings.mailing_of(rows, number) is not None
            record, gone = pull(workspace, database, number, has_begun=has_begun)
            done.pulled += gone
            if gone:
                on_pulled(gone)
            return record

        record = look()
        guard = _begin(desk, record, is_sure=is_sure, now=clock())
        letters = _Letters(workspace, record.issue, sender, desk.store.vault.find, clock)
        run = _Run(desk, letters, number, workspace, guard, clock, sleep, told, look)
        run.all(open_transport, done)
        _finish(desk, number, done, now=clock())
    return done


def sender_of(workspace: Workspace, environment: Environment) -> Sender:
    """Whom letters are from; UsageError where that or the address of sign-up is missing."""
    name, written = parseaddr(environment.mail_from or workspace.settings.site.contact or "")
    address = address_in(written)
    if not address or not address.isascii():
        raise UsageError(NO_SENDER)
    signup = letter_site(workspace).signup
    if not signup:
        raise UsageError(NO_SIGNUP)
    if not signup.isascii():
        raise UsageError("No letter can be sent: write “signup.url” in feeds.yaml with ASCII letters only (xn--…).")
    return Sender(name, address, workspace.settings.site.title, signup)


def _begin(desk: SubscriberDesk, record: IssueRecord, *, is_sure: bool, now: datetime) -> _Guard:
    """Begin the sending or go on with it, if that is right; who is to get it is settled once."""
    number = record.issue.number
    guard = _Guard(desk.data / _GUARD)
    with desk.store.writing() as rows:
        code, claims = mailings.guard_of(rows)
        if guard.is_another(code, claims):
            if not is_sure:
                raise UsageError(
                    "The list of subscribers is a copy, or older than the one that was last sent from, or this is another "
                    "machine. If the other one is still used, or the copy is older than the last issue, people would get "
                    "letters twice.",
                    hint=Hint.SEND_ALL_THE_SAME,
                )
            code, claims = mailings.renew_guard(rows, claims=max(claims, guard.claims))
        mailing = mailings.mailing_of(rows, number)
        if mailing is None:
            audience = _audience(rows, record.issue)
            if not audience:
                raise UsageError(
                    f"Nobody on the list wants the newsletter every {record.issue.period} yet; issue {number} stays unsent."
                )
            mailings.begin(rows, number, record.made_at, record.digest, audience, now=now)
        else:
            _refuse_wrong(mailing, record, is_sure=is_sure, now=now)
            mailings.approve_again(rows, number, record.digest)
            mailings.settle(rows, number)
            mailings.set_state(rows, number, MailingState.SENDING, now=now)
    guard.write(code, claims)
    return guard


def _refuse_wrong(mailing: mailings.Mailing, record: IssueRecord, *, is_sure: bool, now: datetime) -> None:
    number = record.issue.number
    if mailing.made_at != record.made_at:
        raise UsageError(
            f"Another issue went out under the number {number} already (the store of the news was restored or made anew). "
            "Cancel this one and draft it again; it gets another number."
        )
    if mailing.state is MailingState.DONE:
        raise UsageError(f"Issue {number} was sent to everybody.")
    if mailing.state is MailingState.CANCELLED:
        raise UsageError(f"The sending of issue {number} was cancelled.")
    if mailing.state is MailingState.PAUSED:
        raise UsageError(f"The sending of issue {number} is paused.", hint=Hint.RESUME_SENDING)
    if now - mailing.touched_at > TOO_LATE and not is_sure:
        raise UsageError(
            f"Issue {number} was last sent from more than two days ago. What is left of it may be no news any more.",
            hint=Hint.SEND_ALL_THE_SAME,
        )


def _audience(rows: Rows, issue: Issue) -> list[int]:
    frequency = _FREQUENCY[issue.period]
    return [
        one.id for one in people.everybody(rows) if one.state == "confirmed" and one.wishes.frequency is frequency
    ]  # fmt: skip


class _Guard:
    """A file beside the list that knows which list was sent from on this machine, and how many letters were ever claimed:
    a copy or an older one is noticed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            parts = path.read_text("ascii").split()
        except (OSError, UnicodeError):
            parts = []
        self.code, self.host, count = parts if len(parts) == 3 else ("", "", "0")
        self.claims = int(count) if count.isdigit() else 0
        self._file, self._here = -1, _here(path)

    def is_another(self, code: str, claims: int) -> bool:
        """Whether the list is another than the one that this machine sent from, or older. A new list is none."""
        if not self.code:
            return claims > 0
        return (code, self._here) != (self.code, self.host) or claims < self.claims

    def write(self, code: str, claims: int) -> None:
        """Remember this list. StoreError where the file cannot be written."""
        self.code, self.claims, self.host = code, claims, self._here
        try:
            if self._file < 0:
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            os.pwrite(self._file, f"{code} {self.host} {claims:012}\n".encode("ascii"), 0)
        except OSError as error:
            raise StoreError(f"{self._path} cannot be written: {error.strerror}.") from error

    def claimed(self) -> None:
        """One more letter was claimed, and that is stored."""
        self.write(self.code, self.claims + 1)

    def close(self) -> None:
        """Close the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _here(path: Path) -> str:
    """By what this machine and the folder of a list are known: a copy in another folder is another list."""
    place = f"{_host()} {path.resolve().parent}"
    return hashlib.blake2b(place.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()


def _host() -> str:
    """By what this machine is known: its identity (machine-id(5)), else its name."""
    try:
        found = Path("/etc/machine-id").read_text("ascii").strip()
    except (OSError, UnicodeError):
        found = ""
    return found or socket.gethostname()


class _Letters:
    """The letters of an issue: each made once for all who have the same wishes."""

    def __init__(self, workspace: Workspace, issue: Issue, sender: Sender, key: bytes, clock: Clock) -> None:
        self.sender, self._workspace, self._issue, self._key = sender, workspace, issue, key
        # No text of a feed can contain it, so nobody's secret gets into a feed's address.
        self._secret = f"0{os.urandom(10).hex()}0"
        self._about, self._templates = letter_site(workspace), Templates(workspace.templates)
        self._made: dict[Wishes, Composed | None] = {}
        self._clock = clock

    def renew(self, issue: Issue) -> None:
        """Tell another content from now on."""
        if issue != self._issue:
            self._issue = issue
            self._made.clear()

    def for_person(self, person: Person) -> bytes | None:
        """The message for somebody; None where nothing is on their topics. PublishError where the template cannot be
        rendered."""
        wishes = replace(
            person.wishes, topics=tuple(sorted(person.wishes.topics)), on_paper=False, frequency=Frequency.WEEKLY
        )  # fmt: skip
        if wishes not in self._made:
            if len(self._made) >= _MOST_LETTERS:
                self._made.clear()
            self._made[wishes] = self._composed(wishes)
        composed, number = self._made[wishes], self._issue.number
        return composed.to(person.address, person.token, message_id(number, person.id, self._key)) if composed else None

    def _composed(self, wishes: Wishes) -> Composed | None:
        theirs = wanted(self._issue, wishes.topics)
        if not has_something(theirs):
            return None
        letter = letter_of(theirs, wishes, self._about, self._templates, secret=self._secret)
        return compose(letter, self.sender, issue=self._issue.number, now=self._clock())


@dataclass
class _Run:
    """One sending process: one connection, one letter at a time, each in a transaction with the mark of the one before."""

    desk: SubscriberDesk
    letters: _Letters
    number: int
    workspace: Workspace
    guard: _Guard
    clock: Clock
    sleep: Callable[[float], None]
    told: Callable[[int, int], None]
    look: Callable[[], IssueRecord]
    total: int = 0
    # Who was refused since a letter was taken, and when what was withdrawn was last looked for.
    refused: list[int] = field(default_factory=list)
    looked_at: datetime | None = None

    def all(self, open_transport: OpenTransport, done: Sent) -> None:
        """Send whatever is due, over as many connections as it takes; what a broken one leaves is for later."""
        waits = iter(_RECONNECTS)
        try:
            with self.desk.store.session() as session:
                with session.writing() as rows:
                    self.total = mailings.tally(rows, self.number).get("todo", 0)
                while True:
                    before = done.outcomes.get("sent", 0)
                    if not self._over_one_connection(open_transport, session, done):
                        return
                    if done.outcomes.get("sent", 0) > before:
                        waits = iter(_RECONNECTS)
                    pause = next(waits, None)
                    if pause is None:
                        done.problem = f"The mail server breaks off ({done.answer}). The rest is sent later."
                        return
                    self.sleep(pause)
        finally:
            self.guard.close()

    def _over_one_connection(self, open_transport: OpenTransport, session: Session, done: Sent) -> bool:
        """Send what is due; whether another connection is needed for the rest."""
        if not self._is_due(session):
            return False
        with ExitStack() as stack:
            try:
                transport = stack.enter_context(open_transport())
            except PasswordInClearError:
                done.problem = NO_ENCRYPTION
                return False
            except (OSError, smtplib.SMTPException, ValueError) as error:
                done.answer = " ".join(str(error).split())[:200] or type(error).__name__
                return True
            return self._loop(transport, session, done)

    def _is_due(self, session: Session) -> bool:
        with session.writing() as rows:
            due = mailings.next_due(rows, self.number)
            return mailings.is_sending(rows, self.number) and due is not None and due <= self.clock()

    def _loop(self, transport: Transport, session: Session, done: Sent) -> bool:
        pause = 60 / self.workspace.settings.newsletter.a_minute
        last: tuple[Person, Outcome] | None = None
        while True:
            began = time.monotonic()
            person, content = self._next(session, last, done)
            if last is not None and last[1].is_lost:
                return True
            if person is None or content is None:
                return False
            outcome = transport.send(self._envelope(person), person.address, content)
            done.count(outcome.delivery.value)
            self.told(sum(done.outcomes.values()), self.total)
            if outcome.delivery is not Delivery.SENT:
                done.answer = outcome.answer
            if self._is_refused_too_often(session, person, outcome, done):
                return False
            last = (person, outcome)
            if (left := pause - (time.monotonic() - began)) > _SHORT:
                # What is known is kept before the wait: the process may end in it.
                with session.writing() as rows:
                    self._mark(rows, *last)
                last = None if not outcome.is_lost else last
                self.sleep(left)

    def _is_refused_too_often(self, session: Session, person: Person, outcome: Outcome, done: Sent) -> bool:
        """Whether the server refuses everybody: then nobody of them counts as refused, and the rest waits."""
        if outcome.delivery is not Delivery.REFUSED:
            self.refused.clear()
            return False
        self.refused.append(person.id)
        if len(self.refused) < _MOST_REFUSED:
            return False
        with session.writing() as rows:
            mailings.resolve(rows, self.number, self.refused[:-1], "todo", was="refused", now=self.clock() + _LOOK)
            mailings.give_back(rows, self.number, person.id, now=self.clock())
        done.outcomes["refused"] -= len(self.refused)
        done.problem = f"The mail server refused {_MOST_REFUSED} letters in a row ({done.answer}). They and the rest wait."
        return True

    def _next(self, session: Session, last: tuple[Person, Outcome] | None, done: Sent) -> tuple[Person | None, bytes | None]:
        """Mark the last letter, claim the next, and write it: who has nothing to read is skipped."""
        self._look_again()
        while True:
            with session.writing() as rows:
                if last is not None:
                    self._mark(rows, *last)
                is_lost = last is not None and last[1].is_lost
                may = not is_lost and mailings.is_sending(rows, self.number)
                person = mailings.claim(rows, self.number, now=self.clock()) if may else None
            last = None
            if person is None:
                return None, None
            try:
                self.guard.claimed()
                content = self.letters.for_person(person) if person.address.isascii() else None
            except BaseException:
                self._return(session, person)
                raise
            if content is not None:
                return person, content
            state = "skipped" if person.address.isascii() else "refused"
            with session.writing() as rows:
                mailings.mark(rows, self.number, person.id, state, now=self.clock())
            done.count(state)

    def _look_again(self) -> None:
        """Take out, from time to time, what was withdrawn since the sending began."""
        now = self.clock()
        if self.looked_at is not None and now - self.looked_at >= _LOOK:
            self.letters.renew(self.look().issue)
        if self.looked_at is None or now - self.looked_at >= _LOOK:
            self.looked_at = now

    def _return(self, session: Session, person: Person) -> None:
        with session.writing() as rows:
            mailings.give_back(rows, self.number, person.id, now=self.clock())

    def _mark(self, rows: Rows, person: Person, outcome: Outcome) -> None:
        code, now = outcome.answer[:3] if outcome.answer[:3].isdigit() else "", self.clock()
        if outcome.delivery is not Delivery.LATER:
            mailings.mark(rows, self.number, person.id, outcome.delivery.value, code=code, now=now)
        elif outcome.is_lost:
            mailings.give_back(rows, self.number, person.id, now=now)
        else:
            mailings.put_off(rows, self.number, person.id, code=code, now=now)

    def _envelope(self, person: Person) -> str:
        """The address that a bounce of this letter comes to."""
        base = self.workspace.settings.signup.bounces
        if base is None:
            return self.letters.sender.address
        return verp_address(base, self.number, person.id, self.desk.store.vault.find)


def settle_left_over(desk: SubscriberDesk) -> None:
    """Where no process sends: what one had claimed when it was killed is unknown."""
    try:
        with _alone(desk), desk.store.writing() as rows:
            for issue in mailings.with_claims(rows):
                mailings.settle(rows, issue)
    except AlreadySendingError:
        return


def _finish(desk: SubscriberDesk, number: int, done: Sent, *, now: datetime) -> None:
    with desk.store.writing() as rows:
        mailings.settle(rows, number)
        done.next_at = mailings.next_due(rows, number)
        mailing = mailings.mailing_of(rows, number)
        is_open = mailing is not None and mailing.state is MailingState.SENDING
        if is_open:
            done.state = MailingState.SENDING if done.next_at else MailingState.DONE
            mailings.set_state(rows, number, done.state, now=now)
        elif mailing is not None:
            done.state = mailing.state
        done.tally = mailings.tally(rows, number)


@contextmanager
def _alone(desk: SubscriberDesk) -> Iterator[None]:
    """One sender at a time. The kernel holds the lock, so a killed one leaves none behind."""
    lock = FileLock(desk.data / "newsletter.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise AlreadySendingError from error
    try:
        yield
    finally:
        lock.release()
