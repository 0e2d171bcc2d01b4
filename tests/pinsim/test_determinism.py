"""The same seed, clock and requests give the same bytes."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pinsim import Answer
from pinsim.ids import Ids
from tests.pinsim.stage import Stage


def _play(seed: int) -> list[Answer]:
    stage = Stage(seed)
    stage.order("made_then_500", chance=0.4)
    stage.switch(list_order="shuffled")
    answers = []
    for n in range(12):
        stage.now += 7
        answers.append(stage.create(title=f"Pin {n}"))
    answers.append(stage.spring("GET", "/v5/pins", query={"page_size": "5"}))
    answers += [stage.send("GET", path) for path in ("/_sim/journal", "/_sim/pins", "/_sim/state", "/")]
    return answers


def test_two_runs_with_one_seed_are_the_same_to_the_last_byte():
    assert _play(3) == _play(3)


def test_another_seed_gives_other_ids():
    assert Stage(1).board()["id"] != Stage(2).board()["id"]


@given(seed=st.integers(0, 10**6), count=st.integers(1, 300))
@settings(max_examples=25, deadline=None)
def test_ids_never_repeat_and_have_18_digits(seed: int, count: int):
    ids = Ids(seed)
    made = [ids.next("pin") for _ in range(count)]
    assert len(set(made)) == count
    assert {len(each) for each in made} == {18}


@given(st.lists(st.sampled_from(["create", "late", "delete", "move", "wait"]), max_size=25))
@settings(max_examples=25, deadline=None)
def test_lists_counts_and_the_record_of_live_pins_always_agree(steps: list[str]):
    stage = Stage()
    stage.switch(pin_edit=True)
    stage.order("made_late", late_s=50, where={"title_contains": "late"})
    other = stage.board("spring_shop", 1)["id"]
    for step in steps:
        live = stage.live()
        if step in ("create", "late"):
            stage.create(title=step)
        elif step == "wait":
            stage.now += 30
        elif live and step == "delete":
            stage.spring("DELETE", f"/v5/pins/{live[0]['id']}")
        elif live:
            stage.spring("PATCH", f"/v5/pins/{live[-1]['id']}", {"board_id": other})
    live = stage.live()
    for board in (stage.board()["id"], other):
        listed = [
            pin["id"] for page in stage.pages("spring_shop", f"/v5/boards/{board}/pins", 3) for pin in page
        ]
        assert listed == [pin["id"] for pin in reversed(live) if pin["board_id"] == board]
        assert stage.spring("GET", f"/v5/boards/{board}").json()["pin_count"] == len(listed)
