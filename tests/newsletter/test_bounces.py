"""What mail servers and providers say of our letters. The expectations were written by somebody who had not seen the rules: 93
samples of the package flufl.bounce, and 75 of our own (`bounces/own/`), as sixteen mail systems write them."""

from __future__ import annotations

import json
import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from aggregator.newsletter.bounces import read_bounce
from aggregator.newsletter.verp import verp_address, verp_in

HERE = Path(__file__).parent / "bounces"
OWN = sorted((HERE / "own").glob("*.eml"))
THEIRS: list[dict[str, Any]] = json.loads((HERE / "flufl.json").read_text("utf-8"))
KEY, BASE = b"k" * 32, "bounce@news.institute.example"


def said(content: bytes) -> str:
    message = message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    return read_bounce(message).sort.value


def is_ours(path: Path) -> bool:
    """Whether the sample came to the signed address of its letter."""
    signed = re.search(r"\+7\.42\.(\w+)@", verp_address(BASE, 7, 42, KEY))
    assert signed is not None
    message = message_from_bytes(path.read_bytes().replace(b"SIGNATURE", signed[1].encode()))
    return verp_in([str(message["To"]).strip("<> ")], BASE, KEY) == (7, 42)


@pytest.mark.parametrize("sample", OWN, ids=lambda sample: sample.stem)
def test_a_report_of_ours_is_read_as_a_person_reads_it(sample: Path) -> None:
    wanted = json.loads(sample.with_suffix(".json").read_text("utf-8"))["result"]

    assert (said(sample.read_bytes()) if is_ours(sample) else "none") == wanted


@pytest.mark.parametrize("sample", THEIRS, ids=lambda sample: str(sample["file"]))
def test_a_report_that_others_collected_is_read_as_a_person_reads_it(sample: dict[str, Any]) -> None:
    if find_spec("flufl") is None or find_spec("flufl.bounce") is None:
        pytest.skip("the samples need their dependency group: uv run --group samples pytest")
    import flufl.bounce  # noqa: PLC0415

    folder = Path(flufl.bounce.__file__).parent / "tests" / "data"
    assert said((folder / str(sample["file"])).read_bytes()) == sample["result"]


def test_there_are_enough_samples_of_each_sort() -> None:
    sorts = [json.loads(path.with_suffix(".json").read_text("utf-8"))["result"] for path in OWN]
    sorts += [sample["result"] for sample in THEIRS]

    assert (len(OWN), len(THEIRS)) >= (60, 40)
    assert {sort: sorts.count(sort) >= 3 for sort in ("hard", "soft", "complaint", "none")} == dict.fromkeys(
        ("hard", "soft", "complaint", "none"), True
    )


@pytest.mark.parametrize(
    "address",
    [
        "bounce+7.42.aaaaaaaaaa@news.institute.example",
        "bounce+7.43.{}@news.institute.example",
        "bounce+8.42.{}@news.institute.example",
        "bounce+7.42.{}@other.example",
        "other+7.42.{}@news.institute.example",
        "bounce+7.42.{}x@news.institute.example",
        "bounce+-7.42.{}@news.institute.example",
        "bounce@news.institute.example",
        "",
    ],
)
def test_only_an_address_that_we_signed_counts(address: str) -> None:
    right = verp_address(BASE, 7, 42, KEY)
    signature = right.rpartition("@")[0].rpartition(".")[2]

    assert verp_in([address.format(signature)], BASE, KEY) is None
    assert verp_in(["x@example.org", right.upper()], BASE, KEY) == (7, 42)
    assert verp_in([right], BASE, b"other") is None
