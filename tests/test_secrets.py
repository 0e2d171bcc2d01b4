"""No token, secret or key is ever seen outside: in logs, errors, answers, tables, files or whatever can be printed.

Each test of the suite is looked at for that when it ends (tests/support/leaks.py). Here is a life with everything that
can go wrong in it, logged as loudly as possible, and a look at places that other tests do not reach.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import structlog
from starlette.testclient import TestClient

from steadypin.api import OwnerDoor, create_api
from steadypin.bootstrap import Ready, logs
from steadypin.domain.native import read_native
from steadypin.domain.operations import BOARDS_LIST
from steadypin.pinterest import wire
from steadypin.services import access, choosing, connecting, lane_work
from steadypin.services.access import Scope
from steadypin.settings import load
from steadypin.storage.connections import read_grant
from steadypin.storage.keys import GivenKeys, KeyFile, new_key, write_key
from steadypin.storage.schema import grants, metadata
from steadypin.web import add_pages
from tests.support import leaks
from tests.support.commands import SECRET_KEY, installed, steadypin
from tests.support.rig import KEY, Rig
from tests.support.sim import Crash

BASE = "http://127.0.0.1:8080"
TOKEN = "pina_" + "A" * 52
FAULTS = ("500", "made_then_500", "401", "429", "reset_before_send", "made_then_reset", "not_made_timeout")


@pytest.fixture(params=["json", "console"])
def loud(request: pytest.FixtureRequest) -> Iterator[None]:
    """The product's own logging, everything it can say, as `serve` sets it up."""
    before = structlog.get_config()
    logs.configure(load({"STEADYPIN_LOG_FORMAT": request.param, "STEADYPIN_LOG_LEVEL": "debug"}))
    logging.getLogger().setLevel(logging.DEBUG)
    yield
    structlog.configure(**before)
    logging.basicConfig(handlers=[logging.NullHandler()], level=logging.WARNING, force=True)


def dump(home: Rig) -> Iterator[tuple[str, bytes]]:
    """Every value of every table, as a dump would hold it."""
    with home.store.read() as tx:
        for table in metadata.sorted_tables:
            for row in tx.conn.exec_driver_sql(f"SELECT * FROM {table.name}").mappings():
                for column, value in row.items():
                    raw = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    yield f"{table.name}.{column}", raw


