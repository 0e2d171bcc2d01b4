"""What refused creates teach about a website: Pinterest blocks links by their site, so one refusal concerns many Pins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from steadypin.domain.failures import Failure

FORGOTTEN_AFTER = timedelta(days=30)
"""Blocks are lifted without a word; a refusal that is older says nothing any more."""
_OF_THE_SITE = frozenset({"link-blocked"})
"""Rules that speak of the website. Others are about one page, or about how the link is written."""


@dataclass(frozen=True, slots=True)
class SiteRefusal:
    """Pinterest refused a link to this site `at` that moment; `words` are its own, '' when it said none."""

    site: str
    rule: str
    words: str
    at: datetime


def blames_the_site(failure: Failure) -> bool:
    """Whether a refused create is about the site that its link leads to."""
    return failure.rule in _OF_THE_SITE
