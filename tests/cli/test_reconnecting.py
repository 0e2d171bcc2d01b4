"""connections reconnect-link, resume-preview, resume-late, undo-resume."""

import re


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


def test_pins_held_for_a_reconnect_are_shown_resumed_and_held_again(alone, tmp_path, monkeypatch):
    from tests.support.commands import installed

    monkeypatch.setenv("STEADYPIN_DATA_DIR", str(tmp_path / "home"))
    installed(tmp_path / "home")
    ended = alone("disconnect", "spring_shop")
    assert ended.code == 0
    ran = alone("connections", "resume-preview", "spring_shop")
    assert ran.code == 0, ran
    assert alone("connections", "resume-late", "spring_shop").code == 4
