"""World: all that a seed plants and requests change."""

from __future__ import annotations

from pinsim.ids import Ids
from pinsim.images import Pictures
from pinsim.store.policy import Signer
from pinsim.world.app import App
from pinsim.world.grants import GrantBook
from pinsim.world.realm import Realm

ENVIRONMENTS = ("production", "sandbox")


class World:
    """Apps and grants span both environments; everything else lives in one Realm."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.ids = Ids(seed)
        self.apps: dict[str, App] = {}
        self.realms = {name: Realm(name, seed, self.ids) for name in ENVIRONMENTS}
        self.grants = GrantBook(self.ids)
        self.pictures = Pictures()
        self.signer = Signer(self.ids.secret("bucket"))

    @property
    def production(self) -> Realm:
        """The environment that the public sees."""
        return self.realms["production"]

    def settle(self, now: float) -> None:
        """Let happen what was due until now."""
        for realm in self.realms.values():
            realm.settle(now)
