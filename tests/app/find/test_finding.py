"""Find and replace: what is found, what stands in its place, and that it is one step back."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.app.find.finding import Finds, Wanted, find, gathered, replacements
from gpt2studio.app.find.page import FindPage
from gpt2studio.errors import UsageError
from gpt2studio.stories.document import Document
from gpt2studio.stories.splice import Author, Piece, plain
from tests.app.studios import Bench, Setup, opened

TEXTS = st.text(alphabet="abA \n狐é👩", max_size=60)


def replaced(text: str, wanted: Wanted, put: str) -> str:
    """The text with all finds replaced, as the studio does it."""
    document = Document((Piece(Author.MODEL, text),) if text else ())
    for at, removed, pieces in gathered(replacements(wanted, text, put), document.pieces):
        text = text[:at] + plain(pieces) + text[at + removed :]
    return text


@given(TEXTS, st.sampled_from(["a", "ab", "狐", "A ", "\n", "é"]))
def test_words_are_found_wherever_they_stand(text: str, part: str) -> None:
    spans = find(Wanted(part, case=True), text).spans
    assert [text[low:high] for low, high in spans] == [part] * text.count(part)


@given(
    TEXTS,
    st.sampled_from(["a+", "(a)|b", "^", "$", r"\b", "[ab]*", r"(\w)(\w)?", "(?<x>狐)"]),
    st.sampled_from(["", "-", r"<\1>x"]),
)
def test_replacing_all_comes_to_what_the_standard_library_makes_of_it(text: str, pattern: str, put: str) -> None:
    pattern = pattern.replace("?<", "?P<")
    groups = re.compile(pattern).groups
    put = put if groups else put.replace(r"\1", "")
    wanted = Wanted(pattern, pattern=True, case=True)
    assert replaced(text, wanted, put) == re.sub(pattern, put, text, flags=re.MULTILINE)


def test_capitals_matter_only_when_asked() -> None:
    assert len(find(Wanted("fox"), "Fox fox FOX")) == 3
    assert len(find(Wanted("fox", case=True), "Fox fox FOX")) == 1


def test_plain_words_are_no_pattern_and_their_replacement_no_template() -> None:
    assert replaced("a.b a+b (x", Wanted("a+b"), r"$1 \1") == r"a.b $1 \1 (x"
    assert len(find(Wanted("("), "a (b")) == 1


@pytest.mark.parametrize(
    ("put", "comes"),
    [
        ("$2 $1", "fox the"),
        (r"\2 \1", "fox the"),
        ("${b}!", "fox!"),
        (r"\g<b>!", "fox!"),
        ("[$0]", "[the fox]"),
        ("[$&]", "[the fox]"),
        (r"a\nb\tc", "a\nb\tc"),
        ("$$1", "$1"),
        (r"\\1", r"\1"),
        ("$ 5", "$ 5"),
        ("$3", ""),
    ],
)
def test_groups_stand_in_the_replacement(put: str, comes: str) -> None:
    assert replaced("the fox", Wanted(r"(\w+) (?P<b>\w+)(x)?", pattern=True), put) == comes


@pytest.mark.parametrize("put", ["$2", r"\2", "${x}", r"\g<x>"])
def test_a_group_that_there_is_not_is_told(put: str) -> None:
    with pytest.raises(UsageError, match="there is no group"):
        replacements(Wanted("(a)", pattern=True), "a", put)


@pytest.mark.parametrize(
    ("pattern", "says"), [("(a", "missing"), ("[a", "set"), ("a**", "repeat"), ("(?P<1>a)", "name")]
)
def test_a_bad_pattern_says_what_is_wrong_and_where(pattern: str, says: str) -> None:
    with pytest.raises(UsageError, match=says) as error:
        find(Wanted(pattern, pattern=True), "text")
    assert "at character" in error.value.message


def test_a_pattern_that_would_take_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gpt2studio.app.find.finding.PATIENCE", 0.05)
    with pytest.raises(UsageError, match="too long"):
        find(Wanted(r"(\w+\s?)+$(?<!a)(?=b)|(a|aa)+c", pattern=True), "a" * 5000 + " !")


def test_what_stands_between_two_finds_keeps_its_ink() -> None:
    document = Document((Piece(Author.MODEL, "one two one"), Piece(Author.PERSON, " one")))
    ((at, removed, pieces),) = gathered(replacements(Wanted("one"), document.text, "1"), document.pieces)
    assert (at, removed) == (0, 15)
    assert pieces == (
        Piece(Author.PERSON, "1"),
        Piece(Author.MODEL, " two "),
        Piece(Author.PERSON, "1 1"),
    )


def test_finds_far_apart_stay_changes_of_their_own() -> None:
    text = "x" + " " * 1000 + "x"
    assert len(gathered(replacements(Wanted("x"), text, "y"), Document().pieces)) == 2


@given(st.lists(st.integers(0, 40), unique=True, max_size=8).map(sorted), st.integers(0, 41), st.integers(0, 10))
def test_those_on_a_row_are_found_quickly_and_all(starts: list[int], low: int, width: int) -> None:
    spans = (
        [(start, min(start + 3, after)) for start, after in zip(starts, [*starts[1:], 99], strict=True)]
        if starts
        else []
    )
    finds = Finds(spans)
    expected = [span for span in spans if span[1] > low and span[0] < low + width]
    assert [(first, last) for first, last, _ in finds.between(low, low + width)] == expected


async def looking(bench: Bench, *keys: str) -> FindPage:
    await bench.pilot.press("ctrl+f", *keys)
    await settled(bench)
    return bench.write


async def settled(bench: Bench) -> None:
    await bench.pilot.pause()
    await bench.until(
        lambda: not any(worker.group == "find" for worker in bench.write.workers if not worker.is_finished)
    )
    await bench.until(lambda: bench.write._searching is None)
    await bench.pilot.pause()


async def written(bench: Bench, text: str) -> None:
    bench.studio.desk.add(0, text)
    bench.manuscript.focus()
    bench.manuscript.cursor_offset = 0
    await bench.pilot.pause()


async def test_enter_goes_from_find_to_find_and_round(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await written(bench, "fox hen 狐fox\nFOX")
        await looking(bench, *"fox")
        await bench.shows("1 of 3")
        await bench.pilot.press("enter", "down")
        await bench.shows("3 of 3")
        assert bench.manuscript.selected_text == "FOX"
        await bench.pilot.press("enter", "up", "up")
        await bench.shows("2 of 3")
        await bench.pilot.press("alt+c")
        await settled(bench)
        await bench.shows("of 2")
        await bench.pilot.press("escape")
        assert not bench.write.find_bar.is_open
        assert bench.manuscript.has_focus
        assert bench.manuscript.selected_text == "fox"


async def test_one_is_replaced_then_the_next_and_each_is_a_step_back(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await written(bench, "fox hen fox")
        await looking(bench, *"fox", "tab", *"wolf", "enter")
        await settled(bench)
        assert bench.text == "wolf hen fox"
        await bench.shows("1 of 1")
        await bench.pilot.press("enter")
        await settled(bench)
        assert bench.text == "wolf hen wolf"
        await bench.shows("no match")
        await bench.pilot.press("escape", "ctrl+z")
        assert bench.text == "wolf hen fox"


async def test_all_are_replaced_as_one_step_and_the_old_road_stays(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await written(bench, "the fox and the hen\n" + "." * 500 + "the 狐")
        before = bench.text
        await looking(
            bench,
            *["t", "h", "e", "space", "left_parenthesis", "backslash", "w", "plus", "right_parenthesis"],
            "alt+r",
            "tab",
        )
        bench.write.find_bar.put.value = "$1s"
        await settled(bench)
        await bench.pilot.press("alt+a")
        await settled(bench)
        assert bench.text == "foxs and hens\n" + "." * 500 + "狐s"
        await bench.pilot.press("escape", "ctrl+z")
        assert bench.text == before
        await bench.pilot.press("ctrl+y")
        assert bench.text.startswith("foxs")


async def test_a_bad_pattern_is_told_in_the_bar(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await written(bench, "fox (hen")
        await looking(bench)
        await bench.shows("Alt+R")
        await looking(bench, "alt+r", "left_parenthesis")
        await bench.shows("missing )")
        await bench.pilot.press("alt+r")
        await settled(bench)
        await bench.shows("Find · 1 of 1")
        await bench.shows("Alt+R")
        await bench.shows("Alt+A")


async def test_the_finds_follow_the_text_as_it_changes(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await written(bench, "fox hen fox")
        await looking(bench, *"fox")
        bench.studio.desk.add(0, "a fox, ")
        await bench.until(lambda: len(bench.manuscript.finds) == 3)
        assert [bench.text[low:high] for low, high in bench.manuscript.finds.spans] == ["fox"] * 3


async def test_a_selection_is_what_is_looked_for(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await written(bench, "hen fox hen")
        await bench.pilot.press("shift+right", "shift+right", "shift+right")
        await looking(bench)
        assert bench.write.find_bar.line.value == "hen"
        await bench.shows("1 of 2")


async def test_all_switches_and_the_button_are_reached_by_tab(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await written(bench, "Fox fox")
        await looking(bench, *"fox", "tab", *"x", "tab", "space")
        await settled(bench)
        await bench.shows("of 1")
        await bench.pilot.press("tab", "tab", "enter")
        await settled(bench)
        assert bench.text == "Fox x"
