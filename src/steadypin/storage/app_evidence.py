"""What showed the App's Access: of each Sign the latest reply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from steadypin.domain.app_access import Sign
from steadypin.storage.database import Tx
from steadypin.storage.schema import app_evidence


@dataclass(frozen=True, slots=True)
class Evidence:
    """One Sign: when it was last seen and where; `native` is Pinterest's reply where that was a refusal."""

    sign: Sign
    at: datetime
    environment: str
    native: Mapping[str, Any] | None


def keep(tx: Tx, sign: Sign, environment: str, native: Mapping[str, Any] | None) -> None:
    """This Sign was seen now."""
    insert = sqlite.insert if tx.conn.dialect.name == "sqlite" else postgresql.insert
    values = {
        "at": tx.now,
        "environment": environment,
        "native": dict(native) if native is not None else None,
    }
    row = insert(app_evidence).values(sign=sign.value, **values)
    tx.conn.execute(row.on_conflict_do_update(index_elements=["sign"], set_=values))


def listing(tx: Tx) -> list[Evidence]:
    """Every Sign that was seen, the latest first."""
    rows = tx.conn.execute(sa.select(app_evidence).order_by(app_evidence.c.at.desc(), app_evidence.c.sign))
    return [Evidence(Sign(row.sign), row.at, row.environment, row.native) for row in rows]
