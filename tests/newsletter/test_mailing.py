"""Sending for real: to a mail server on loopback that takes, refuses, hangs, breaks off; by two senders; after kills and
copies; with people who leave in the middle."""

from __future__ import annotations

import shutil
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

pytest.importorskip("css_inline", reason="the newsletter needs its dependency group: uv run --group newsletter pytest")
pytest.importorskip("cryptography", reason="the newsletter needs its dependency group: uv run --group newsletter pytest")

from aggregator.errors import AlreadySendingError, UsageError
from aggregator.jobs import mailing, newsletter
from aggregator.jobs import subscribers as people_jobs
from aggregator.newsletter.envelope import message_id
from aggregator.smtp import Delivery, MailServer, Outcome
from aggregator.subscribers import mailings, people
from aggregator.values.issues import MailingState
from aggregator.values.settings import IssueTimes, Newsletter
from aggregator.values.subscribers import Frequency, Wishes
from tests.newsletter.offices import Office
from tests.newsletter.test_issues import withdraw
from tests.receivers import MailServer as Receiver


@pytest.fixture
def ready(office: Office, mail: Receiver) -> Office:
    """An approved issue, a mail server, and nobody on the list."""
    office.smtp = mail.address
    office.draft()
    office.approve()
    return office


def recipients(mail: Receiver) -> list[str]:
    return [str(message["To"]) for message in mail.messages]


def addresses(count: int) -> list[str]:
    return [f"person{number}@example.org" for number in range(count)]


def test_everybody_gets_it_once(ready: Office, mail: Receiver) -> None:
    ready.people(30)
    ready.people(2, Wishes(frequency=Frequency.MONTHLY), "monthly")

    sent = ready.send()

    assert (sent.outcomes, sent.state, sent.problem) == ({"sent": 30}, MailingState.DONE, "")
    assert sorted(recipients(mail)) == sorted(addresses(30))
    with pytest.raises(UsageError, match="was sent to everybody"):
        ready.send()
    assert len(mail.messages) == 30


def test_a_draft_is_not_sent(office: Office, mail: Receiver) -> None:
    office.smtp = mail.address
    office.people(1)
    office.draft()

    with pytest.raises(UsageError, match="not approved"):
        office.send()
    with pytest.raises(UsageError, match="There is no issue 7"):
        office.send(7)


def test_everybody_gets_what_they_asked_for(ready: Office, mail: Receiver) -> None:
    ready.people(1, Wishes(language="de"), "german")
    ready.people(1, Wishes(large_type=True), "large")
    ready.people(1, Wishes(topics=("moebius",)), "nothing")
    ready.people(1, Wishes(topics=("synkinesis",)), "some")

    sent = ready.send()

    by_name = {str(message["To"]).partition("@")[0]: message for message in mail.messages}
    texts = {name: str(message.get_payload(0)) for name, message in by_name.items()}
    assert by_name["german0"]["Content-Language"] == "de"
    assert "Abmelden" in texts["german0"]
    assert "font-size: 22px" in by_name["large0"].as_string().replace("=\n", "")
    # A letter is forwarded: it does not say what somebody chose.
    assert "chose" not in texts["some0"]
    assert len(texts["some0"]) < len(texts["large0"])
    # Whose topics have no news gets no empty letter, and the tally says so.
    assert "nothing0" not in by_name or "moebius" in texts["nothing0"].lower()
    assert sent.tally.get("skipped", 0) == (0 if "nothing0" in by_name else 1)


def test_who_leaves_in_the_middle_gets_nothing_more(ready: Office, mail: Receiver) -> None:
    ready.people(4)
    with ready.desk.store.reading() as rows:
        tokens = {one.address: one.token for one in people.everybody(rows)}

    class Leaving:
        def send(self, sender: str, recipient: str, content: bytes) -> Outcome:
            for other in addresses(4):
                if other not in (recipient, addresses(4)[0]):
                    people_jobs.leave(ready.desk, tokens[other], now=ready.now)
            return Outcome(Delivery.SENT, "250 ok")

    @contextmanager
    def opened() -> Iterator[mailing.Transport]:
        yield Leaving()

    sent = ready.send(transport=opened)

    assert sent.tally == {"sent": 1, "skipped": 3}
    assert sent.state is MailingState.DONE


