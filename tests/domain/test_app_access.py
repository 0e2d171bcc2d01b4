"""Which sign a reply is, and what it says of the App's Access."""

from __future__ import annotations

import pytest

from steadypin.domain.app_access import ABILITIES, SENTENCES, STANDARD, TRIAL, Sign, sign_of


@pytest.mark.parametrize(
    ("rule", "quotas", "published", "sign", "tier"),
    [
        ("trial-access", None, False, Sign.TRIAL_REFUSAL, TRIAL),
        ("trial-access", STANDARD, False, Sign.TRIAL_REFUSAL, TRIAL),
        ("app-not-approved", TRIAL, False, Sign.NOT_APPROVED, None),
        ("board-not-found", TRIAL, False, Sign.TRIAL_QUOTAS, TRIAL),
        (None, TRIAL, True, Sign.TRIAL_QUOTAS, TRIAL),
        (None, STANDARD, True, Sign.STANDARD_QUOTAS, STANDARD),
        (None, None, True, Sign.PUBLISHED, STANDARD),
    ],
)
def test_a_refusal_says_more_than_quotas_and_quotas_more_than_a_pin(rule, quotas, published, sign, tier):
    assert sign_of(rule, quotas, published=published) == sign
    assert sign.tier == tier


def test_most_replies_show_nothing():
    assert sign_of(None, None, published=False) is None
    assert sign_of("missing-scopes", None, published=False) is None


def test_every_sign_has_its_words_and_every_access_its_abilities():
    assert set(SENTENCES) == set(Sign)
    assert [each.refuses for each in Sign] == [True, True, False, False, False]
    for known in ABILITIES.values():
        assert {each.allowed for each in known} == {True, False}
        assert all(each.known.split()[0] in {"measured", "reported", "documented"} for each in known)
