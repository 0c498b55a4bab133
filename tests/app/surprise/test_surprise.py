"""The tokens of a text with their scores, and what of them is shown on the page."""

import math
import zlib
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpt2studio.app.surprise.scores import BANDS, UNKNOWN, Measure, ScoredText
from gpt2studio.app.surprise.shading import Shading
from gpt2studio.errors import EngineError
from gpt2studio.paths import shipped
from gpt2studio.text.tokenizer import Tokenizer
from gpt2studio.wire.held import Held
from gpt2studio.wire.messages import Scored
from tests.app.studios import Setup, opened

STORYTELLER = shipped("models") / "storyteller"
WORDS = st.sampled_from(["the ", "king", " ", "\n", "’s", "  gone", "é", "🙂", "\n\n", "Zwerg ", "a", "."])
TEXTS = st.lists(WORDS, max_size=40).map("".join)


@cache
def tokenizer() -> Tokenizer:
    return Tokenizer.of_folder(STORYTELLER)


def fully_scored(text: ScoredText) -> ScoredText:
    """Every token scored: its nats are a hundredth of its number in the text."""
    while (wanted := text.wanted()) is not None:
        numbers = range(wanted.first, wanted.end)
        text.take(
            wanted,
            Scored(
                id="s",
                tokens=(),
                texts=(),
                logprobs=tuple(-n / 100 for n in numbers),
                ranks=tuple(n + 1 for n in numbers),
                perplexity=None,
                entropies=tuple(n / 50 for n in numbers),
            ),
        )
    return text


@settings(deadline=None)
@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_through_any_edit_the_tokens_are_those_of_the_new_text(head: str, old: str, new: str, tail: str) -> None:
    text = fully_scored(ScoredText(tokenizer(), 1024).become(head + old + tail)).become(head + new + tail)
    anew = ScoredText(tokenizer(), 1024).become(head + new + tail)
    assert text.ids.tolist() == anew.ids.tolist() == tokenizer().encode(head + new + tail)
    assert text.ends.tolist() == anew.ends.tolist()


@settings(deadline=None)
@given(TEXTS, TEXTS, TEXTS)
def test_after_an_edit_what_stands_before_it_is_known_and_what_follows_is_asked_for(
    head: str, new: str, tail: str
) -> None:
    before = fully_scored(ScoredText(tokenizer(), 1024).become(head + tail))
    after = before.become(head + new + tail)
    wanted = after.wanted()
    if wanted is None:
        assert not new or len(after) <= 1
        return
    alike = [a == b for a, b in zip(before.ids.tolist(), after.ids.tolist(), strict=False)]
    assert all(alike[1 : wanted.first])
    assert after.values(wanted.first) == (None, None, None)
    # Only the token that the edit touches may be older than the edit.
    assert wanted.first >= len(tokenizer().encode(head)) - max(8, len(head) - len(head.rstrip()))


def test_windows_are_those_in_which_a_whole_text_is_scored() -> None:
    text = ScoredText(tokenizer(), 8).become("the king and the old queen went to the sea " * 3)
    found = []
    while (wanted := text.wanted()) is not None:
        found.append((wanted.start, wanted.first, wanted.end))
        count = wanted.end - wanted.first
        text.take(wanted, scored([-1.0] * count))
    tokens = len(text)
    assert found[:3] == [(0, 1, 8), (4, 8, 12), (8, 12, 16)]
    assert [first for _, first, _ in found[1:]] == [end for _, _, end in found[:-1]]
    assert found[-1][2] == tokens


HELD = st.builds(
    Held,
    memory=st.sampled_from(["", "A tale.", "One\nTwo"]),
    note=st.sampled_from(["", "sad"]),
    words=st.integers(0, 6),
)


def judged(text: ScoredText) -> ScoredText:
    """Every token scored by what is read before it."""
    while (wanted := text.wanted()) is not None:
        before = text.before(wanted.first)
        read = [(*before, *text.ids[wanted.first : n].tolist()) for n in range(wanted.first, wanted.end)]
        text.take(wanted, scored([-float(zlib.crc32(repr(each).encode()) % 997) for each in read]))
    return text


@settings(deadline=None)
@given(TEXTS, TEXTS, TEXTS, TEXTS, HELD)
def test_what_is_known_after_an_edit_was_read_with_the_same_memory_note_and_words(
    head: str, old: str, new: str, tail: str, held: Held
) -> None:
    edited = judged(judged(ScoredText(tokenizer(), 32, held).become(head + old + tail)).become(head + new + tail))
    anew = judged(ScoredText(tokenizer(), 32, held).become(head + new + tail))
    assert [edited.values(n)[0] for n in range(len(edited))] == [anew.values(n)[0] for n in range(len(anew))]
    longest = max((len(anew.before(n)) for n in range(len(anew))), default=0)
    assert longest < 32


def test_memory_begins_each_window_and_the_note_stands_near_the_end() -> None:
    held = Held(memory="Ink.", note="sad", words=2)
    text = ScoredText(tokenizer(), 16, held).become("the king went home and the queen went to sea again")
    read = [tokenizer().decode(text.before(n)) for n in range(len(text))]
    assert all(each.startswith("Ink.\n") for each in read)
    assert read[0] == "Ink.\n"
    assert read[-1].endswith(" to\nsad\n sea")
    assert not any("sad" in each for each in read[:-2])


