"""pinsim: a stateful, deterministic Pinterest that any client in any language can talk to.

wire      Request and Answer: what goes in and out, without sockets
sim       Sim: one simulated Pinterest
server    serve(): the aiohttp shell around a Sim
world/    what exists: apps, accounts, boards, Pins, grants
product/  what Pinterest answers: /v5/ and /oauth/
store/    the bucket behind upload_url: /upload/
web/      a web of pages and files that go wrong: /web/
control/  what the tester holds: /_sim/ and the home page
"""

from pinsim.server import serve
from pinsim.sim import Sim
from pinsim.wire import Answer, Request

__all__ = ["Answer", "Request", "Sim", "serve"]
