"""The age of a form: a form that was filled in faster than a person reads, or days ago, is shown once more instead of being
taken. The form carries when it was made, signed, so that no state is kept."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass

# Seconds.
YOUNGEST, OLDEST = 2.0, 24 * 3600.0


@dataclass(frozen=True, slots=True, repr=False)
class FormAge:
    """Signs when forms are made; `key` is this process's own, `clock` in seconds."""

    key: bytes
    clock: Callable[[], float] = time.time

    def token(self) -> str:
        """For a form that is made now."""
        made = f"{self.clock():.1f}"
        return f"{made}.{self._signature(made)}"

    def is_right(self, token: str) -> bool:
        """Whether a form was made by us, long enough ago for a person and not too long."""
        made, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature.encode("utf-8", "replace"), self._signature(made).encode()):
            return False
        return YOUNGEST <= self.clock() - float(made) <= OLDEST

    def _signature(self, made: str) -> str:
        return hmac.digest(self.key, made.encode("utf-8", "replace"), "sha256").hex()[:32]
