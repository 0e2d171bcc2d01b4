"""A store whose works never run alone: what only a busy installation does, a quiet test does too."""

from __future__ import annotations

from typing import Any

from steadypin.storage.database import Store, Tx, Work


class BatchingStore(Store):
    """With `together` each work is made part of a batch, and run again alone only if that batch fails."""

    together = False

    def _alone(self, work: Work[Any]) -> Any:
        if self.together:
            try:
                return self._in_transaction([_nothing, work])[1]
            except Exception:
                return super()._alone(work)
        return super()._alone(work)


def _nothing(tx: Tx) -> None:
    """A work without any effect."""
