"""Who gets the newsletter: ask, confirm, change, move, leave. Whatever is asked for an address, the answer is the same
whether it is on the list or not, and nothing counts before its owner confirms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, TypeAlias

from aggregator.errors import UsageError
from aggregator.jobs.workspace import Workspace
from aggregator.subscribers import copies, people, queue, seen, vault, wordings
from aggregator.subscribers.addresses import address_in, addresses_in
from aggregator.subscribers.database import Rows, SubscriberStore
from aggregator.subscribers.people import Request
from aggregator.subscribers.vault import read_keys
from aggregator.topics import vocabulary
from aggregator.values.environment import Environment
from aggregator.values.subscribers import Door, Frequency, Wishes

# What callers of this job hand on.
Subscribers: TypeAlias = "SubscriberDesk"
# How long what is kept besides the list is kept.
_NETWORKS, _MESSAGES = timedelta(days=30), timedelta(days=90)
_JOURNAL = timedelta(days=30)
LONGEST_POSTAL = 500
# Letters a day to one mailbox under all its names.
_MOST_TO_ONE = 3
# Letters to one address within 90 days, for who asks to leave: nobody is kept on the list by a limit.
_MOST_TO_LEAVE = 90
# Between the letters to two people of a list that was imported, so that others need not wait behind them.
_IMPORT_PAUSE = timedelta(minutes=2)


@dataclass(frozen=True)
class SubscriberDesk:
    """What these jobs are handed: the list, where its copies and its journal are, and where the public reaches sign-up."""

    store: SubscriberStore
    data: Path
    url: str

    @property
    def journal(self) -> Path:
        """The journal of departures."""
        return self.data / "subscribers.departures"

    @property
    def folder(self) -> Path:
        """Where the encrypted copies are."""
        return self.data / "subscriber-copies"


def open_subscribers(environment: Environment, workspace: Workspace) -> SubscriberDesk:
    """The list of a data folder. UsageError where the key is missing, StoreError where it is another or the file cannot be
    used."""
    keys = read_keys(environment.subscribers_key, environment.subscribers_key_file)
    workspace.make_data_folder()
    store = SubscriberStore(workspace.data / "subscribers.db", keys)
    url = workspace.settings.signup.url or ""
    return SubscriberDesk(store, workspace.data, url if url.endswith("/") or not url else f"{url}/")


def new_key() -> str:
    """A key as it is written into the environment or a file."""
    return vault.new_key()


def network_of(address: str) -> str:
    """The network that an address is in, by which its owner is not known: a /24, or a /48 of IPv6; empty for anything
    else."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    found = getattr(found, "ipv4_mapped", None) or found
    return str(ip_network(f"{found}/{24 if found.version == 4 else 48}", strict=False))


def wishes_from(topics: list[str], frequency: str, language: str, *, on_paper: bool, large_type: bool = False) -> Wishes:
    """What somebody chose in a form; what cannot be chosen is left out."""
    known = {topic.slug for topic in vocabulary().topics}
    return Wishes(
        topics=tuple(dict.fromkeys(topic for topic in topics if topic in known)),
        frequency=Frequency.MONTHLY if frequency == Frequency.MONTHLY else Frequency.WEEKLY,
        language=wordings.wording(language).language,
        on_paper=on_paper,
        large_type=large_type,
    )


def consent_text(language: str) -> str:
    """The words that somebody agrees to by asking."""
    return wordings.wording(language).text


def is_too_often(desk: SubscriberDesk, network: str, *, most: int, within: timedelta, now: datetime) -> bool:
    """Count one more form of a network; whether that is too many."""
    with desk.store.writing() as rows:
        key = rows.vault.digest("network", network)
        return queue.is_too_often(rows, key, most=most, within=within, now=now)


# ---- ask -------------------------------------------------------------------------------------------------------------


