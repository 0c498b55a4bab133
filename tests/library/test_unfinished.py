"""Downloads that were interrupted, as an app finds them on another day."""

import json
from pathlib import Path

import pytest

from gpt2studio.files import Lock
from gpt2studio.library.install import Asked
from gpt2studio.library.unfinished import Unfinished, unfinished
from gpt2studio.paths import places


def left(name: str, asked: object = None, came: int = 100) -> Path:
    """What an interrupted download leaves."""
    folder = places().models / ".downloads" / name
    folder.mkdir(parents=True)
    (folder / "files.json").write_text(json.dumps({"model.safetensors": [400, "ab"], "config.json": [50, "cd"]}))
    (folder / "asked.json").write_text(json.dumps(asked or {"model": "124M", "source": "hub", "revision": "c0ffee"}))
    (folder / "model.safetensors.part").write_bytes(bytes(came))
    return folder


def test_it_says_what_was_asked_for_and_how_far_it_came() -> None:
    left("124M")
    assert list(unfinished(places())) == [Unfinished("124M", Asked("124M", "hub", "c0ffee"), 100, 450)]


def test_one_that_another_program_works_on_is_not_listed() -> None:
    folder = left("124M")
    with Lock(folder.with_name("124M.lock")) as lock:
        assert lock.acquire()
        assert not list(unfinished(places()))
    assert list(unfinished(places()))


@pytest.mark.parametrize("asked", [[1], {"model": 3}, {"source": "hub"}])
def test_what_cannot_be_asked_for_again_is_not_listed(asked: object) -> None:
    left("124M", asked)
    assert not list(unfinished(places()))


def test_without_downloads_there_are_none() -> None:
    assert not list(unfinished(places()))
