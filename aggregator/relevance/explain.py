"""Why an entry was admitted or not, in one plain sentence."""

from __future__ import annotations

from aggregator.relevance.judge import (
    ALL_ON_TOPIC,
    ANIMALS,
    MARKET_REPORT,
    NEVER,
    NEVER_FROM,
    SCORES_ENOUGH,
    SCORES_TOO_LITTLE,
    THRESHOLD,
)
from aggregator.values.entries import PROBABLY_ON_TOPIC, Reason, Verdict

_SAYS = {"title": "the title says", "opening": "the opening says", "text": "the text says", "category": "a category says"}


def in_a_sentence(verdict: Verdict) -> str:
    """The decision with its reason: “Admitted: 5 points, 2 are needed: the title says bells palsy.”"""
    if not verdict.reasons:
        return "Admitted." if verdict.admitted else "Rejected."
    deciding, points = verdict.reasons[0], _points(verdict)
    word = "Waits for staff, probably on topic" if verdict.is_doubtful else "Admitted" if verdict.admitted else "Rejected"
    why = {
        SCORES_ENOUGH: points,
        SCORES_TOO_LITTLE: points,
        PROBABLY_ON_TOPIC: points,
        ALL_ON_TOPIC: f"everything in the feed “{deciding.words}” is on topic",
        MARKET_REPORT: f"the title is a market report's (“{deciding.words}”)",
        ANIMALS: "the patients are animals",
        NEVER: f"staff never want “{deciding.words}”, which is in the {deciding.where}",
        NEVER_FROM: f"staff want nothing from {deciding.words}",
    }
    return f"{word}: {why.get(deciding.rule, deciding.rule)}."


def _points(verdict: Verdict) -> str:
    points = "1 point" if verdict.score == 1 else f"{verdict.score:g} points"
    found = f"{points}, {THRESHOLD:g} are needed"
    says = _says([reason for reason in verdict.reasons[1:] if reason.where in _SAYS])
    if says:
        return f"{found}: {says}"
    return f"{found}: neither title nor text names the topic"


def _says(phrases: list[Reason]) -> str:
    """Where the phrases stand, in the order in which they count: the first of each place."""
    first = {reason.where: reason.words for reason in reversed(phrases)}
    return ", ".join(f"{says} {first[where]}" for where, says in _SAYS.items() if where in first)
