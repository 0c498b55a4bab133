"""When the app looks for garbage."""

import gc
from collections.abc import Iterator

import pytest

from gpt2studio.app.garbage import Garbage


@pytest.fixture(autouse=True)
def thresholds() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.mark.parametrize(
    ("now", "last_key", "looks"), [(40.0, 10.0, True), (40.0, 39.0, False), (20.0, 0.0, False), (1e6, 1e6, False)]
)
def test_only_a_person_who_rests_is_kept_waiting(
    now: float, last_key: float, looks: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    time = [0.0]
    garbage = Garbage(lambda: time[0])
    monkeypatch.setattr(gc, "collect", lambda: seen.append(1))
    time[0] = now
    garbage.rest(last_key)
    assert bool(seen) is looks


def test_python_itself_looks_at_young_objects_alone_until_the_app_ends() -> None:
    before = gc.get_threshold()
    garbage = Garbage()
    garbage.begin()
    assert gc.get_threshold()[:2] == before[:2]
    assert gc.get_threshold()[2] > 10**6
    garbage.end()
    assert gc.get_threshold() == before
