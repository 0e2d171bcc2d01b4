"""GET /user_account."""

from __future__ import annotations

from pinsim.product.call import Call, Reply
from pinsim.product.shapes import account_shape


def read(call: Call) -> Reply:
    """The acting account."""
    return Reply(200, account_shape(call, call.account))