class Scripted:
    """A transport that answers by a script, by recipient; SENT where it has none."""

    def __init__(self, script: dict[str, list[Outcome]]) -> None:
        self.script, self.taken, self.connections = script, list[str](), 0

    @contextmanager
    def __call__(self) -> Iterator[mailing.Transport]:
        self.connections += 1
        yield self

    def send(self, sender: str, recipient: str, content: bytes) -> Outcome:
        answers = self.script.get(recipient, [])
        outcome = answers.pop(0) if answers else Outcome(Delivery.SENT, "250 ok")
        if outcome.delivery in (Delivery.SENT, Delivery.UNKNOWN):
            self.taken.append(recipient)
        return outcome


LATER = Outcome(Delivery.LATER, "450 4.2.1 person1@example.org is busy")
LOST = Outcome(Delivery.LATER, "ConnectionResetError", is_lost=True)
REFUSED = Outcome(Delivery.REFUSED, "550 5.1.1 no person2@example.org here")
UNKNOWN = Outcome(Delivery.UNKNOWN, "timed out", is_lost=True)


def test_what_a_server_says_of_a_letter_is_kept(ready: Office) -> None:
    ready.people(5)
    script = Scripted({addresses(5)[1]: [LATER], addresses(5)[2]: [REFUSED], addresses(5)[3]: [UNKNOWN]})

    sent = ready.send(transport=script)

    assert sent.tally == {"sent": 2, "todo": 1, "refused": 1, "unknown": 1}
    assert sent.state is MailingState.SENDING
    assert sent.next_at == ready.now + timedelta(minutes=5)
    assert script.connections == 2
    # The server's words often name the address, so its code alone is kept.
    assert b"@example.org" not in b"".join(path.read_bytes() for path in ready.data.glob("subscribers.db*"))

    ready.later(minutes=6)
    again = ready.send(transport=script)

    assert again.tally == {"sent": 3, "refused": 1, "unknown": 1}
    assert again.state is MailingState.DONE
    assert Counter(script.taken) == Counter([*addresses(2), addresses(5)[3], addresses(5)[4]])


def test_a_letter_that_is_never_taken_is_given_up(ready: Office) -> None:
    ready.people(1)
    script = Scripted({addresses(1)[0]: [LATER] * 9})

    for tried in range(1, 7):
        sent = ready.send(transport=script, is_sure=True)
        assert sent.tally == ({"todo": 1} if tried < 6 else {"refused": 1})
        ready.later(hours=25)


def test_a_recipient_at_whom_the_line_breaks_holds_up_nobody(ready: Office) -> None:
    ready.people(4)
    script = Scripted({addresses(4)[0]: [LOST] * 50})

    sent = ready.send(transport=script)

    assert sent.tally == {"sent": 3, "todo": 1}
    for _ in range(8):
        ready.later(minutes=6)
        sent = ready.send(transport=script)
    assert sent.tally == {"sent": 3, "todo": 1}
    with ready.desk.store.reading() as rows:
        assert rows.raw.execute("SELECT tries FROM delivery WHERE state = 'todo'").fetchone()[0] == 0


def test_a_server_that_always_breaks_off_is_left_alone_soon(ready: Office) -> None:
    ready.people(50)
    script = Scripted({address: [UNKNOWN] for address in addresses(50)})

    sent = ready.send(transport=script)

    assert sent.tally == {"todo": 46, "unknown": 4}
    assert "breaks off" in sent.problem
    assert ready.slept == [0.5, 2.0, 5.0]


