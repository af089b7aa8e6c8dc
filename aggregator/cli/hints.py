"""What helps after an error, or answers a question, as commands."""

from __future__ import annotations

from aggregator.errors import AggregatorError, Hint, sentence_of

_HINTS = {
    Hint.LIST_FEEDS: "`feeds list` prints the names.",
    Hint.REFRESH_FIRST: "Run `refresh` first.",
    Hint.RESTORE: "`restore` puts the last copy in its place.",
    Hint.RESTORE_ANOTHER_FILE: "`restore FILE` takes one from elsewhere.",
    Hint.APPLY_FILTER: "Write it as you want it into a copy and use `filter apply`.",
    Hint.LIST_WAITING: "`review list` prints those that are.",
    Hint.FIND_BY_TITLE: "`find` looks for the words of a title.",
    Hint.TRY_PAIRS: "`stories try` reads pairs.",
    Hint.OTHER_FOLDER: "Name another folder with --data.",
    Hint.OTHER_PORT: "Choose another with --port.",
    Hint.BEHIND_PROXY: "If there is one, name the host in people's address bar with --behind-proxy.",
    Hint.NEW_KEY: "`subscribers new-key` prints one.",
    Hint.NEWSLETTER_STATUS: "`newsletter status` lists them.",
    Hint.RESUME_SENDING: "`newsletter resume` goes on with it.",
    Hint.SEND_ALL_THE_SAME: "If it is right, say so with --sure.",
}


def with_hint(error: BaseException) -> str:
    """What went wrong, and the command that helps."""
    hint = error.hint if isinstance(error, AggregatorError) else None
    return f"{sentence_of(error)} {_HINTS[hint]}" if hint else sentence_of(error)


def how_to_join(one: int, other: int) -> str:
    """The command that makes the stories of two entries one."""
    return f"`stories merge {one} {other}` joins them."
