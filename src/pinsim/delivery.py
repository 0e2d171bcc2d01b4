"""Delivery: what a fault makes of the true answer."""

from __future__ import annotations

from pinsim.troubles import Canned, Trouble
from pinsim.wire import Answer


def unanswered() -> Answer:
    """What stands for an answer that nobody gets."""
    return Answer(504)


def struck(answer: Answer, trouble: Trouble) -> Answer:
    """The answer as it goes out."""
    if trouble.canned:
        answer = _with_canned(answer, trouble.canned)
    return Answer(answer.status, answer.headers, answer.body, trouble.delivery, trouble.delay_s)


def is_sent(answer: Answer) -> bool:
    """Whether a client gets to see it."""
    return answer.delivery in ("reply", "delayed")


def _with_canned(answer: Answer, canned: Canned) -> Answer:
    headers = {**answer.headers, "Content-Type": canned.content_type, **canned.headers}
    if not canned.body:
        headers.pop("Content-Type")
    return Answer(canned.status, headers, canned.body)
