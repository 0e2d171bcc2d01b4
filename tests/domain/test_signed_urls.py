"""When signed addresses end: the shapes of the big stores, and everything that only looks like them."""

from __future__ import annotations

import asyncio
import base64
import json
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinsim import Request, Sim
from pinsim.web.signing import SHAPES
from steadypin.domain.signed_urls import expires_at

AT = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
EPOCH = 1_790_000_000
HOST = "https://bucket.s3.amazonaws.com/cake.jpg?"


def policy(said: object) -> str:
    packed = base64.b64encode(json.dumps(said).encode()).decode()
    return packed.translate(str.maketrans("+=/", "-_~"))


def condition(ends: object) -> object:
    return {"Statement": [{"Resource": "*", "Condition": {"DateLessThan": {"AWS:EpochTime": ends}}}]}


@pytest.mark.parametrize(
    "query",
    [
        f"AWSAccessKeyId=AK&Expires={EPOCH}&Signature=s",
        f"Signature=s&Expires={EPOCH}&AWSAccessKeyId=AK&response-content-type=image/jpeg",
        "X-Amz-Date=20260921T140320Z&X-Amz-Expires=600&X-Amz-Signature=s&X-Amz-Algorithm=AWS4-HMAC-SHA256",
        "x-amz-date=20260921T140320Z&x-amz-expires=600&x-amz-signature=s",
        f"Expires={EPOCH}&Signature=s&Key-Pair-Id=K",
        f"Policy={policy(condition(EPOCH))}&Signature=s&Key-Pair-Id=K",
        f"GoogleAccessId=me@store&Expires={EPOCH}&Signature=s",
        "X-Goog-Date=20260921T140320Z&X-Goog-Expires=600&X-Goog-Signature=s",
        "sv=2024-11-04&sr=b&sp=r&se=2026-09-21T14%3A13%3A20Z&sig=s",
        "sv=2024-11-04&sr=b&sp=r&st=2026-09-01T00:00:00Z&se=2026-09-21T14:13:20.0000000Z&sig=s",
    ],
)
def test_the_end_is_read(query: str) -> None:
    assert expires_at(HOST + query) == AT


@pytest.mark.parametrize(
    ("se", "ends"),
    [("2026-09-21", (0, 0)), ("2026-09-21T14:13Z", (14, 13)), ("2026-09-21T14:13:00%2B00:00", (14, 13))],
)
def test_azure_writes_times_in_three_lengths(se: str, ends: tuple[int, int]) -> None:
    assert expires_at(f"{HOST}sv=2024-11-04&se={se}&sig=s") == datetime(2026, 9, 21, *ends, tzinfo=UTC)


@pytest.mark.parametrize("shape", SHAPES)
def test_what_pinsim_signs_is_understood(shape: str) -> None:
    sim = Sim(clock=lambda: EPOCH - 600)
    made = asyncio.run(sim.answer(Request("GET", "/web/sign", {"shape": shape, "for_s": "600"}))).json()
    assert made["expires_at"] == EPOCH
    assert expires_at("https://shop.example" + made["url"]) == AT


@pytest.mark.parametrize(
    "query",
    [
        "",
        "a=1",
        f"Expires={EPOCH}",
        f"Expires={EPOCH}&Signature=s",
        f"Expires={EPOCH}&Key-Pair-Id=K",
        "Expires=soon&Signature=s&Key-Pair-Id=K",
        "Expires=-5&Signature=s&Key-Pair-Id=K",
        "Expires=0&Signature=s&Key-Pair-Id=K",
        "Expires=١٢٣&Signature=s&Key-Pair-Id=K",
        f"Expires={10**14}&Signature=s&Key-Pair-Id=K",
        f"Expires={'9' * 5000}&Signature=s&Key-Pair-Id=K",
        "Expires=&Signature=s&Key-Pair-Id=K",
        "X-Amz-Date=20260921T140320Z&X-Amz-Expires=600",
        "X-Amz-Date=20260921T140320Z&X-Amz-Signature=s",
        "X-Amz-Date=20261321T140320Z&X-Amz-Expires=600&X-Amz-Signature=s",
        "X-Amz-Date=20260921T140360Z&X-Amz-Expires=600&X-Amz-Signature=s",
        "X-Amz-Date=2026-09-21T14:03:20Z&X-Amz-Expires=600&X-Amz-Signature=s",
        "X-Amz-Date=20260921T140320Z&X-Amz-Expires=604801&X-Amz-Signature=s",
        "X-Amz-Date=20260921T140320Z&X-Amz-Expires=0&X-Amz-Signature=s",
        "X-Goog-Date=20260921T140320Z&X-Amz-Expires=600&X-Goog-Signature=s",
        "Policy=!!!&Signature=s&Key-Pair-Id=K",
        "Policy=&Signature=s&Key-Pair-Id=K",
        f"Policy={policy(condition('soon'))}&Key-Pair-Id=K",
        f"Policy={policy(condition(True))}&Key-Pair-Id=K",
        f"Policy={policy(condition(10**30))}&Key-Pair-Id=K",
        f"Policy={policy({'Statement': []})}&Key-Pair-Id=K",
        f"Policy={policy([1])}&Key-Pair-Id=K",
        f"Policy={policy(condition(EPOCH))}",
        f"Policy={'A' * 20_000}&Key-Pair-Id=K",
        f"Policy={base64.b64encode(b'[' * 12_000).decode()}&Key-Pair-Id=K",
        "sv=2024-11-04&se=2026-02-30T00:00:00Z&sig=s",
        "sv=2024-11-04&se=2026-09-21T14:13:20&sig=s",
        "sv=2024-11-04&se=tomorrow&sig=s",
        "se=2026-09-21T14:13:20Z&sig=s",
        "&".join(["a=1"] * 300),
    ],
)
def test_what_is_not_whole_is_not_believed(query: str) -> None:
    assert expires_at(HOST + query) is None


@pytest.mark.parametrize("url", ["", "cake", "https://[::1", "#Expires=1", "https://shop.example/"])
def test_what_is_no_signed_address_has_no_end(url: str) -> None:
    assert expires_at(url) is None


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "Expires",
                "Signature",
                "Key-Pair-Id",
                "AWSAccessKeyId",
                "X-Amz-Date",
                "X-Amz-Expires",
                "X-Amz-Signature",
                "Policy",
                "se",
                "sv",
                "sig",
            ]
        ),
        st.one_of(st.text(max_size=30), st.integers(-(10**20), 10**20).map(str), st.just("20260921T140320Z")),
    )
)
def test_no_query_makes_it_fail(fields: dict[str, str]) -> None:
    query = urlencode(fields, errors="surrogatepass")
    found = expires_at(HOST + query)
    assert found is None or found.tzinfo is UTC
