"""One sample with what is known of its mutants, kept in a file so that a run goes on where the last one stopped."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, pairwise
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any

from tests.mutants.copies import Bench, Outcome
from tests.mutants.operators import Mutant
from tests.mutants.reach import Reach
from tests.mutants.sample import Sample

# Seconds of processor time that a mutant gets besides what its tests took when they were measured, by the clock.
_START = 30.0
# How much of the time of all quick tests a mutant may take before it is looked at together with others.
_FIRST_LOOK = 0.1
SURVIVED, SURVIVED_ALL = "survived", "survived all"


def say(text: str) -> None:
    """Write a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@dataclass
class Session:
    """`results` says by the mutant's number in the sample what came of it and which test failed. `ends_at` is monotonic."""

    sample: Sample
    reach: Reach
    file: Path
    ends_at: float

    def __post_init__(self) -> None:
        self._lock = Lock()
        lines = self.file.read_text("utf-8").splitlines() if self.file.exists() else []
        self._all_seconds = sum(self.reach.seconds.values())
        self.results: dict[int, dict[str, Any]] = {one["mutant"]: one for one in map(json.loads, lines)}

    def part(self, parts: int) -> list[int]:
        """What this run does: of what is left, as many as one of `parts` parts of the whole."""
        left = [n for n in range(len(self.sample.mutants)) if n not in self.results]
        return left[: -(-len(self.sample.mutants) // parts)]

    def judge(self, number: int, bench: Bench) -> None:
        """Run the likeliest and quickest of the tests that reach a mutant, as many as fit into the first look."""
        mutant = self.sample.mutants[number]
        reached = self.reach.tests_of(mutant.path, mutant.line, self.sample.sources[mutant.path])
        ends = accumulate(self.reach.seconds[test] for test in reached)
        tests = [test for test, end in zip(reached, ends, strict=True) if end <= _FIRST_LOOK * self._all_seconds]
        found = self._run(bench, [number], tests) if tests else Outcome(SURVIVED)
        self._keep(number, found.result, found.failed[:1], reached=len(reached))

    def look_again(self, numbers: Sequence[int], benches: Sequence[Bench]) -> None:
        """Run all quick tests against these survivors, which touch each other nowhere, all at once: most often none fails.
        Where one does, each mutant is tried with it alone, and those that remain with all that failed."""
        tests = self.reach.in_order(frozenset(self.reach.seconds))
        parts = [tests[n :: len(benches)] for n in range(len(benches))]
        outcomes: list[Outcome] = []
        self.each(range(len(parts)), benches, lambda n, bench: outcomes.append(self._run(bench, numbers, parts[n], True)))
        failed = [test for outcome in outcomes for test in outcome.failed]
        left = {*numbers}
        while failed and left and time.monotonic() < self.ends_at:
            test, *rest = self.reach.in_order(frozenset(failed))
            killed: list[int] = []
            self.each(sorted(left), benches, partial(self._try_with, test, killed))
            left -= {*killed}
            failed = list(self._run(benches[0], sorted(left), rest, True).failed) if rest and left else []
        # What was cut short says nothing.
        if time.monotonic() < self.ends_at and all(outcome.result != "timeout" for outcome in outcomes):
            for number in sorted(left):
                self._keep(number, SURVIVED_ALL, ())

    def _try_with(self, test: str, killed: list[int], number: int, bench: Bench) -> None:
        found = self._run(bench, [number], [test])
        if found.result != SURVIVED:
            killed.append(number)
            self._keep(number, found.result, found.failed[:1])

    def apart(self, numbers: Sequence[int]) -> list[list[int]]:
        """The same numbers in groups of mutants that touch each other nowhere."""
        groups: list[list[int]] = []
        for number in numbers:
            fitting = (group for group in groups if not _overlap([self.sample.mutants[n] for n in (*group, number)]))
            group = next(fitting, None)
            if group is None:
                groups.append([number])
            else:
                group.append(number)
        return groups

    def survivors(self, *results: str) -> list[int]:
        """The numbers of those that no test noticed."""
        return [n for n, found in sorted(self.results.items()) if found["result"] in results]

    def each(self, numbers: Sequence[int], benches: Sequence[Bench], work: Callable[[int, Bench], None]) -> None:
        """`work` for each number, on all benches at a time, until the time is up."""
        waiting = SimpleQueue[int]()
        for number in numbers:
            waiting.put(number)

        def go_on(bench: Bench) -> None:
            while time.monotonic() < self.ends_at:
                try:
                    number = waiting.get_nowait()
                except Empty:
                    return
                work(number, bench)

        threads = [Thread(target=go_on, args=(bench,)) for bench in benches]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _run(self, bench: Bench, numbers: Sequence[int], tests: Sequence[str], all_failures: bool = False) -> Outcome:
        limit = _START + sum(self.reach.seconds[test] for test in tests)
        mutants = [self.sample.mutants[number] for number in numbers]
        return bench.run_mutants(mutants, tests, seconds=limit, is_one_enough=not all_failures)

    def _keep(self, number: int, result: str, by: Sequence[str], **facts: int) -> None:
        with self._lock:
            self.results[number] = {**self.results.get(number, {}), **facts, "result": result, "by": "".join(by)}
            with self.file.open("a", encoding="utf-8") as file:
                file.write(json.dumps({**self.results[number], "mutant": number}) + "\n")
            mutant = self.sample.mutants[number]
            say(f"{len(self.results)}/{len(self.sample.mutants)} {result} {mutant.path}:{mutant.line} {mutant.operator}")

    def report(self) -> float:
        """Print what survived and the count; the share that was killed."""
        survivors = self.survivors(SURVIVED, SURVIVED_ALL)
        for number in sorted(survivors, key=lambda n: (self.sample.mutants[n].path, self.sample.mutants[n].line)):
            mutant, found = self.sample.mutants[number], self.results[number]
            before, after = mutant.shown_in(self.sample.sources[mutant.path])
            say(f"\n{mutant.path}:{mutant.line} {mutant.operator}, {found['result']}, reached by {found['reached']} tests")
            say(f"- {before}\n+ {after}")
        tried = len(self.results)
        killed = tried - len(survivors)
        timeouts = len(self.survivors("timeout"))
        share = killed / tried if tried else 0.0
        say(
            f"\n{killed} of {tried} mutants killed ({share:.1%}), {timeouts} of them by their time; drawn from {self.sample.of}"
        )
        return share


def _overlap(mutants: Sequence[Mutant]) -> bool:
    in_order = sorted(mutants, key=lambda one: (one.path, one.start))
    return any(one.path == other.path and other.start < one.end for one, other in pairwise(in_order))
