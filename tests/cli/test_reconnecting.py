"""connections reconnect-link, resume-preview, resume-late, undo-resume."""

import re

from steadypin.services import connecting
from tests.support.commands import SECRET_KEY
from tests.support.rig import rig


def test_a_reconnect_link_is_printed_alone_and_taken_back(cli):
    ran = cli("connections", "reconnect-link", "spring_shop", "--hours", "2", "--asked-by", "The spring team")
    assert ran.code == 0
    assert re.fullmatch(r"http://\S+/reconnect/[\w-]{43}\n", ran.out)
    assert "is not shown again" in ran.err
    told = cli("connections", "reconnect-link", "spring_shop", "--json").json
    assert set(told) == {"id", "url", "expires_at"}
    ran = cli("connections", "reconnect-link", "spring_shop", "--revoke")
    assert (ran.code, ran.out) == (0, "2 links do not work any more.\n")


def test_with_nothing_to_go_on_each_command_says_so(cli):
    ran = cli("connections", "resume-preview", "spring_shop")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Nothing waits for this account")
    told = cli("connections", "resume-preview", "spring_shop", "--json").json
    assert (told["connected"], told["items"], told["last"]) == (True, [], None)
    for act in ("resume-late", "undo-resume"):
        ran = cli("connections", act, "spring_shop")
        assert ran.code == 4
        assert "spring_shop" in ran.err
    assert cli("connections", "resume-preview", "nobody").code == 4


def test_late_pins_are_shown_resumed_and_held_again(alone, tmp_path, monkeypatch):
    home = tmp_path / "home"
    monkeypatch.setenv("STEADYPIN_DATA_DIR", str(home))
    home.mkdir()
    (home / "secret.key").write_text(SECRET_KEY + "\n")
    with rig(f"sqlite:///{home / 'steadypin.db'}", home) as made:
        shop = made.connect()
        made.pin(shop, "Lemon cake")
        connecting.disconnect(made.ctx, shop.id)
        made.clock.advance(30 * 3600)
        made.drain()
        made.connect()
    shown = alone("connections", "resume-preview", "spring_shop")
    assert shown.code == 0, shown
    assert "1 wait for your word: `steadypin connections resume-late`." in shown.out
    resumed = alone("connections", "resume-late", "spring_shop")
    assert resumed.code == 0, resumed
    assert "until the first of them is sent" in resumed.out
    assert "Lemon cake" in resumed.out
    undone = alone("connections", "undo-resume", "spring_shop")
    assert (undone.code, undone.out) == (0, "1 Pin held again, exactly as before.\n")
    assert alone("connections", "undo-resume", "spring_shop").code == 4
