"""Websites whose links Pinterest has refused, learned from refused creates."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from steadypin.domain.link_refusals import FORGOTTEN_AFTER, SiteRefusal
from steadypin.storage.database import Tx
from steadypin.storage.schema import refused_sites


def note(tx: Tx, site: str, rule: str, native: Mapping[str, Any]) -> None:
    """A link to this site was refused now."""
    insert = sqlite.insert if tx.conn.dialect.name == "sqlite" else postgresql.insert
    row = {"site": site, "rule": rule, "native": dict(native), "at": tx.now}
    statement = insert(refused_sites).values(row)
    tx.conn.execute(statement.on_conflict_do_update(index_elements=["site"], set_=row))


def forget(tx: Tx, site: str) -> bool:
    """Nothing stands against this site any more; False when nothing did."""
    return tx.conn.execute(sa.delete(refused_sites).where(refused_sites.c.site == site)).rowcount == 1


def forget_before(tx: Tx, moment: datetime) -> None:
    """Refusals that are too old to say anything."""
    tx.conn.execute(sa.delete(refused_sites).where(refused_sites.c.at < moment))


def since(tx: Tx, moment: datetime, sites: Collection[str] | None = None) -> dict[str, SiteRefusal]:
    """Refusals since that moment by their site, all or those of some sites."""
    query = sa.select(refused_sites).where(refused_sites.c.at >= moment)
    if sites is not None:
        query = query.where(refused_sites.c.site.in_(sites))
    return {
        row.site: SiteRefusal(row.site, row.rule, str((row.native or {}).get("message") or ""), row.at)
        for row in tx.conn.execute(query)
    }


_REMEMBERED_S = 30.0


@dataclass(slots=True)
class KnownSites:
    """The refused sites as one worker knows them: a Pin that goes live costs no query, and hardly ever there are any."""

    _sites: frozenset[str] = frozenset()
    _until: float = float("-inf")

    def has(self, tx: Tx, site: str, now_s: float) -> bool:
        """Whether something stands against this site; what another worker has learned is known half a minute later.
        `now_s` is of a clock that only goes forward."""
        if now_s >= self._until:
            self._sites = frozenset(since(tx, tx.now - FORGOTTEN_AFTER))
            self._until = now_s + _REMEMBERED_S
        return site in self._sites

    def changed(self) -> None:
        """Ask the database the next time."""
        self._until = float("-inf")
