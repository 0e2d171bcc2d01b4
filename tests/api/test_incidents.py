"""/incidents: trouble that concerns many Pins."""

from steadypin.domain.incidents import IncidentKind
from steadypin.services.access import Scope
from steadypin.storage import incidents
from tests.api.stage import Api, is_problem
from tests.support.incidents import WHAT_DREW_IT, open_incident

PATH = "/api/v1/incidents"


def test_what_is_open_comes_first_and_says_what_happens_and_what_to_do(both: Api):
    ctx = both.rig.ctx
    over = open_incident(ctx, IncidentKind.APP)
    ctx.store.write(lambda tx: incidents.close(tx, over.id))
    open_incident(ctx, IncidentKind.PLATFORM)
    first, second = both.owner.get(PATH).json()["items"]
    assert (first["kind"], first["open"], first["closed_at"], first["probes"]) == ("platform", True, None, 0)
    assert (first["cause"], first["native"]["status"]) == ("platform", 503)
    assert (first["opened_at"], first["next_probe_at"]) == ("2026-03-01T09:00:00Z", "2026-03-01T09:00:30Z")
    assert "nothing is lost" in first["by_itself"]
    assert first["fix"] == "Nothing to do."
    assert (second["id"], second["open"], second["next_probe_at"]) == (over.id, False, None)
    assert [each["kind"] for each in both.owner.get(f"{PATH}?open=true").json()["items"]] == ["platform"]
    assert len(both.owner.get(f"{PATH}?limit=1").json()["items"]) == 1
    is_problem(both.owner.get(f"{PATH}?limit=0"), 422)
    is_problem(both.owner.get(f"{PATH}?opened=true"), 422)


def test_a_limited_key_sees_the_trouble_but_not_what_another_account_was_told(api):
    shop = api.rig.connect()
    open_incident(api.rig.ctx, IncidentKind.APP)
    limited = api.key(Scope.CONNECTIONS_READ, connection_ids=[shop.id])
    (told,) = limited.get(PATH).json()["items"]
    assert told["native"] is None
    assert told["title"]
    assert api.key(Scope.CONNECTIONS_READ).get(PATH).json()["items"][0]["native"]["status"] == 403
    is_problem(api.key(Scope.PINS_READ).get(PATH), 403)
    is_problem(api.outside.get(PATH), 401)


def test_no_connection_is_blamed(api):
    api.rig.connect()
    for kind in WHAT_DREW_IT:
        open_incident(api.rig.ctx, kind)
    (shop,) = api.owner.get("/api/v1/connections").json()["items"]
    assert (shop["status"], shop["broken_because"]) == ("connected", None)