class Life:
    """What happens, and the secrets that come up in it."""

    def __init__(self, home: Rig) -> None:
        self.home = home
        app = create_api(home.wired, BASE)
        add_pages(app, home.wired, BASE)
        self.owner = TestClient(OwnerDoor(app), base_url="http://steadypin", raise_server_exceptions=False)
        self.key = access.make_key(home.ctx, "shop", [Scope.ADMIN]).secret
        self.setup = access.new_setup_link(home.ctx)
        session = access.open_session(home.ctx, self.setup)
        assert session is not None
        self.session = session.secret
        self.outside = TestClient(app, base_url=BASE, raise_server_exceptions=False)

    @property
    def secrets(self) -> list[bytes]:
        """Those of which only a digest is kept. Tokens and the app's secret are known by their looks."""
        return [self.key.encode(), self.setup.encode(), self.session.encode()]

    def live(self) -> None:
        """Publish, fail in every way, renew, die, be told nonsense, rotate, disconnect."""
        home = self.home
        shop = home.connect()
        home.pin(shop, "Fine")
        home.drain()
        for n, fault in enumerate(FAULTS):
            home.fault(fault)
            home.pin(shop, f"Fault {n}")
            home.drain()
            home.run_out(900, 300)
        for fault in ("500", "not_made_reset", "not_made_timeout"):
            home.fault(fault, on="oauth/token")
            home.clock.advance(25 * 86400)
            home.drain()
            home.run_out(3600, 600)
        self.die_while_renewing()
        self.be_told_our_own_request()
        self.ask()
        with pytest.raises(connecting.NotConnected):
            home.run(connecting.finish(home.wired, "nonsense", "pinc_" + "x" * 40))
        connecting.disconnect(home.ctx, shop.id)

    def die_while_renewing(self) -> None:
        """The process ends between the answer of the token endpoint and the commit; and a fault of ours on the way."""
        home = self.home
        home.clock.advance(25 * 86400)
        home.pinterest.crash, home.pinterest.crash_on = "after", "oauth/token"
        home.drain()
        home.clock.advance(60)
        home.restart()
        for held in home.claim():
            try:
                home.run(lane_work.work(home.wired, held))
            except (Crash, Exception) as error:
                leaks.note("a traceback", "".join(traceback.format_exception(error)))

    def be_told_our_own_request(self) -> None:
        """An error page that shows the request it answers, as proxies do."""
        home = self.home
        real = home.pinterest.send

        async def echo(request: wire.Request, *more: Any) -> wire.Reply:
            if request.operation.id == "pins/create":
                said = str(dict(request.headers)).encode()
                return wire.Reply(502, {"content-type": "text/html"}, b"<pre>" + said, home.clock.now())
            return await real(request, *more)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(home.pinterest, "send", echo)
            home.pin(connecting.listing(home.ctx)[0], "Echo")
            home.drain()

    def ask(self) -> None:
        """Every address that can be read, with each kind of key; what is answered is heard by the suite's own look."""
        document = self.owner.get("/api/v1/openapi.json").json()
        ids = {
            "connection_id": connecting.listing(self.home.ctx)[0].id,
            "pin_id": self.owner.get("/api/v1/pins").json()["items"][0]["id"],
        }
        asked = 0
        for path, verbs in document["paths"].items():
            if "get" in verbs:
                address = re.sub(r"\{(\w+)\}", lambda name: ids.get(name[1], "none"), path)
                if not address.endswith("stream"):
                    asked += self.owner.get(address).status_code < 500
        assert asked > 10
        for wrong in (f"Bearer {self.key}x", "Bearer ", f"Basic {self.key}", f"Bearer {TOKEN[:-1]}"):
            assert self.outside.get("/api/v1/pins", headers={"Authorization": wrong}).status_code == 401
        self.outside.post(
            "/api/v1/pins", headers={"Authorization": f"Bearer {self.key}"}, json={"a": self.key[:9]}
        )
        for address in (f"/setup/{self.setup}", "/", "/setup/none"):
            self.outside.get(address, follow_redirects=False)


def test_a_life_with_everything_in_it_shows_no_secret(
    home: Rig, tmp_path: Path, loud: None, capfd: pytest.CaptureFixture[str]
) -> None:
    life = Life(home)
    with pytest.MonkeyPatch.context() as patch:
        answers: list[tuple[str, bytes]] = []
        patch.setattr(leaks, "note", lambda where, said: answers.append((where, _bytes(said))))
        life.live()
        structlog.get_logger().error("the end")
        printed = capfd.readouterr()
    assert "the end" in printed.err
    assert answers
    shown = [*answers, ("the log", printed.err.encode()), ("standard output", printed.out.encode())]
    assert leaks.find([*shown, *dump(home), *leaks.files(tmp_path)], life.secrets) == []


def _bytes(said: str | bytes) -> bytes:
    return said if isinstance(said, bytes) else said.encode()


def test_a_traceback_in_the_log_shows_no_values(loud: None, capfd: pytest.CaptureFixture[str]) -> None:
    def refresh(token: str) -> None:
        raise RuntimeError("broken")

    held = TOKEN
    try:
        refresh(held)
    except RuntimeError:
        structlog.get_logger().exception("lane.failed")
        logging.getLogger("uvicorn.error").exception("fell")
    said = capfd.readouterr().err
    assert said.count("RuntimeError") >= 2
    assert leaks.find([("the log", said.encode())]) == []


def test_a_database_error_shows_no_values(home: Rig) -> None:
    home.connect()
    with pytest.raises(sa.exc.DBAPIError) as broken:
        home.store.write(
            lambda tx: tx.conn.execute(
                sa.insert(grants).values(connection_id="con_none", access_token=TOKEN.encode())
            )
        )
    assert leaks.find([("the error", "".join(traceback.format_exception(broken.value)).encode())]) == []


