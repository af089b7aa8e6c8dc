"""Identity keys as they are spelled today: trial numbers that entries mention (`nct:NCT…` never met `nct:nct…`), and
addresses without the parameters that are known to be trackers by now."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from aggregator.keys import Scheme, has_scheme, key, value_of
from aggregator.urls import canonical_url

revision = "0008"
down_revision = "0007"

_MENTION = sa.table("entry_mention", sa.column("mention", sa.String))
_KEY = sa.table("entry_key", sa.column("key", sa.String), sa.column("entry_id", sa.Integer))
_ENTRY = sa.table("entry", sa.column("id", sa.Integer), sa.column("url", sa.String))
_DECISION = sa.table("decision", sa.column("key", sa.String))


def upgrade() -> None:
    """Spell what is stored anew; rows stay the same ones."""
    mention = _MENTION.c.mention
    is_trial = (sa.func.substr(mention, 1, 4) == "nct:") & (mention != sa.func.lower(mention))
    op.execute(sa.update(_MENTION).where(is_trial).values(mention=sa.func.lower(mention)))
    connection = op.get_bind()
    by_entry = sa.select(_KEY.c.key, _KEY.c.entry_id, _ENTRY.c.url).join(_ENTRY, _ENTRY.c.id == _KEY.c.entry_id)
    for row in connection.execute(by_entry).all():
        after = _respelled(row.key, row.url)
        if after != row.key:
            connection.execute(
                sa.update(_KEY).where(_KEY.c.key == row.key, _KEY.c.entry_id == row.entry_id).values(key=after)
            )
    known = set(connection.execute(sa.select(_DECISION.c.key)).scalars())
    for before in sorted(known):
        after = _respelled(before, f"https://{value_of(before)}")
        if after not in known:
            connection.execute(sa.update(_DECISION).where(_DECISION.c.key == before).values(key=after))


def _respelled(written: str, url: str) -> str:
    address = canonical_url(url) if has_scheme(written, Scheme.URL) else ""
    return key(Scheme.URL, address) if address else written
