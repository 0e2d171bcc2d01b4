"""`steadypin incidents`, and what the doctor says of them."""

from __future__ import annotations

from steadypin.bootstrap.assembly import opened
from steadypin.cli.setup import current
from steadypin.domain.incidents import IncidentKind
from steadypin.storage import incidents
from tests.cli.conftest import Cli
from tests.support.incidents import open_incident


def test_without_trouble_there_is_nothing_to_list(alone: Cli):
    assert alone("incidents").out == "There is no incident.\n"
    assert alone("incidents", "--json").json == {"items": []}


def test_open_trouble_says_what_happens_and_what_to_do(alone: Cli):
    alone("incidents")
    with opened(current()) as ctx:
        over = open_incident(ctx, IncidentKind.PLATFORM)
        ctx.store.write(lambda tx: incidents.close(tx, over.id))
        open_incident(ctx, IncidentKind.NETWORK, "sandbox")
    shown = alone("incidents").out
    assert "Pinterest cannot be reached from here (sandbox)" in shown
    assert "name service of the machine" in shown
    assert "Pinterest is in trouble" in shown
    assert "Pinterest is in trouble" not in alone("incidents", "--open").out
    found = alone("incidents", "--open", "--json").json["items"]
    assert [each["kind"] for each in found] == ["network"]


def test_the_doctor_mentions_what_is_open(alone: Cli):
    alone("incidents")
    with opened(current()) as ctx:
        open_incident(ctx, IncidentKind.APP)
    found = alone("doctor", "--json").json["items"]
    (told,) = [each for each in found if each["check"] == "incident"]
    assert (told["level"], told["fix"] != "") == ("warning", True)
