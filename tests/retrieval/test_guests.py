"""Guests of the stitcher beside the person at the machine."""

from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest

from gpt2studio.retrieval.stitcher import service
from gpt2studio.wire.messages import Answer, Continue, Finished, Score, Scored, Stop, Token
from tests.retrieval.asking import ME, Asked, indexed
from tests.retrieval.conftest import ALICE, DRAGON

OWN = Continue(id="own", text="The", seed=1, length=0, stop_at_end=False)


def guest(number: int, length: int = 12) -> Continue:
    return Continue(id=f"guest {number}", text="The Queen", seed=number, length=length, stop_at_end=False, guest=True)


@pytest.fixture
def asked(home: Path, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """A stitcher each of whose pieces takes as long as any other."""
    indexed("tales", {"alice.txt": ALICE, "dragon.txt": DRAGON})
    asked = Asked()
    asked.load("stitch:tales")
    ticks = count()
    monkeypatch.setattr(service, "time", SimpleNamespace(perf_counter=lambda: float(next(ticks))))
    return asked


def to(asked: Asked, id: str, kind: type[Answer] = Token) -> list[Answer]:
    return [answer for answer in asked.told if answer.id == id and isinstance(answer, kind)]


def test_guests_cost_the_person_a_quarter_at_most_and_go_on_by_turns(asked: Asked) -> None:
    for request in (OWN, *(guest(number, length=0) for number in range(3))):
        asked.service.receive(ME, request)
    for _ in range(241):
        asked.service.step()
    written = [len(to(asked, f"guest {number}")) for number in range(3)]
    assert len(to(asked, "own")) > 230  # but for halves of characters, one each step
    assert sum(written) <= 240 / 4
    assert min(written) >= max(written) - 1 >= 12


def test_whoever_wrote_before_the_person_came_is_not_made_to_wait_for_that(asked: Asked) -> None:
    asked.service.receive(ME, guest(1, length=0))
    for _ in range(200):
        asked.service.step()
    before = len(to(asked, "guest 1"))
    assert before > 190
    asked.service.receive(ME, OWN)
    for _ in range(40):
        asked.service.step()
    assert len(to(asked, "guest 1")) > before + 5


def test_each_text_is_the_one_it_is_alone_and_a_score_of_a_guests_comes_too(asked: Asked) -> None:
    alone = {request.id: asked.text(request) for request in (guest(1), guest(2))}
    for request in (OWN, guest(1), guest(2), Score(id="score", text="The Queen was silent.", background=True)):
        asked.service.receive(ME, request)
    while not all(to(asked, id, Finished) for id in alone) or not to(asked, "score", Scored):
        asked.service.step()
    asked.service.receive(ME, Stop(id="", request="own"))
    assert {id: "".join(t.text for t in to(asked, id) if isinstance(t, Token)) for id in alone} == alone