def ask(
    desk: SubscriberDesk, written: str, wishes: Wishes, *, door: Door, network: str = "", postal: str = "", now: datetime,
    due_at: datetime | None = None,
) -> bool:  # fmt: skip
    """Somebody asks to be on the list: queue the letter by which they confirm. False only where no server could deliver to
    what was written; all else is the same for everybody."""
    address = address_in(written)
    if not address:
        return False
    with desk.store.writing() as rows:
        ask_within(rows, address, wishes, door=door, network=network, postal=postal, now=now, due_at=due_at)
    return True


def ask_within(
    rows: Rows, address: str, wishes: Wishes, *, door: Door, network: str = "", postal: str = "", now: datetime,
    due_at: datetime | None = None,
) -> bool:  # fmt: skip
    """`ask`, in a transaction that is open; `address` is one that `address_in` gave. False where no letter will go out."""
    mark = rows.vault.mark(address)
    person = people.person_of(rows, mark)
    may = queue.may_write(rows, mark, now=now) and not people.is_suppressed(rows, mark)
    may = not _is_one_mailbox_too_often(rows, address, now=now) and may
    is_known = person is not None and person.state == "confirmed"
    is_wish = may and not is_known
    code, words = people.new_secret(), wordings.wording(wishes.language)
    # Written in any case, so that the answer takes the same time for everybody; what nobody waits for ends at once.
    people.add_request(
        rows, "subscribe" if is_wish else "none", address, wishes, words=words, door=door, network=network, code=code,
        postal=postal, now=(due_at or now) if is_wish else now - people.PENDING,
    )  # fmt: skip
    said = {"address": address, "language": wishes.language, "code": code}
    if is_known and person is not None:
        said = {"address": address, "language": person.wishes.language, "token": person.token}
    _queue(rows, mark, "already" if is_known else "confirm", said if may else None, now=now, due_at=due_at)
    return may


def _is_one_mailbox_too_often(rows: Rows, address: str, *, now: datetime) -> bool:
    """Whether one mailbox was written to under several names (`jane+1@…`, `jane+2@…`) today."""
    local, _, domain = address.lower().rpartition("@")
    key = rows.vault.digest("mailbox", f"{local.partition('+')[0]}@{domain}")
    return queue.is_too_often(rows, key, most=_MOST_TO_ONE, within=timedelta(days=1), now=now)


def ask_to_leave_within(rows: Rows, address: str, *, now: datetime) -> bool:
    """Somebody wrote that they want the newsletter no more: queue a letter with the link. False where none will go out: the
    address is not on the list, or was written to today."""
    mark = rows.vault.mark(address)
    person = people.person_of(rows, mark)
    if person is None or not queue.may_write(rows, mark, now=now, most=_MOST_TO_LEAVE):
        return False
    said = {"address": address, "language": person.wishes.language, "token": person.token}
    _queue(rows, mark, "leave", said, now=now)
    return True


def _queue(
    rows: Rows, mark: bytes, kind: str, said: dict[str, Any] | None, *, now: datetime, due_at: datetime | None = None
) -> None:
    message_id = rows.vault.digest("letter", f"{mark.hex()} {kind} {now.isoformat()}").hex()[:32]
    queue.add_letter(rows, mark, kind, said, message_id=message_id, now=now, due_at=due_at)