def test_nothing_that_holds_a_secret_prints_it(home: Rig, tmp_path: Path) -> None:
    shop = home.connect()
    home.pin(shop)
    with home.store.read() as tx:
        row = tx.conn.execute(sa.select(grants, grants.c.connection_id.label("id"))).one()
    grant = read_grant(row, home.ctx.seal)
    caller = home.ctx.hosts.caller("production", grant.access_token)
    secret = new_key()
    settings = load(
        {
            "STEADYPIN_DATA_DIR": str(tmp_path),
            "STEADYPIN_SECRET_KEY": SECRET_KEY,
            "STEADYPIN_PINTEREST_APP_ID": "1",
            "STEADYPIN_PINTEREST_APP_SECRET": "pinsim-secret-of-1500001",
            "STEADYPIN_DATABASE_URL": f"postgresql://me:{TOKEN}@db/steadypin",
        }
    )
    refresh = wire.refresh("http://p", "1", "pinsim-secret-of-1500001", grant.refresh_token or "")
    held = home.claim()[0]
    act = home.store.write(lambda tx: choosing.choose(home.ctx, tx, held.lane))
    printed = [
        grant, caller, caller.request(BOARDS_LIST), refresh, refresh.body, settings, home.ctx,
        home.ctx.app, home.ctx.seal, GivenKeys(SECRET_KEY), KeyFile(tmp_path / "secret.key"), act, held,
        wire.Reply(200, {}, f'{{"access_token":"{TOKEN}"}}'.encode(), home.clock.now()),
        access.NewKey(access.make_key(home.ctx, "x", [Scope.PINS_READ]).key, secret), access.Session(secret, secret),
        connecting.Authorization(f"http://p?state={secret}", secret, home.clock.now()), Ready(BASE, f"{BASE}/setup/{secret}"),
        read_native("pins/create", 502, f"Authorization: Bearer {TOKEN}\nAuthorization: Basic {'QUJD' * 8}"),
    ]  # fmt: skip
    said = [(type(each).__name__, f"{each!r} {each!s}".encode()) for each in printed]
    assert leaks.find(said, [secret.encode(), b"QUJD" * 8, repr(KEY).encode()]) == []


def test_a_backup_and_a_rotation_show_no_secret(tmp_path: Path) -> None:
    installed(tmp_path / "home")
    listed = [
        steadypin(tmp_path / "home", *words)
        for words in (
            ("backup", str(tmp_path / "copy.db")), ("settings",), ("settings", "--json"), ("doctor", "--debug"),
            ("secret", "rotate"), ("connections", "--json"), ("keys", "list"),
            ("explain", "--body", f"Authorization: Bearer {TOKEN}", "--status", "401"),
        )
    ]  # fmt: skip
    assert (tmp_path / "copy.db").exists()
    keys = KeyFile(tmp_path / "home" / "secret.key").read()
    said = [("a command", f"{ran.out}{ran.err}".encode()) for ran in listed[:-1]]
    assert leaks.find([*said, *leaks.files(tmp_path)], [write_key(key).encode() for key in keys]) == []


@pytest.mark.parametrize(
    "said",
    [
        TOKEN,
        "pinr_" + "B" * 52,
        "pinsim-secret-of-1500001",
        SECRET_KEY,
        write_key(KEY),
    ],
    ids=["access token", "refresh token", "app secret", "key", "key without padding"],
)
def test_the_look_finds_what_it_looks_for(said: str) -> None:
    found = leaks.find([("somewhere", f"> {said} <".encode("latin-1"))])
    assert len(found) == 1
    assert said not in found[0]


def test_the_look_sees_files_and_what_is_hidden_in_a_database(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'some.db'}")
    with engine.begin() as conn:
        conn.execute(sa.text("CREATE TABLE t (a BLOB)"))
        conn.execute(sa.text("INSERT INTO t VALUES (:a)"), {"a": TOKEN.encode()})
    engine.dispose()
    assert len(leaks.find(leaks.files(tmp_path))) == 1
    (tmp_path / "some.db").unlink()
