"""Candidates: several continuations at once, one taken whole or in part, the others kept, each one to be made again."""

from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from textual.events import Paste

from gpt2studio.app.candidates.choosing import Candidate
from gpt2studio.app.candidates.rows import rows_of
from gpt2studio.settings import Settings
from tests.app.fake_engine import WORDS
from tests.app.studios import Bench, Setup, opened

SLOW = ("--pace", "40")
ENDLESS = Settings(pace=0, length=0)


async def asked(bench: Bench, key: str = "ctrl+g") -> list[str]:
    """Have candidates, and wait until all have come; their texts."""
    await bench.pilot.press(key)
    await bench.until(lambda: bench.write.candidates.is_open and len(bench.write.candidates.candidates) == 3)
    await bench.idle()
    return [each.text for each in bench.write.candidates.candidates]


def requests(bench: Bench) -> list[Any]:
    return [bench.studio.desk.story.request(node) for node in bench.write.writer.candidates]


async def test_candidates_come_beside_the_text_and_a_digit_takes_one(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.ready()
        await bench.pilot.press(*"Go")
        texts = await asked(bench)
        assert bench.text == "Go"
        assert len(set(texts)) == 3
        assert all(text.strip() in bench.screen_text().replace("…", "") for text in texts)
        await bench.pilot.press("2")
        assert bench.text == "Go" + texts[1]
        assert bench.by_model == texts[1]
        assert not bench.write.candidates.is_open
        assert bench.write.prompt_line.has_focus
        assert bench.studio.desk.story.position() == (2, 3)
        await bench.pilot.press("ctrl+z")
        assert bench.text == "Go"
        await bench.pilot.press("ctrl+y", "alt+down")
        assert bench.text == "Go" + texts[2]


async def test_arrows_choose_one_and_a_word_in_it_and_enter_takes_up_to_there(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.ready()
        await bench.pilot.press(*"Go")
        texts = await asked(bench, "f7")
        await bench.pilot.press("down", "right", "right", "right", "left", "enter")
        part = texts[1][: Candidate(0, texts[1]).ends[1]]
        assert bench.text == "Go" + part
        assert bench.by_model == part
        last = bench.studio.desk.story.last_generation
        assert last is not None
        assert last.request == bench.studio.desk.story.request(bench.write.writer.candidates[1])
        await bench.pilot.press("ctrl+z")
        assert bench.text == "Go"


async def test_left_from_the_end_leaves_out_the_last_word_and_end_takes_all(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.ready()
        texts = await asked(bench)
        await bench.pilot.press("left", "end", "left", "1")
        assert bench.text == texts[0][: Candidate(0, texts[0]).ends[-2]]


async def test_other_ones_come_and_all_stay_as_branches_when_one_leaves(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.ready()
        await bench.pilot.press(*"Go")
        first = await asked(bench)
        nodes = bench.write.writer.candidates
        await bench.pilot.press("g")
        await bench.until(lambda: bench.write.writer.candidates not in ([], nodes))
        await bench.idle()
        await bench.pilot.press("escape")
        assert not bench.write.candidates.is_open
        assert bench.text == "Go"
        story = bench.studio.desk.story
        assert len(story.road()[-1].children) == 6
        assert [story.written(node) for node in nodes] == first


async def test_each_is_kept_with_all_that_it_takes_to_make_it_again(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.ready()
        texts = await asked(bench)
        kept = requests(bench)
        assert [each["first_candidate"] for each in kept] == [0, 1, 2]
        assert {each["candidates"] for each in kept} == {1}
        assert len({each["seed"] for each in kept}) == 1
        for text, each in zip(texts, kept, strict=True):
            word = WORDS[(each["seed"] + each["first_candidate"]) % len(WORDS)]
            assert text.startswith(word.strip())


async def test_escape_stops_them_first_and_leaves_them_then(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, engine=SLOW, settings=ENDLESS)) as bench:
        await bench.ready()
        await bench.pilot.press("ctrl+g")
        await bench.until(
            lambda: (
                all(len(each.text) > 5 for each in bench.write.candidates.candidates)
                and bool(bench.write.candidates.candidates)
            )
        )
        await bench.pilot.press("escape")
        assert not bench.write.writer.busy
        assert bench.write.candidates.is_open
        assert {each.finish for each in bench.write.candidates.candidates} == {"stopped"}
        await bench.pilot.press("escape")
        assert not bench.write.candidates.is_open


async def test_one_taken_while_it_streams_goes_on_in_the_text_alone(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, engine=SLOW, settings=ENDLESS)) as bench:
        await bench.ready()
        await bench.pilot.press("ctrl+g")
        await bench.until(
            lambda: (
                all(each.text for each in bench.write.candidates.candidates) and bool(bench.write.candidates.candidates)
            )
        )
        await bench.pilot.press("3")
        await bench.until(lambda: bench.text != "")
        taken = bench.text
        await bench.until(lambda: len(bench.text) > len(taken))
        assert bench.text.startswith(taken)
        story = bench.studio.desk.story
        first, _, third = bench.write.writer.candidates
        assert story.node(first).finish == "stopped"
        assert tuple(story.open_generations) == (third,)
        await bench.pilot.press("escape")
        await bench.idle()
        assert story.open_generations == ()


async def test_typing_never_waits_and_nothing_is_lost_by_it(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, engine=SLOW)) as bench:
        await bench.ready()
        bench.manuscript.focus()
        await bench.pilot.press(*"Go", "ctrl+g")
        await bench.until(lambda: bench.write.candidates.has_focus)
        await bench.pilot.press(*"now")
        await bench.until(lambda: bench.text == "Gonow")
        await bench.idle()
        assert bench.write.candidates.is_open
        await bench.pilot.press("ctrl+g", "1")
        assert bench.text == f"Go{bench.by_model}now"


async def test_the_end_of_the_prompt_stays_in_sight(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.ready()
        bench.manuscript.focus()
        bench.studio.post_message(Paste("".join(f"line{number}\n" for number in range(30)) + "end"))
        await bench.until(lambda: bench.text.endswith("end"))
        await asked(bench)
        await bench.pilot.pause()
        await bench.shows("\n│  end ")


async def test_wide_they_stand_in_columns(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, size=(140, 40))) as bench:
        await bench.ready()
        await asked(bench)
        row = next(line for line in bench.screen_text().split("\n") if "▸1" in line)
        assert " 2 " in row
        assert " 3 " in row
        await bench.pilot.click(bench.write.candidates, offset=(70, 2))
        candidates = bench.write.candidates
        assert candidates.chosen == 1
        grounds = [{s.style.bgcolor for s in candidates.render_line(y) if s.style} for y in range(3)]
        assert [len(each) for each in grounds] == [2, 2, 2]  # the chosen column's, and the others'


async def test_the_dial_says_how_many(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.ready()
        await bench.pilot.press("ctrl+l", *["down"] * 10)
        for _ in range(6):
            await bench.pilot.press("right")
        assert bench.write.writing_settings.candidates == 9
        await bench.pilot.press("ctrl+g")
        await bench.until(lambda: len(bench.write.candidates.candidates) == 9)
        await bench.idle()
        assert [f"{number} " in bench.screen_text() for number in range(1, 10)] == [True] * 9


async def test_a_retry_in_place_of_a_part_that_was_taken(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.line("Go")
        before = bench.text
        await asked(bench)
        await bench.pilot.press("right", "enter", "ctrl+r")
        await bench.idle()
        assert bench.text.startswith(before)
        assert len(bench.by_model.split()) > len(before.split())


TEXTS = st.text(alphabet="ab  ,.\n狐é🦊\t", max_size=80)


@given(TEXTS, st.integers(1, 20))
@settings(deadline=None)
def test_rows_hold_the_whole_text_but_the_blanks_before_it(text: str, width: int) -> None:
    rows = rows_of(text, width)
    assert "\n".join(text.lstrip(" ").split("\n")).replace("\n", "") == "".join(text[low:high] for low, high in rows)


@given(TEXTS)
def test_words_end_where_one_can_stop(text: str) -> None:
    ends = Candidate(0, text).ends
    assert ends == sorted(set(ends))
    assert text[: ends[-1] if ends else 0].rstrip() == text.rstrip()
    assert not any(text[end - 1].isspace() for end in ends)
