"""The script that ships: of one form throughout, and no scene told twice."""

import re
from collections import Counter

import pytest

from gpt2studio.paths import shipped

TEXT = (shipped("examples") / "pier-nine.txt").read_text(encoding="ascii")
SCENES = TEXT.removesuffix("\n").split("\n\n")


def test_it_is_long_enough_to_learn_from() -> None:
    assert len(TEXT) > 60_000
    assert len(SCENES) > 50


@pytest.mark.parametrize(("number", "scene"), list(enumerate(SCENES, 1)))
def test_a_scene_is_a_heading_and_lines_that_name_their_speaker(number: int, scene: str) -> None:
    heading, *lines = scene.split("\n")
    assert re.fullmatch(rf"Scene {number}\. [A-Z].*\w", heading)
    assert 12 <= len(lines) <= 24
    for line in lines:
        assert re.fullmatch(r"[A-Z][A-Z. ]*[A-Z]: \S.*[.?!]", line)


def test_no_two_scenes_have_a_heading_in_common() -> None:
    headings = Counter(scene.split("\n")[0].split(". ", 1)[1] for scene in SCENES)
    assert max(headings.values()) == 1


def test_hardly_eight_words_in_a_row_come_twice() -> None:
    words = re.findall(r"[\w']+", TEXT.lower())
    grams = Counter(tuple(words[at : at + 8]) for at in range(len(words) - 7))
    again = sum(count - 1 for count in grams.values())
    assert again / grams.total() < 0.01