def test_unknown_ones_are_staffs_to_decide(ready: Office) -> None:
    ready.people(6)
    lost = addresses(6)[:4]
    script = Scripted({address: [UNKNOWN] for address in lost[:3]})
    ready.send(transport=script)
    key = ready.desk.store.vault.find
    numbers = [person for person, _ in newsletter.unknown_of(ready.desk, 1)]
    assert len(numbers) == 3

    log = [
        f"Nov 30 08:00:01 mx postfix/cleanup[9]: 4F2AC10: message-id=<{message_id(1, numbers[0], key)}@institute.example>",
        "Nov 30 08:00:01 mx postfix/qmgr[9]: 4F2AC10: from=<bounce@institute.example>, size=900, nrcpt=1 (queue active)",
        # This one was named and broken off.
        f"Nov 30 08:00:02 mx postfix/cleanup[9]: 4F3AC10: message-id=<{message_id(1, numbers[1], key)}@institute.example>",
        "Nov 30 08:00:02 mx postfix/smtpd[9]: lost connection after DATA from localhost",
    ]
    assert newsletter.resolve_by_log(ready.desk, 1, log, now=ready.now) == 1
    assert [person for person, _ in newsletter.unknown_of(ready.desk, 1)] == numbers[1:]

    assert newsletter.resolve(ready.desk, 1, again=True, now=ready.now) == 2
    sent = ready.send(transport=script)
    assert sent.tally == {"sent": 6}
    assert sent.state is MailingState.DONE
    assert newsletter.resolve(ready.desk, 1, again=False, now=ready.now) == 0


def test_two_senders_at_once(ready: Office) -> None:
    ready.people(3)
    inside, go_on = threading.Event(), threading.Event()

    class Slow:
        def send(self, sender: str, recipient: str, content: bytes) -> Outcome:
            inside.set()
            assert go_on.wait(20)
            return Outcome(Delivery.SENT, "250 ok")

    @contextmanager
    def opened() -> Iterator[mailing.Transport]:
        yield Slow()

    thread = threading.Thread(target=lambda: ready.send(transport=opened))
    thread.start()
    try:
        assert inside.wait(20)
        with pytest.raises(AlreadySendingError) as error:
            ready.send(transport=opened)
        assert error.value.exit_code == 5
    finally:
        go_on.set()
        thread.join()
    assert ready.tally() == {"sent": 3}


def test_a_pause_stops_after_the_letter_on_its_way(ready: Office) -> None:
    ready.people(5)

    class Pausing:
        def send(self, sender: str, recipient: str, content: bytes) -> Outcome:
            newsletter.pause(ready.desk, 1, now=ready.now)
            return Outcome(Delivery.SENT, "250 ok")

    @contextmanager
    def opened() -> Iterator[mailing.Transport]:
        yield Pausing()

    sent = ready.send(transport=opened)
    assert (sent.state, sent.tally) == (MailingState.PAUSED, {"sent": 1, "todo": 4})
    with pytest.raises(UsageError, match="is paused"):
        ready.send(transport=Scripted({}))
    with pytest.raises(UsageError, match="is not being sent"):
        newsletter.pause(ready.desk, 1, now=ready.now)

    newsletter.resume(ready.desk, 1, now=ready.now)
    assert ready.send(transport=Scripted({})).tally == {"sent": 5}
    with pytest.raises(UsageError, match="is not paused"):
        newsletter.resume(ready.desk, 1, now=ready.now)


def test_what_is_cancelled_is_sent_to_nobody_more(ready: Office) -> None:
    ready.people(3)
    ready.send(transport=Scripted({addresses(3)[1]: [LATER], addresses(3)[2]: [LATER]}))

    with ready.store() as database:
        got = newsletter.cancel_all(ready.desk, ready.workspace, database, 1, now=ready.now)
    assert got == 1
    with pytest.raises(UsageError, match="was cancelled"):
        ready.send(transport=Scripted({}))


def test_a_study_that_was_withdrawn_is_not_sent(ready: Office, mail: Receiver) -> None:
    ready.people(1)
    with ready.store() as database:
        from aggregator.jobs import issues  # noqa: PLC0415

        first = issues.stored(database, 1).issue.stories[0]
    withdraw(ready, first.story)

    sent = ready.send()

    assert sent.pulled == (first.title,)
    (message,) = mail.messages
    assert first.title[:25] not in str(message.get_payload(0).get_content())  # type: ignore[union-attr]


# ---- kills, copies, other machines -----------------------------------------------------------------------------------


class Killed(BaseException):
    """Stands for a kill: nothing behind it runs."""


