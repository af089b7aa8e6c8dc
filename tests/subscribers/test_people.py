"""Ask, confirm, change, move, leave; and what is kept of it."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.errors import StoreError, UsageError
from aggregator.jobs import subscriber_copies as care
from aggregator.jobs import subscribers as jobs
from aggregator.subscribers import copies
from aggregator.subscribers.database import SubscriberStore
from aggregator.subscribers.vault import Vault, new_key, read_keys
from aggregator.subscribers.wordings import wording
from aggregator.values.subscribers import Frequency, Wishes
from tests.subscribers.desks import KEY, NOW, Desk

JANE, BOB = "jane.doe@example.com", "bob@example.org"
NOTHING: dict[str, object] = {
    "on_the_list": None,
    "never_written_to": True,
    "log": [],
    "requests": [],
    "letters": [],
    "bounces": [],
    "issues": [],
}
WISHES = Wishes(topics=("synkinesis",), frequency=Frequency.MONTHLY, language="es")


# ---- ask and confirm


def test_nobody_is_on_the_list_before_they_confirm(desk: Desk) -> None:
    assert desk.ask(JANE, WISHES)

    assert desk.counts() == {"confirmed": 0, "suspended": 0, "pending": 1, "suppressed": 0}
    letters = desk.letters()
    assert [(one["kind"], one["address"], one["language"]) for one in letters] == [("confirm", JANE, "es")]

    found = jobs.look_up(desk.desk, letters[0]["code"], now=desk.now)
    assert found is not None
    assert (found.is_done, found.wishes) == (False, WISHES)
    assert desk.counts()["confirmed"] == 0

    done = jobs.confirm(desk.desk, letters[0]["code"], network="192.0.2.0/24", now=desk.now)
    assert done is not None
    assert done.is_done
    assert desk.counts() == {"confirmed": 1, "suspended": 0, "pending": 0, "suppressed": 0}


def test_a_link_says_the_same_twice_and_nothing_after_three_days(desk: Desk) -> None:
    desk.ask(JANE)
    code = desk.letters()[0]["code"]

    first = jobs.confirm(desk.desk, code, now=desk.now)
    assert jobs.confirm(desk.desk, code, now=desk.now) == first
    assert jobs.confirm(desk.desk, "unknown", now=desk.now) is None
    desk.later(hours=72)
    assert jobs.confirm(desk.desk, code, now=desk.now) is None
    assert desk.counts()["confirmed"] == 1


def test_a_request_that_nobody_confirms_is_forgotten(desk: Desk) -> None:
    desk.ask(JANE)
    desk.later(hours=72)

    assert jobs.retain(desk.desk, now=desk.now)["requests"] == 1
    assert desk.counts()["pending"] == 0
    assert jobs.export_person(desk.desk, JANE)["log"] == []


def test_a_victim_gets_one_letter_a_day_and_three_ever(desk: Desk) -> None:
    for _ in range(1000):
        assert desk.ask(JANE.upper())
    assert len(desk.letters()) == 1

    for _ in range(10):
        desk.later(days=1, minutes=1)
        desk.ask(JANE)
    assert len(desk.letters()) == 2


def test_nobody_else_can_change_what_somebody_asked_for(desk: Desk) -> None:
    desk.ask(JANE, WISHES)
    desk.ask(JANE, Wishes(topics=("parotid",), on_paper=True), postal="elsewhere")

    found = jobs.confirm(desk.desk, desk.letters()[0]["code"], now=desk.now)
    assert found is not None
    assert (found.wishes, found.postal) == (WISHES, "")
    assert jobs.export_person(desk.desk, JANE)["on_the_list"]["postal_address"] == ""  # type: ignore[index]


def test_who_is_on_the_list_is_told_so_in_their_own_mailbox_only(desk: Desk) -> None:
    token = desk.subscribe(JANE, WISHES)
    desk.later(days=1, minutes=1)

    assert desk.ask(JANE)
    assert [(one["kind"], one["token"]) for one in desk.letters()] == [("already", token)]
    assert jobs.export_person(desk.desk, JANE)["on_the_list"]["wishes"]["topics"] == ["synkinesis"]  # type: ignore[index]


def test_who_was_erased_gets_no_letter_until_staff_allow_it(desk: Desk) -> None:
    desk.subscribe(JANE)
    jobs.erase_person(desk.desk, JANE, now=desk.now)

    assert desk.ask(JANE)
    assert desk.letters() == []
    jobs.allow_again(desk.desk, JANE)
    assert desk.ask(JANE)
    assert len(desk.letters()) == 1


@pytest.mark.parametrize("written", ["", "jane", "jane@", "jane@example.com\nBcc: all@example.com"])
def test_what_is_no_address_is_told(desk: Desk, written: str) -> None:
    assert not desk.ask(written)
    assert desk.counts()["pending"] == 0


def test_the_log_holds_the_words_that_were_shown(desk: Desk) -> None:
    desk.subscribe(JANE, WISHES)

    log = jobs.export_person(desk.desk, JANE)["log"]
    assert [(one["act"], one.get("text")) for one in log] == [("asked", None), ("confirmed", wording("es").text)]  # type: ignore[attr-defined]


def test_the_log_only_grows(desk: Desk) -> None:
    desk.subscribe(JANE)

    raw = sqlite3.connect(desk.data / "subscribers.db")
    with pytest.raises(sqlite3.IntegrityError, match="only grows"):
        raw.execute("DELETE FROM consent")
    with pytest.raises(sqlite3.IntegrityError, match="only grows"):
        raw.execute("UPDATE consent SET act = 'left'")
    raw.close()


# ---- for people on the list


def test_wishes_change_by_the_link(desk: Desk) -> None:
    token = desk.subscribe(JANE)

    assert jobs.change(desk.desk, token, Wishes(on_paper=True), postal="1 Main Street", now=desk.now)
    told = jobs.export_person(desk.desk, JANE)["on_the_list"]
    assert told["postal_address"] == "1 Main Street"  # type: ignore[index]
    assert jobs.change(desk.desk, token, WISHES, now=desk.now)
    told = jobs.export_person(desk.desk, JANE)["on_the_list"]
    assert (told["wishes"]["topics"], told["postal_address"]) == (["synkinesis"], "")  # type: ignore[index]
    assert not jobs.change(desk.desk, "nobody's", WISHES, now=desk.now)


@pytest.mark.parametrize("first", ["move-old", "move-new"])
def test_a_move_needs_both_addresses(desk: Desk, first: str) -> None:
    token = desk.subscribe(JANE, WISHES)
    desk.later(days=2)

    assert jobs.ask_to_move(desk.desk, token, BOB, now=desk.now)
    letters = sorted(desk.letters(), key=lambda one: one["kind"] != first)
    assert sorted((one["kind"], one["address"]) for one in letters) == [("move-new", BOB), ("move-old", JANE)]
    half = jobs.confirm(desk.desk, letters[0]["code"], now=desk.now)
    assert half is not None
    assert (half.is_done, half.is_waiting) == (False, True)
    assert desk.token(JANE) == token
    whole = jobs.confirm(desk.desk, letters[1]["code"], now=desk.now)
    assert whole is not None
    assert whole.is_done
    assert desk.token(BOB) == token
    assert jobs.export_person(desk.desk, JANE)["on_the_list"] is None


def test_a_move_to_where_somebody_is_already_leaves_one(desk: Desk) -> None:
    token = desk.subscribe(JANE)
    desk.subscribe(BOB)
    desk.later(days=2)

    jobs.ask_to_move(desk.desk, token, BOB, now=desk.now)
    for letter in desk.letters():
        jobs.confirm(desk.desk, letter["code"], now=desk.now)
    assert (desk.token(BOB), desk.counts()["confirmed"]) == (token, 1)


def test_leaving_leaves_no_address_and_no_wish(desk: Desk) -> None:
    token = desk.subscribe(JANE, WISHES)

    jobs.leave(desk.desk, token, now=desk.now)
    jobs.leave(desk.desk, token, now=desk.now)
    jobs.leave(desk.desk, "nobody's", now=desk.now)
    told = jobs.export_person(desk.desk, JANE)
    assert told["on_the_list"] is None
    assert [one["act"] for one in told["log"]] == ["asked", "confirmed", "left"]  # type: ignore[attr-defined]


def test_who_left_can_come_back(desk: Desk) -> None:
    jobs.leave(desk.desk, desk.subscribe(JANE), now=desk.now)
    desk.later(days=1, minutes=1)

    desk.subscribe(JANE)
    assert desk.counts()["confirmed"] == 1


def test_who_writes_that_they_want_no_more_gets_the_link(desk: Desk) -> None:
    token = desk.subscribe(JANE)
    desk.later(days=1, minutes=1)

    with desk.desk.store.writing() as rows:
        assert [jobs.ask_to_leave_within(rows, one, now=desk.now) for one in (JANE, BOB)] == [True, False]
    assert [(one["kind"], one["token"]) for one in desk.letters()] == [("leave", token)]


# ---- staff


def test_a_list_kept_by_hand_is_asked_and_not_subscribed(desk: Desk) -> None:
    lines = ["Name,E-mail", "Jane Doe,jane.doe@example.com,weekly", "bob@example.org;yes", "", "no address here"]

    asked, wrong = jobs.import_list(desk.desk, lines, Wishes(), now=desk.now)

    assert (asked, wrong) == (2, [1, 5])
    assert desk.counts() == {"confirmed": 0, "suspended": 0, "pending": 2, "suppressed": 0}


def test_a_list_is_asked_once(desk: Desk) -> None:
    for _ in range(2):
        jobs.import_list(desk.desk, [f'"Doe, Jane",{JANE}', f"Bob <{BOB}>"], Wishes(), now=desk.now)
    assert len(desk.letters()) == 1
    desk.later(minutes=2)
    assert [one["address"] for one in desk.letters()] == [BOB]


def test_what_is_no_address_can_be_neither_exported_nor_erased(desk: Desk) -> None:
    with pytest.raises(UsageError, match="not an e-mail address"):
        jobs.export_person(desk.desk, "jane")
    with pytest.raises(UsageError, match="not an e-mail address"):
        jobs.erase_person(desk.desk, "jane", now=desk.now)


def test_networks_are_forgotten_after_thirty_days(desk: Desk) -> None:
    desk.ask(JANE, network="192.0.2.0/24")
    jobs.confirm(desk.desk, desk.letters()[0]["code"], network="192.0.2.0/24", now=desk.now)
    desk.later(days=29)
    assert jobs.retain(desk.desk, now=desk.now)["networks"] == 0
    desk.later(days=2)
    assert jobs.retain(desk.desk, now=desk.now)["networks"] == 2


@pytest.mark.parametrize(
    ("address", "network"),
    [("192.0.2.77", "192.0.2.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"), ("testclient", ""), ("", "")],
)
def test_a_network_names_nobody(address: str, network: str) -> None:
    assert jobs.network_of(address) == network


# ---- what a file tells


def files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_nothing_of_anybody_can_be_read_without_the_key(desk: Desk) -> None:
    for number in range(200):
        desk.subscribe(f"person{number}@clinic.example", WISHES)
    care.back_up(desk.desk, now=desk.now)

    content = files(desk.data)
    assert b"person7@" not in content
    assert b"clinic.example" not in content
    assert b"synkinesis" not in content
    assert b"monthly" not in content


def test_what_is_erased_is_gone_from_the_file(desk: Desk) -> None:
    desk.subscribe(JANE, WISHES)
    with desk.desk.store.reading() as rows:
        sealed = bytes(rows.raw.execute("SELECT sealed FROM person").fetchone()[0])
    jobs.erase_person(desk.desk, JANE, now=desk.now)

    assert sealed not in files(desk.data)
    told = jobs.export_person(desk.desk, JANE)
    assert told == NOTHING


def test_another_key_opens_nothing(desk: Desk) -> None:
    desk.subscribe(JANE)

    with pytest.raises(StoreError, match="another key"):
        SubscriberStore(desk.data / "subscribers.db", (b"x" * 32,))


def test_the_key_is_renewed(desk: Desk) -> None:
    desk.subscribe(JANE, WISHES)
    fresh = b"n" * 32

    SubscriberStore(desk.data / "subscribers.db", (fresh, KEY)).renew()

    store = SubscriberStore(desk.data / "subscribers.db", (fresh,))
    again = jobs.SubscriberDesk(store, desk.data, "")
    assert jobs.export_person(again, JANE)["on_the_list"]["wishes"]["topics"] == ["synkinesis"]  # type: ignore[index]
    with pytest.raises(StoreError, match="another key"):
        SubscriberStore(desk.data / "subscribers.db", (KEY,))


def test_what_is_sealed_for_one_row_is_not_read_as_anothers() -> None:
    vault = Vault.new()
    content = vault.put("secret", "person", b"a")

    assert vault.get(content, "person", b"a") == "secret"
    with pytest.raises(StoreError):
        vault.get(content, "person", b"b")
    with pytest.raises(StoreError):
        vault.get(content, "postal", b"a")


def test_a_key_is_needed(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="needs a key"):
        read_keys(None, None)
    with pytest.raises(UsageError, match="cannot be read"):
        read_keys(None, tmp_path / "none")
    for wrong in ("short", "é" * 40, "!" * 43):
        with pytest.raises(UsageError, match="32 bytes"):
            read_keys(wrong, None)
    key = new_key()
    (tmp_path / "key").write_text(f"{key}\n{'ab' * 32}\n")
    assert read_keys(None, tmp_path / "key") == (*read_keys(key, None), bytes.fromhex("ab" * 32))


# ---- copies


def restored(desk: Desk) -> int:
    """Put the newest copy in place as the job does; how many departures were applied."""
    copy = copies.copies(desk.desk.folder)[0]
    copies.open_copy(copy, desk.data / "subscribers.db", (KEY,))
    desk.open()
    return care.follow_departures(desk.desk, since=copies.made_at(copy))[0]


def test_a_restored_copy_lets_go_again_who_went_since(desk: Desk) -> None:
    leaver, erased = desk.subscribe(JANE, WISHES), desk.subscribe(BOB)
    desk.subscribe("carol@example.net")
    care.back_up(desk.desk, now=desk.now)
    desk.later(days=3)
    jobs.leave(desk.desk, leaver, now=desk.now)
    jobs.erase_person(desk.desk, BOB, now=desk.now)
    (desk.data / "subscribers.db").unlink()

    assert restored(desk) == 2
    assert desk.counts() == {"confirmed": 1, "suspended": 0, "pending": 0, "suppressed": 1}
    assert jobs.export_person(desk.desk, BOB)["never_written_to"] is True
    assert not desk.knows(erased)


def test_a_restored_copy_sends_nothing_of_what_it_had_queued(desk: Desk) -> None:
    desk.ask(JANE)
    care.back_up(desk.desk, now=desk.now)
    assert len(desk.letters()) == 1

    restored(desk)
    assert desk.letters() == []


def test_copies_are_kept_for_a_fortnight(desk: Desk) -> None:
    for _ in range(20):
        care.tidy(desk.desk, now=desk.now)
        desk.later(days=1)

    made = [copies.made_at(copy) for copy in copies.copies(desk.desk.folder)]
    assert len(made) == 15
    assert made[0] - made[-1] == timedelta(days=14)
    assert all(copy.stat().st_mode & 0o777 == 0o600 for copy in copies.copies(desk.desk.folder))


def test_a_damaged_copy_is_refused_and_the_list_stays(desk: Desk) -> None:
    desk.subscribe(JANE)
    copy = care.back_up(desk.desk, now=desk.now)
    copy.write_bytes(copy.read_bytes()[:-1] + b"x")

    with pytest.raises(StoreError, match="damaged"):
        copies.open_copy(copy, desk.data / "subscribers.db", (KEY,))
    assert desk.counts()["confirmed"] == 1


def test_a_line_of_the_journal_that_is_half_written_is_no_departure(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    copies.note_departure(journal, "left", b"m" * 32, now=NOW)
    with journal.open("a") as file:
        file.write("2026-11-29T09:00:00.000000+00:00 left abcd")

    assert [one.act for one in copies.departures(journal, since=NOW)] == ["left"]
    copies.forget_departures(journal, before=NOW + timedelta(days=1))
    assert journal.read_text() == ""


def test_the_export_is_plain_data(desk: Desk) -> None:
    desk.subscribe(JANE, WISHES)
    assert JANE in json.dumps(jobs.export_person(desk.desk, JANE))


# ---- what attackers and accidents do


def test_a_number_is_never_given_twice(desk: Desk) -> None:
    """A bounce names whom a letter went to by a number: one of a letter that is gone must not become another's."""
    desk.subscribe(JANE)
    with desk.desk.store.reading() as rows:
        before = rows.raw.execute("SELECT seq FROM sqlite_sequence WHERE name = 'mail'").fetchone()[0]
        assert rows.raw.execute("SELECT COUNT(*) FROM mail").fetchone()[0] == 0
    desk.ask(BOB)
    with desk.desk.store.reading() as rows:
        assert rows.raw.execute("SELECT MAX(id) FROM mail").fetchone()[0] > before


