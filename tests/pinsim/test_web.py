"""pinsim's web: every place answers, and the times in it are the simulator's."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import pytest

from pinsim import Answer, Sim, serve
from pinsim.web.routes import PLACES
from pinsim.web.signing import SHAPES
from tests.pinsim.stage import START, Stage


def visit(stage: Stage, url: str, **headers: str) -> Answer:
    parts = urlsplit(url)
    return stage.send("GET", f"/web/{parts.path}", query=parse_qsl(parts.query), headers=headers)


@pytest.mark.parametrize("place", PLACES)
def test_every_place_answers_the_same_twice(place: str):
    one, other = (visit(Stage(), place) for _ in range(2))
    assert (one.status, one.headers, one.body, one.delivery) == (
        other.status,
        other.headers,
        other.body,
        other.delivery,
    )


@pytest.mark.parametrize("place", ["", "nowhere", "page2"])
def test_what_is_not_there_is_404(place: str):
    assert visit(Stage(), place).status == 404


@pytest.mark.parametrize(
    "url",
    ["hops?n=many", "hops?n=-1", "hops?n=1001", "hops?status=200", "no-pin?how=maybe", "slow?first_s=nan", "slow?first_s=9999",
     "charset?of=zlib", "image.jpg?width=100000", "sign?shape=azure-v9", "bomb?bytes=999999999999"],
)  # fmt: skip
def test_a_parameter_that_cannot_be_read_is_named(url: str):
    answer = visit(Stage(), url)
    assert answer.status == 400
    assert answer.json()["error"].startswith(url.partition("?")[2].partition("=")[0])


def test_other_methods_are_refused(stage: Stage):
    assert stage.send("POST", "/web/page").status == 405
    assert stage.send("HEAD", "/web/no-head").status == 405


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("what", ["page", "image.jpg"])
def test_a_signed_address_ends_at_its_moment_by_the_simulators_clock(stage: Stage, shape: str, what: str):
    made = visit(stage, f"sign?shape={shape}&what={what}&for_s=600").json()
    url = made["url"].removeprefix("/web/")
    assert made["expires_at"] == START + 600
    assert visit(stage, url).status == 200
    stage.now += 599
    assert visit(stage, url).status == 200
    stage.post("/_sim/clock", {"advance_s": 1})
    assert visit(stage, url).status == 403


@pytest.mark.parametrize(
    "query", ["", "Expires=soon", "Policy=!", "Policy=W10=", "X-Amz-Date=now&X-Amz-Expires=5", "se=later"]
)
def test_a_signature_without_a_moment_opens_nothing(stage: Stage, query: str):
    assert visit(stage, f"signed/page?{query}").status == 403


def test_a_page_goes_away_at_its_moment(stage: Stage):
    url = f"page?until={START + 60:.0f}&then=410"
    assert visit(stage, url).status == 200
    stage.now += 60
    assert visit(stage, url).status == 410


def test_walls_let_in_whom_they_should(stage: Stage):
    assert visit(stage, "cookies", Cookie="seen=1").status == 200
    assert visit(stage, "hotlink.jpg", Referer="http://127.0.0.1/web/page").status == 200
    assert visit(stage, "browsers-only", **{"User-Agent": "Pinterestbot/1.0"}).status == 200
    assert visit(stage, "browsers-only", **{"User-Agent": "curl/8"}).status == 403


@pytest.mark.parametrize(
    ("how", "status", "said", "first"),
    [
        ("good", 206, "bytes 10-19/100000", 10),
        ("ignored", 200, "", 0),
        ("lying", 206, "bytes 10-19/100000", 0),
        ("416", 416, "bytes */100000", None),
    ],
)
def test_ranges(stage: Stage, how: str, status: int, said: str, first: int | None):
    answer = visit(stage, f"ranged?how={how}", Range="bytes=10-19")
    assert (answer.status, answer.header("Content-Range")) == (status, said)
    assert (answer.body[0] if answer.body else None) == first


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_chain_has_as_many_hops_as_were_asked_for(stage: Stage, status: int):
    url, hops = f"hops?n=4&status={status}", 0
    while (answer := visit(stage, url)).status != 200:
        assert answer.status == status
        url, hops = answer.header("Location").removeprefix("/web/"), hops + 1
    assert hops == 4


def test_visits_are_in_the_journal_and_those_of_the_api_are_told_apart(stage: Stage):
    visit(stage, "page?title=Cake")
    visit(stage, "silent")
    stage.spring("GET", "/v5/user_account")
    entries = stage.get("/_sim/journal", {"operation": "web"})["entries"]
    assert [(each["path"], each["status"], each["delivery"]) for each in entries] == [
        ("/web/page", 200, "reply"),
        ("/web/silent", None, "hang"),
    ]
    assert entries[0]["query"] == {"title": "Cake"}


def test_faults_of_the_api_do_not_touch_the_web(stage: Stage):
    stage.order("500", on="*")
    assert visit(stage, "page").status == 200


def test_raw_answers_reach_a_client_byte_by_byte_and_end_with_it():
    async def story() -> None:
        async with serve(Sim()) as base, aiohttp.ClientSession() as http:
            async with http.get(f"{base}/web/drip?every_s=0.001&bytes=300") as reply:
                assert len(await reply.read()) == 300
            async with http.get(f"{base}/web/untyped") as reply:
                assert "Content-Type" not in reply.headers
                assert b"Lemon cake" in await reply.read()
            async with http.get(f"{base}/web/endless") as reply:
                assert len(await reply.content.readexactly(3_000_000)) == 3_000_000
            async with http.head(f"{base}/web/page") as reply:
                assert reply.status == 200

    asyncio.run(story())