def killed_in_the_middle(ready: Office, after: int) -> None:
    """Leave the list as a process leaves it that is killed while a letter is on its way."""
    taken = 0

    class Dying:
        def send(self, sender: str, recipient: str, content: bytes) -> Outcome:
            nonlocal taken
            taken += 1
            if taken > after:
                raise Killed
            return Outcome(Delivery.SENT, "250 ok")

    @contextmanager
    def opened() -> Iterator[mailing.Transport]:
        yield Dying()

    with pytest.raises(Killed):
        ready.send(transport=opened)


def test_what_was_on_its_way_at_a_kill_is_unknown_and_not_sent_again(ready: Office) -> None:
    ready.people(10)
    killed_in_the_middle(ready, 3)
    ready.open()
    script = Scripted({})

    sent = ready.send(transport=script)

    assert sent.tally == {"sent": 9, "unknown": 1}
    assert len(script.taken) == 6
    assert set(script.taken).isdisjoint(addresses(4))


def test_an_older_copy_of_the_list_asks_a_person(ready: Office) -> None:
    ready.people(10)
    killed_in_the_middle(ready, 2)
    shutil.copytree(ready.data, ready.data.parent / "copy")
    ready.open()
    ready.send(transport=Scripted({}))
    for name in ("subscribers.db", "subscribers.db-wal", "subscribers.db-shm"):
        (ready.data / name).unlink(missing_ok=True)
        if (ready.data.parent / "copy" / name).exists():
            shutil.copy(ready.data.parent / "copy" / name, ready.data / name)
    ready.open()

    with pytest.raises(UsageError, match="a copy, or older"):
        ready.send(transport=Scripted({}))
    # A person knows better.
    assert ready.send(transport=Scripted({}), is_sure=True).state is MailingState.DONE


