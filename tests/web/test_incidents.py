"""The banner: one for each trouble, whatever the number of Pins that wait for its end."""

from steadypin.domain.incidents import IncidentKind
from steadypin.storage import incidents
from tests.support.incidents import open_incident


def test_an_incident_is_one_banner_with_what_happens_by_itself_and_the_next_probe(shop, visit):
    visitor = visit(shop)
    assert "Incident" not in visitor.read()
    known = open_incident(shop.ctx, IncidentKind.PLATFORM)
    text, words = visitor.read(), visitor.words()
    assert text.count('aria-label="Incident"') == 1
    assert "Pinterest is in trouble since 2026-03-01 09:00 UTC" in words
    assert "nothing is lost" in words
    assert "The next Pin is tried from 2026-03-01 09:00 UTC on." in words
    shop.store.write(lambda tx: incidents.close(tx, known.id))
    assert "Incident" not in visitor.read()


def test_trouble_of_the_app_is_told_to_the_operator_and_in_the_sandbox_it_says_so(shop, visit):
    open_incident(shop.ctx, IncidentKind.APP, "sandbox")
    open_incident(shop.ctx, IncidentKind.RENEWAL)
    text, words = visit(shop).read(), visit(shop).words()
    assert text.count('aria-label="Incident"') == 2
    assert "no account has done anything wrong" in words
    assert "sandbox since" in words
    assert words.count("The next Pin is tried from") == 1, "no Pin waits for a renewal"
    assert "<b>may not</b>" not in text