def test_memory_that_leaves_the_text_no_room_is_refused() -> None:
    with pytest.raises(EngineError, match="Memory and note"):
        ScoredText(tokenizer(), 16, Held(memory="word " * 20))


def test_what_is_in_sight_can_be_asked_for_first() -> None:
    text = ScoredText(tokenizer(), 1024).become("the king went home. " * 200)
    wanted = text.wanted(2000, 2100)
    assert wanted is not None
    starts, ends = text.starts.tolist(), text.ends.tolist()
    assert starts[wanted.first] <= 2000 < ends[wanted.first]
    assert ends[wanted.end - 1] >= 2100 > starts[wanted.end - 1] - 20


def scored(logprobs: list[float]) -> Scored:
    return Scored(
        id="s",
        tokens=(),
        texts=(),
        logprobs=tuple(logprobs),
        ranks=tuple(range(1, len(logprobs) + 1)),
        perplexity=None,
        entropies=tuple(1.0 for _ in logprobs),
    )


def test_bands_and_perplexity_follow_their_definitions() -> None:
    text = ScoredText(tokenizer(), 1024).become("the king went home today")
    wanted = text.wanted()
    assert wanted is not None
    chances = [0.5, 0.05, 0.005, 0.0005][: wanted.end - 1]
    chances += [0.5] * (wanted.end - 1 - len(chances))
    text.take(wanted, scored([math.log(each) for each in chances]))
    assert text.bands(Measure.PROBABILITY).tolist()[:5] == [UNKNOWN, 1, 2, 3, 4]
    assert set(text.bands(Measure.RANK).tolist()[1:]) == {1}
    expected = math.exp(-sum(map(math.log, chances)) / len(chances))
    assert text.perplexity(0, len(text.text)) == pytest.approx(expected, rel=1e-5)
    assert text.become("the king went home today, alone").perplexity(0, 30) is None


@given(st.integers(0, 30), st.integers(0, 10), st.integers(0, 10))
def test_shades_move_with_the_text(at: int, removed: int, inserted: int) -> None:
    removed = min(removed, 30 - at)
    before = [(3 * n, 3 * n + 3) for n in range(10)]
    starts, ends = (np.array(side, dtype=np.int64) for side in zip(*before, strict=True))
    shading = Shading(starts, ends, np.full(10, 2, dtype=np.uint8))
    shading.edited(at, removed, inserted)
    after = [(start, end) for start, end, _ in shading.between(0, 100)]
    untouched = [(start, end) for start, end in before if end <= at or start >= at + removed]
    moved = [(s + inserted - removed, e + inserted - removed) if s >= at + removed else (s, e) for s, e in untouched]
    assert set(moved) <= set(after)
    assert all(end <= at or start >= at + inserted for start, end in after if inserted)
    assert all(0 <= start < end <= 30 + inserted - removed for start, end in after)


async def test_the_map_shades_every_word_and_says_how_perplexing_the_story_is(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, model=str(STORYTELLER))) as bench:
        await bench.ready()
        await bench.line("The old king went home")
        await bench.pilot.press("f9")
        await bench.until(lambda: bench.manuscript.shading is not None and "story" in bench.screen_text())
        text = bench.write.surprise.text
        assert text is not None
        assert text.text == bench.text
        bands = text.bands(Measure.PROBABILITY)[1:]
        assert bands.min() >= 1
        assert bands.max() <= BANDS
        await bench.shows("≥10%")
        await bench.pilot.press("f9")
        assert bench.manuscript.shading is None
        assert "≥10%" not in bench.screen_text()


async def test_beside_the_docks_the_legend_has_a_line_for_the_perplexities(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, model=str(STORYTELLER), size=(120, 40))) as bench:
        await bench.ready()
        await bench.line("The old king went home")
        await bench.pilot.press("f9")
        await bench.shows("perplexity: paragraph")
        assert " · story" in bench.screen_text().partition("perplexity: paragraph")[2].partition("\n")[0]


async def test_after_an_edit_only_what_follows_is_asked_of_the_engine(tmp_path: Path) -> None:
    file = tmp_path / "tale.txt"
    file.write_text("The king went home. " * 30)
    async with opened(Setup(tmp_path, model=str(STORYTELLER), file=file)) as bench:
        await bench.ready()
        await bench.pilot.press("f9")
        surprise = bench.write.surprise
        await bench.until(lambda: surprise.text is not None and surprise.text.known == len(surprise.text) > 100)
        before = surprise.computed
        bench.manuscript.cursor_offset = 500
        bench.manuscript.focus()
        await bench.pilot.press("x")
        await bench.until(lambda: surprise.text is not None and surprise.text.text == bench.text)
        await bench.until(lambda: surprise.text is not None and surprise.text.known == len(surprise.text))
        assert surprise.text is not None
        after = surprise.computed - before
        assert 0 < after < len(surprise.text) / 3


async def test_a_model_without_a_vocabulary_has_no_map_and_says_so(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.ready()
        await bench.pilot.press("f9")
        await bench.shows("no vocabulary")


async def test_the_map_can_show_ranks_and_entropies(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, model=str(STORYTELLER))) as bench:
        await bench.ready()
        await bench.pilot.press("f9", "shift+f9")
        await bench.shows("top 10")
        await bench.pilot.press("shift+f9")
        await bench.shows("bits")