def test_a_list_on_another_machine_asks_a_person(ready: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    ready.people(3)
    ready.send(transport=Scripted({addresses(3)[0]: [LATER]}))
    ready.later(minutes=10)
    monkeypatch.setattr(mailing, "_host", lambda: "another machine")

    with pytest.raises(UsageError, match="another machine"):
        ready.send(transport=Scripted({}))
    assert ready.send(transport=Scripted({}), is_sure=True).tally == {"sent": 3}


def test_a_list_without_its_guard_asks_a_person_unless_it_is_new(ready: Office) -> None:
    ready.people(2)
    ready.send(transport=Scripted({addresses(2)[0]: [LATER]}))
    (ready.data / "newsletter.guard").unlink()
    ready.later(minutes=10)

    with pytest.raises(UsageError, match="a copy"):
        ready.send(transport=Scripted({}))


def test_what_is_left_after_two_days_asks_a_person(ready: Office) -> None:
    ready.people(2)
    ready.send(transport=Scripted({addresses(2)[0]: [LATER]}))
    ready.later(hours=49)

    with pytest.raises(UsageError, match="more than two days ago"):
        ready.send(transport=Scripted({}))
    assert ready.send(transport=Scripted({}), is_sure=True).tally == {"sent": 2}


def test_another_issue_under_the_same_number_is_not_sent(ready: Office) -> None:
    ready.people(2)
    ready.send(transport=Scripted({addresses(2)[0]: [LATER]}))
    with ready.store() as database, database.write() as connection:
        connection.exec_driver_sql("DELETE FROM issue")
    ready.later(minutes=1)
    ready.draft()
    ready.approve()

    with pytest.raises(UsageError, match="Another issue went out under the number 1"):
        ready.send(transport=Scripted({}))
    assert newsletter.highest_sent(ready.desk) == 1


def test_a_server_that_refuses_everybody_refuses_nobody(ready: Office) -> None:
    """A relay that is denied, a quota that is used up: ten in a row are no matter of their recipients."""
    ready.people(30)
    script = Scripted({address: [REFUSED] for address in addresses(30)})

    sent = ready.send(transport=script)

    assert sent.tally == {"todo": 30}
    assert "refused 10 letters in a row" in sent.problem
    ready.later(minutes=11)
    assert ready.send(transport=Scripted({})).tally == {"sent": 30}


def test_those_that_were_refused_can_be_sent_once_more(ready: Office) -> None:
    ready.people(3)
    ready.send(transport=Scripted({addresses(3)[0]: [REFUSED]}))

    assert newsletter.resolve(ready.desk, 1, again=False, refused=True, now=ready.now) == 1
    assert ready.send(transport=Scripted({})).tally == {"sent": 3}


def test_nothing_is_sent_again_of_what_was_cancelled_or_paused(ready: Office) -> None:
    ready.people(3)
    ready.send(transport=Scripted({addresses(3)[0]: [UNKNOWN], addresses(3)[2]: [LATER]}))
    newsletter.pause(ready.desk, 1, now=ready.now)
    newsletter.resolve(ready.desk, 1, again=True, now=ready.now)
    with pytest.raises(UsageError, match="is paused"):
        ready.send(transport=Scripted({}))
    with ready.store() as database:
        newsletter.cancel_all(ready.desk, ready.workspace, database, 1, now=ready.now)

    with pytest.raises(UsageError, match="is not being sent"):
        newsletter.resolve(ready.desk, 1, again=True, now=ready.now)
    with pytest.raises(UsageError, match="was cancelled"):
        ready.send(transport=Scripted({}))


def test_an_issue_whose_site_changed_goes_on_when_it_is_approved_again(ready: Office) -> None:
    ready.people(3)
    ready.send(transport=Scripted({addresses(3)[1]: [LATER]}))
    ready.newsletter = ready.newsletter.model_copy(update={"postal": "1 Main Street"})
    ready.later(minutes=6)

    with pytest.raises(UsageError, match="approve it again"):
        ready.send(transport=Scripted({}))
    ready.approve()
    assert ready.send(transport=Scripted({})).tally == {"sent": 3}


def test_what_is_withdrawn_while_letters_go_out_is_taken_out_of_the_rest(ready: Office) -> None:
    ready.people(4)
    texts: list[str] = []
    with ready.store() as database:
        from aggregator.jobs import issues  # noqa: PLC0415

        first = issues.stored(database, 1).issue.stories[0]

    class Slow:
        def send(self, sender: str, recipient: str, content: bytes) -> Outcome:
            texts.append(content.decode("ascii").replace("=\r\n", "").replace("\r\n   ", " "))
            if len(texts) == 2:
                withdraw(ready, first.story)
            ready.later(minutes=4)
            return Outcome(Delivery.SENT, "250 ok")

    @contextmanager
    def opened() -> Iterator[mailing.Transport]:
        yield Slow()

    sent = ready.send(transport=opened)

    assert sent.pulled == (first.title,)
    assert ["1. " + first.title[:20] in text for text in texts] == [True, True, False, False]
    with ready.store() as database:
        record = issues.stored(database, 1)
    assert (record.issue.pulled, record.issue.pulled_late) == ((), (first.story,))


def test_what_is_known_is_kept_before_a_wait(ready: Office) -> None:
    """A process that ends between two letters knows of both what became of them."""
    ready.newsletter = ready.newsletter.model_copy(update={"a_minute": 1})
    ready.people(2)

    def ended(_: float) -> None:
        raise KeyboardInterrupt

    ready.slept = type("Ending", (list,), {"append": lambda _, seconds: ended(seconds)})()
    with pytest.raises(KeyboardInterrupt):
        ready.send(transport=Scripted({}))

    assert ready.tally() == {"sent": 1, "todo": 1}


def test_a_long_sending_that_was_stopped_goes_on(ready: Office) -> None:
    ready.people(4)
    taken = 0

    class Slow:
        def send(self, sender: str, recipient: str, content: bytes) -> Outcome:
            nonlocal taken
            taken += 1
            ready.later(hours=20)
            if taken == 3:
                raise Killed
            return Outcome(Delivery.SENT, "250 ok")

    @contextmanager
    def opened() -> Iterator[mailing.Transport]:
        yield Slow()

    with pytest.raises(Killed):
        ready.send(transport=opened)
    assert ready.send(transport=Scripted({})).tally == {"sent": 3, "unknown": 1}


def test_a_fault_while_sending_leaves_no_claim_behind(ready: Office) -> None:
    ready.people(2)

    class Faulty:
        def send(self, sender: str, recipient: str, content: bytes) -> Outcome:
            raise ValueError("a fault of ours")

    @contextmanager
    def opened() -> Iterator[mailing.Transport]:
        yield Faulty()

    with pytest.raises(ValueError, match="a fault of ours"):
        ready.send(transport=opened)
    assert ready.send(transport=Scripted({})).tally == {"sent": 1, "unknown": 1}


def test_a_copy_of_the_whole_folder_asks_a_person(ready: Office) -> None:
    ready.people(6)
    killed_in_the_middle(ready, 2)
    copy = shutil.copytree(ready.data, ready.data.parent / "elsewhere", symlinks=True)
    other = Office(copy, ready.feeds, now=ready.now)

    with pytest.raises(UsageError, match="a copy"):
        other.send(transport=Scripted({}))


@pytest.mark.parametrize("failing", ["the guard", "the template"])
def test_a_fault_before_a_letter_leaves_nobody_claimed(ready: Office, failing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ready.people(3)
    where = mailing._Guard if failing == "the guard" else mailing._Letters
    name = "claimed" if failing == "the guard" else "for_person"

    def fails(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space left"):
        patch.setattr(where, name, fails)
        ready.send(transport=Scripted({}))
    assert ready.tally() == {"todo": 3}
    ready.later(minutes=10)

    assert ready.send(transport=Scripted({})).tally == {"sent": 3}


# ---- real servers ----------------------------------------------------------------------------------------------------


class Rude:
    """A mail server that speaks just enough, and misbehaves as it is told."""

    def __init__(self, manner: str) -> None:
        self.manner, self.taken = manner, 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"smtp://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            with line:
                self._talk(line)

    def _talk(self, line: socket.socket) -> None:
        reader = line.makefile("rb")
        line.sendall(b"220 rude\r\n")
        for raw in reader:
            word = raw[:4].upper()
            if word == b"MAIL" and self.manner == "421":
                line.sendall(b"421 4.7.0 too busy\r\n")
                return
            if word == b"RCPT" and self.manner == "hangs":
                reader.read()
                return
            if word == b"DATA":
                line.sendall(b"354 go on\r\n")
                while reader.readline() not in (b".\r\n", b""):
                    pass
                self.taken += 1
                if self.manner == "breaks":
                    return
            if word == b"QUIT":
                line.sendall(b"221 bye\r\n")
                return
            line.sendall(b"250 ok\r\n")

    def close(self) -> None:
        self._listener.close()


@pytest.mark.parametrize(
    ("manner", "tally"),
    [
        ("421", {"todo": 6}),
        # Nobody knows what became of four, and two were not tried.
        ("breaks", {"todo": 2, "unknown": 4}),
        ("hangs", {"todo": 6}),
    ],
)
def test_a_server_that_misbehaves(
    ready: Office, manner: str, tally: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.smtp.SECONDS", 0.3)
    ready.people(6)
    server = Rude(manner)
    try:
        sent = ready.send(transport=lambda: MailServer(server.address, seconds=0.3))
    finally:
        server.close()

    assert sent.tally == tally
    assert sent.problem
    assert server.taken == tally.get("unknown", 0)


def test_a_server_that_is_not_there(ready: Office) -> None:
    ready.people(2)
    with socket.create_server(("127.0.0.1", 0)) as gone:
        ready.smtp = f"smtp://127.0.0.1:{gone.getsockname()[1]}"

    sent = ready.send()

    assert sent.tally == {"todo": 2}
    assert "refused" in sent.problem.lower()


def test_the_envelope_is_one_that_a_bounce_can_be_told_by(ready: Office) -> None:
    ready.people(1)
    seen = []

    class Looking:
        def send(self, sender: str, recipient: str, content: bytes) -> Outcome:
            seen.append(sender)
            return Outcome(Delivery.SENT, "250 ok")

    @contextmanager
    def opened() -> Iterator[mailing.Transport]:
        yield Looking()

    ready.send(transport=opened)

    assert seen[0].startswith("bounce+1.1.")


def test_letters_wait_for_the_rate(ready: Office) -> None:
    ready.newsletter = ready.newsletter.model_copy(update={"a_minute": 60})
    ready.people(3)

    ready.send(transport=Scripted({}))

    assert len(ready.slept) == 3
    assert all(0.5 < seconds <= 1 for seconds in ready.slept)


def test_a_folder_takes_letters_as_files(ready: Office) -> None:
    ready.people(2)
    box = ready.data / "out"

    assert ready.send(transport=mailing.folder(box)).tally == {"sent": 2}
    assert len(list(box.glob("*.eml"))) == 2
    assert all(path.stat().st_size > 2000 for path in box.glob("*.eml"))


# ---- by the clock ----------------------------------------------------------------------------------------------------


def due(office: Office) -> newsletter.Due:
    with office.store() as database:
        return newsletter.do_due(
            office.desk, office.workspace, database, office.environment,
            open_transport=lambda: mailing.smtp(office.environment), clock=lambda: office.now,
        )  # fmt: skip


def timed(**more: Any) -> Newsletter:
    times = IssueTimes(draft_at="monday 07:00", send_at="tuesday 08:00")
    return Newsletter(week=times, a_minute=100_000, **more)


def on_monday(office: Office) -> None:
    """The Monday after the store's news, eight o'clock in Los Angeles."""
    office.now += timedelta(days=(7 - office.now.weekday()) % 7)
    office.now = office.now.replace(hour=16, minute=0)


def test_the_clock_drafts_waits_and_sends_what_was_approved(office: Office, mail: Receiver) -> None:
    office.smtp, office.newsletter = mail.address, timed()
    office.people(3)
    on_monday(office)

    assert [line.split(" (")[0] for line in due(office).done] == ["Issue 1 was drafted"]
    assert due(office) == newsletter.Due()
    office.later(hours=2)
    office.approve()
    assert due(office) == newsletter.Due()
    office.later(hours=23)
    assert due(office).done == ["Issue 1: 3 sent."]
    assert due(office) == newsletter.Due()
    assert len(mail.messages) == 3


def test_an_issue_that_nobody_approved_waits(office: Office, mail: Receiver) -> None:
    office.smtp, office.newsletter = mail.address, timed()
    office.people(3)
    on_monday(office)
    due(office)
    office.later(hours=25)

    assert due(office) == newsletter.Due()
    assert mail.messages == []


def test_its_safe_part_is_sent_where_feeds_yaml_says_so(office: Office, mail: Receiver) -> None:
    office.smtp, office.newsletter = mail.address, timed(if_unapproved="send_safe", stories=40)
    office.people(2)
    on_monday(office)
    due(office)
    with office.store() as database:
        from aggregator.jobs import issues  # noqa: PLC0415

        unsafe = [one for one in issues.stored(database, 1).issue.stories if not one.is_safe]
        assert unsafe
        assert {one.evidence for one in unsafe} <= {"patient-story", "preprint", "press-release"}
    office.later(hours=25)

    told = due(office)

    assert told.done == ["Nobody approved issue 1, so its safe part is sent.", "Issue 1: 2 sent."]
    text = str(mail.messages[0].get_payload(0).get_content())  # type: ignore[union-attr]
    assert not [one.title for one in unsafe if one.title[:30] in text]


def test_an_old_issue_is_never_sent_by_the_clock(office: Office, mail: Receiver) -> None:
    office.smtp, office.newsletter = mail.address, timed()
    office.people(2)
    office.draft()
    office.approve()
    office.later(days=120)
    on_monday(office)
    for _ in range(3):
        office.later(hours=12)
        due(office)

    assert mail.messages == []


def test_what_staff_cancelled_is_not_drafted_again(office: Office, mail: Receiver) -> None:
    office.smtp, office.newsletter = mail.address, timed()
    on_monday(office)
    due(office)
    with office.store() as database:
        newsletter.cancel_all(office.desk, office.workspace, database, 1, now=office.now)

    assert due(office) == newsletter.Due()


def test_an_issue_that_was_drafted_late_is_sent_when_it_is_approved(office: Office, mail: Receiver) -> None:
    """The machine was off on Monday, and over the time to send."""
    office.smtp, office.newsletter = mail.address, timed(if_unapproved="send_safe")
    office.people(2)
    on_monday(office)
    office.later(hours=26)

    assert [line.split(" (")[0] for line in due(office).done] == ["Issue 1 was drafted"]
    # Nobody had the time to look at it.
    assert due(office) == newsletter.Due()
    office.approve()
    assert due(office).done == ["Issue 1: 2 sent."]


def test_what_goes_wrong_with_one_stops_no_other(office: Office, mail: Receiver) -> None:
    office.smtp, office.newsletter = mail.address, timed()
    office.people(2)
    office.draft()
    office.approve()
    office.send(transport=Scripted({addresses(2)[0]: [LATER]}))
    on_monday(office)
    office.newsletter = office.newsletter.model_copy(update={"postal": "1 Main Street"})
    office.later(hours=1)

    told = due(office)

    assert [line.split(" (")[0] for line in told.done] == ["Issue 2 was drafted"]
    assert ["approve it again" in problem for problem in told.problems] == [True]


def test_the_clock_goes_on_with_what_was_not_taken(office: Office, mail: Receiver) -> None:
    office.smtp, office.newsletter = mail.address, timed()
    office.people(2)
    office.draft()
    office.approve()
    office.send(transport=Scripted({addresses(2)[0]: [LATER]}))

    assert due(office).done == []
    office.later(minutes=6)
    assert due(office).done == ["Issue 1: 1 sent."]


def test_staff_get_the_draft_by_mail(office: Office, mail: Receiver) -> None:
    office.smtp = mail.address
    draft = office.draft()
    workspace = office.workspace
    alerts = workspace.settings.alerts.model_copy(update={"email_to": ("anna@institute.example",)})
    from dataclasses import replace  # noqa: PLC0415

    workspace = replace(workspace, settings=workspace.settings.model_copy(update={"alerts": alerts}))
    with office.store() as database:
        from aggregator.jobs import issues  # noqa: PLC0415

        drafted = issues.show(workspace, database, 1)
        assert newsletter.tell_staff(workspace, office.environment, drafted) == ""
        assert (
            newsletter.send_test(workspace, database, office.environment, 1, "anna@institute.example", now=office.now) == ""
        )

    told, test = mail.messages
    assert "draft" in str(told["Subject"])
    assert draft.stories[0].title[:40] in str(told.get_content()).replace("\n   ", " ")  # type: ignore[attr-defined]
    assert str(test["Subject"]).startswith("[Test] ")
    with office.desk.store.reading() as rows:
        assert mailings.mailing_of(rows, 1) is None


# ---- numbers ---------------------------------------------------------------------------------------------------------


def test_small_numbers_are_not_told(ready: Office) -> None:
    ready.people(7)
    ready.people(2, Wishes(topics=("synkinesis",), language="de"), "german")
    ready.send(transport=Scripted({addresses(7)[0]: [REFUSED]}))

    found = newsletter.numbers(ready.desk)

    (month,) = found.months.values()
    assert month["sent"] in ("8", "6")
    assert month["refused"] == "< 5"
    assert found.topics == {"all": "7", "synkinesis": "< 5"}
    # The number of the others would tell it.
    assert found.languages == {"de": "< 5", "en": "5 or more"}


def test_nothing_of_smtplib_sends_for_us() -> None:
    """`smtplib.send_message` hides at which step a connection was lost."""
    from pathlib import Path  # noqa: PLC0415

    import aggregator  # noqa: PLC0415

    sources = Path(aggregator.__file__).parent.rglob("*.py")
    assert [path for path in sources if ".send_message(" in path.read_text("utf-8")] == []


def test_an_issue_is_not_used_up_where_nobody_wants_it_yet(ready: Office) -> None:
    with pytest.raises(UsageError, match="Nobody on the list"):
        ready.send(transport=Scripted({}))
    ready.people(1)

    assert ready.send(transport=Scripted({})).tally == {"sent": 1}


def test_what_a_kill_left_is_unknown_to_whoever_looks(ready: Office) -> None:
    ready.people(5)
    killed_in_the_middle(ready, 2)

    assert newsletter.standing(ready.desk, 1).tally == {"sent": 2, "todo": 2, "unknown": 1}
    assert len(newsletter.unknown_of(ready.desk, 1)) == 1
    with ready.store() as database:
        assert newsletter.cancel_all(ready.desk, ready.workspace, database, 1, now=ready.now) == 3
    assert newsletter.standing(ready.desk, 1).tally == {"sent": 2, "skipped": 2, "unknown": 1}