# ---- confirm ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a link to confirm is about: `subscribe`, or a half of a move; `is_done` says that it is so by now, `is_waiting`
    that the other address must confirm too."""

    kind: str
    wishes: Wishes
    is_done: bool
    is_waiting: bool = False
    postal: str = ""


def look_up(desk: SubscriberDesk, code: str, *, now: datetime) -> Confirmed | None:
    """What a link is about, without doing it; None where it is unknown or too old."""
    with desk.store.reading() as rows:
        request = people.request_of(rows, code)
        if request is None or request.until <= now or _is_orphan(rows, request):
            return None
        return _seen(rows, request)


def confirm(desk: SubscriberDesk, code: str, *, network: str = "", now: datetime) -> Confirmed | None:
    """Do what a link is about. A second time changes nothing, and says the same."""
    with desk.store.writing() as rows:
        request = people.request_of(rows, code)
        if request is None or request.until <= now or _is_orphan(rows, request):
            return None
        if not request.is_used:
            people.use_request(rows, request, now=now)
            if request.kind == "subscribe":
                _subscribe(rows, request, network, now=now)
            else:
                _move(desk, rows, request, network, now=now)
        return _seen(rows, replace(request, used_at=now))


def _is_orphan(rows: Rows, request: Request) -> bool:
    """Whether a half of a move has lost the other, because its owner left meanwhile."""
    return request.kind != "subscribe" and people.other_half(rows, request) is None


def _seen(rows: Rows, request: Request) -> Confirmed:
    other = people.other_half(rows, request)
    is_waiting = request.is_used and other is not None and not other.is_used
    return Confirmed(request.kind, request.wishes, request.is_used and not is_waiting, is_waiting, request.postal)


def _subscribe(rows: Rows, request: Request, network: str, *, now: datetime) -> None:
    people.allow(rows, request.mark)
    people.add_person(rows, request.address, request.wishes, postal=request.postal, now=now)
    people.log_consent(
        rows, request.mark, "asked", door=request.door, network=request.network,
        now=request.until - people.PENDING,
    )  # fmt: skip
    people.log_consent(rows, request.mark, "confirmed", door=request.door, wording=request.wording, network=network, now=now)
    queue.answered(rows, request.mark)


# ---- for people on the list ------------------------------------------------------------------------------------------


def change(desk: SubscriberDesk, token: str, wishes: Wishes, *, postal: str = "", network: str = "", now: datetime) -> bool:
    """Somebody wants something else from now on; False where the link is nobody's."""
    with desk.store.writing() as rows:
        person = people.person_by_token(rows, token)
        if person is None:
            return False
        people.change_wishes(rows, person, wishes, postal=postal)
        people.log_consent(rows, person.mark, "changed", door=Door.LETTER.value, network=network, now=now)
        return True


def ask_to_move(desk: SubscriberDesk, token: str, written: str, *, network: str = "", now: datetime) -> bool:
    """Somebody wants to be written to elsewhere: both addresses must confirm. False where what was written is no address."""
    address = address_in(written)
    if not address:
        return False
    with desk.store.writing() as rows:
        person = people.person_by_token(rows, token)
        mark = rows.vault.mark(address)
        if person is None or mark == person.mark or not queue.may_write(rows, person.mark, now=now, most=_MOST_TO_LEAVE):
            _queue(rows, mark, "move-new", None, now=now)
            return True
        # Who asks learns nothing of the new address: the letter to the old one goes out either way.
        may = queue.may_write(rows, mark, now=now) and not people.is_suppressed(rows, mark)
        may = may and not _is_one_mailbox_too_often(rows, address, now=now)
        pair = 0
        for kind, to in (("move-old", person.address), ("move-new", address)):
            code = people.new_secret()
            number = people.add_request(
                rows, kind, to, person.wishes, words=wordings.wording(person.wishes.language), door=Door.LETTER,
                network=network, now=now, code=code, pair=pair, person=person.id,
            )  # fmt: skip
            if not pair:
                pair = number
                people.set_pair(rows, number, pair)
            said = {"address": to, "language": person.wishes.language, "code": code}
            _queue(rows, rows.vault.mark(to), kind, said if may or kind == "move-old" else None, now=now)
    return True


def _move(desk: SubscriberDesk, rows: Rows, request: Request, network: str, *, now: datetime) -> None:
    other = people.other_half(rows, request)
    if other is None or not other.is_used:
        return
    to = request if request.kind == "move-new" else other
    old = other if request.kind == "move-new" else request
    person = people.person_of(rows, old.mark)
    if person is None or person.id != request.person:
        return
    copies.note_departure(desk.journal, "moved", old.mark, now=now)
    mark = people.move_person(rows, person, to.address)
    people.log_consent(rows, old.mark, "moved", door=Door.LETTER.value, network=network, now=now)
    people.log_consent(rows, mark, "confirmed", door=Door.LETTER.value, wording=to.wording, network=network, now=now)
    queue.answered(rows, mark)


