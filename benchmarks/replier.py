"""A bare Pinterest: answers every create after a fixed time and keeps a journal of arrivals. Its own process."""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from itertools import count

from aiohttp import web


async def main(delay_s: float) -> None:
    """Print the port, then serve until the process ends."""
    journal: list[tuple[float, str]] = []
    ids = count(1)

    async def create(request: web.Request) -> web.Response:
        arrived = time.time()
        body = await request.read()
        start = body.find(b'"title": "') + 10
        journal.append((arrived, body[start : body.find(b'"', start)].decode()))
        if delay_s:
            await asyncio.sleep(delay_s)
        return web.json_response({"id": str(10**17 + next(ids))}, status=201)

    async def read(request: web.Request) -> web.Response:
        return web.Response(text=json.dumps(journal))

    app = web.Application(client_max_size=2**26)
    app.router.add_post("/v5/pins", create)
    app.router.add_get("/journal", read)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=2048).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--delay", type=float, default=0.2)
    asyncio.run(main(parser.parse_args().delay))