def test_a_key_that_is_renewed_meanwhile_is_used_at_once(desk: Desk) -> None:
    other = SubscriberStore(desk.data / "subscribers.db", (KEY,))
    other.renew()
    desk.ask(JANE, WISHES)

    again = Desk(desk.data)
    assert [one["address"] for one in again.letters()] == [JANE]


def test_a_torn_line_of_the_journal_swallows_no_departure(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    journal.write_text("2026-11-29T09:00:00.000000+00:00 left abcd")
    copies.note_departure(journal, "left", b"m" * 32, now=NOW)
    with journal.open("a") as file:
        file.write(f"2026-13-45T99 left {'ab' * 32}\n")

    assert [one.mark for one in copies.departures(journal, since=NOW)] == [b"m" * 32]


def test_old_links_work_after_leaving_and_coming_back(desk: Desk) -> None:
    first = desk.subscribe(JANE)
    jobs.leave(desk.desk, first, now=desk.now)
    desk.later(days=1, minutes=1)
    desk.subscribe(JANE)

    jobs.leave(desk.desk, first, now=desk.now)
    assert desk.counts()["confirmed"] == 0


def test_one_mailbox_is_not_bombed_under_several_names(desk: Desk) -> None:
    for number in range(20):
        desk.ask(f"victim+{number}@example.org")
    assert len(desk.letters()) == 3


def test_a_move_tells_nothing_of_the_new_address(desk: Desk) -> None:
    token = desk.subscribe(JANE)
    desk.subscribe(BOB)
    jobs.erase_person(desk.desk, BOB, now=desk.now)
    desk.later(days=2)

    jobs.ask_to_move(desk.desk, token, BOB, now=desk.now)
    assert [one["kind"] for one in desk.letters()] == ["move-old"]
    for number in range(10):
        jobs.ask_to_move(desk.desk, token, f"other{number}@example.net", now=desk.now)
    assert desk.letters() == []


def test_a_half_of_a_move_whose_owner_left_is_gone(desk: Desk) -> None:
    token = desk.subscribe(JANE)
    desk.later(days=2)
    jobs.ask_to_move(desk.desk, token, BOB, now=desk.now)
    letters = desk.letters()
    jobs.leave(desk.desk, token, now=desk.now)

    assert [jobs.confirm(desk.desk, letter["code"], now=desk.now) for letter in letters] == [None, None]


def test_a_restore_keeps_what_it_replaces_and_suppresses_again_who_complained(desk: Desk) -> None:
    token = desk.subscribe(JANE)
    care.back_up(desk.desk, now=desk.now)
    desk.later(hours=1)
    with desk.desk.store.writing() as rows:
        mark = rows.vault.mark(JANE)
        copies.note_departure(desk.desk.journal, "complained", mark, now=desk.now)
    fresh = desk.data / "subscribers.db.restored"
    copies.open_copy(copies.copies(desk.desk.folder)[0], fresh, (KEY,))
    other = jobs.SubscriberDesk(SubscriberStore(fresh, (KEY,)), desk.data, "")
    assert care.follow_departures(other, since=NOW) == (1, 0)
    copies.put_in_place(fresh, desk.data / "subscribers.db")

    # The desk that was open meanwhile sees the copy.
    assert not desk.knows(token)
    assert desk.counts()["suppressed"] == 1
    assert not fresh.exists()


def test_what_is_sealed_does_not_tell_by_its_length(desk: Desk) -> None:
    desk.subscribe(JANE)
    desk.subscribe("jan.doe@example.com", Wishes(topics=("synkinesis", "eye-care")))
    with desk.desk.store.reading() as rows:
        lengths = {len(row["sealed"]) for row in rows.raw.execute("SELECT sealed FROM person")}
    assert len(lengths) == 1