def leave(desk: SubscriberDesk, token: str, *, network: str = "", now: datetime) -> None:
    """Take somebody off the list, at once and without a trace of what they wanted. For a link that is nobody's, nothing
    happens, and nobody can tell."""
    with desk.store.writing() as rows:
        person = people.person_by_token(rows, token)
        if person is not None:
            copies.note_departure(desk.journal, "left", person.mark, now=now)
            people.remove(rows, person.mark)
            people.log_consent(rows, person.mark, "left", door=Door.LETTER.value, network=network, now=now)


# ---- for staff -------------------------------------------------------------------------------------------------------


def import_list(
    desk: SubscriberDesk, lines: list[str], wishes: Wishes, *, now: datetime, told: Callable[[int], None] = lambda done: None
) -> tuple[int, list[int]]:
    """Ask everybody whose address stands in a list kept by hand to confirm, one every two minutes; how many are asked, and
    the numbers of the lines without an address. Nobody is subscribed by it."""
    asked, wrong = 0, []
    for number, line in enumerate(lines, start=1):
        found = addresses_in(line)
        for address in found:
            due_at = now + asked * _IMPORT_PAUSE
            asked += ask(desk, address, wishes, door=Door.STAFF, now=now, due_at=due_at)
            told(number)
        if not found and line.strip():
            wrong.append(number)
    return asked, wrong


def export_person(desk: SubscriberDesk, written: str) -> dict[str, object]:
    """All that is kept of an address. UsageError where it is none."""
    with desk.store.reading() as rows:
        return people.exported(rows, rows.vault.mark(_address(written)))


def erase_person(desk: SubscriberDesk, written: str, *, now: datetime) -> bool:
    """Leave nothing of an address but the keyed hash by which it is never written to again; whether anything was kept.
    UsageError where it is none."""
    address = _address(written)
    with desk.store.writing() as rows:
        mark = rows.vault.mark(address)
        is_known = people.person_of(rows, mark) is not None or people.has_requests(rows, mark)
        copies.note_departure(desk.journal, "erased", mark, now=now)
        people.erase(rows, mark, now=now)
    desk.store.compact()
    return is_known


def allow_again(desk: SubscriberDesk, written: str) -> None:
    """Let an address be written to again, whose owner asked for it. UsageError where it is none."""
    address = _address(written)
    with desk.store.writing() as rows:
        people.allow(rows, rows.vault.mark(address))


def _address(written: str) -> str:
    address = address_in(written)
    if not address:
        raise UsageError(f"“{written}” is not an e-mail address.")
    return address


@dataclass(frozen=True, slots=True)
class Counted:
    """How many there are: people by state, letters by state, messages that wait for staff."""

    people: dict[str, int]
    letters: dict[str, int]
    messages: int


def count(desk: SubscriberDesk) -> Counted:
    """How many there are; nobody is named."""
    with desk.store.reading() as rows:
        return Counted(people.counts(rows), queue.waiting(rows), len(seen.for_staff(rows)))


def messages(desk: SubscriberDesk) -> list[seen.ForStaff]:
    """The messages that wait for a person, the newest first."""
    with desk.store.reading() as rows:
        return seen.for_staff(rows)


def finish_message(desk: SubscriberDesk, number: int, *, now: datetime) -> bool:
    """Somebody has looked at a message; False where none such waits."""
    with desk.store.writing() as rows:
        return seen.done(rows, number, now=now)


def retain(desk: SubscriberDesk, *, now: datetime) -> dict[str, int]:
    """Delete what is kept for a time only; how many rows of each sort."""
    with desk.store.writing() as rows:
        forgotten = {
            "requests": people.forget_requests(rows, now=now),
            "networks": people.forget_networks(rows, before=now - _NETWORKS),
            "letters": queue.drop_late(rows, before=now - people.PENDING)
            + queue.forget_letters(rows, before=now - _MESSAGES),
            "messages": seen.forget_messages(rows, before=now - _MESSAGES),
        }
        # Within the transaction: whoever notes a departure holds one too.
        copies.forget_departures(desk.journal, before=now - _JOURNAL)
    return forgotten
