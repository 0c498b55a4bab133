"""A token under the glass: what else could stand there, and another one taken in its place."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from gpt2studio.app.engine.model_choice import ModelChoice
from gpt2studio.app.inspector.inspector import Inspector
from gpt2studio.app.write.holding import hold
from gpt2studio.app.write.screen import WriteScreen
from gpt2studio.paths import shipped
from gpt2studio.text.tokenizer import Tokenizer
from gpt2studio.wire.held import Held
from gpt2studio.wire.messages import Alternative, Distribution, Stage
from tests.app.studios import Bench, Setup, opened

STORYTELLER = str(shipped("models") / "storyteller")


async def inspected(bench: Bench, place: int) -> None:
    """Put a place under the glass."""
    await bench.ready()
    bench.manuscript.focus()
    bench.manuscript.cursor_offset = place
    await bench.pilot.press("ctrl+t")
    await bench.until(lambda: (spot := bench.write.spot) is not None and spot.start <= place <= spot.end)
    await bench.pilot.pause()


async def test_a_token_of_the_models_is_shown_with_its_draw(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, model=STORYTELLER)) as bench:
        await bench.ready()
        await bench.line("Once")
        await inspected(bench, len(bench.text) - 1)
        spot = bench.write.spot
        assert spot is not None
        assert bench.text[spot.start : spot.end] == spot.text
        draw = spot.question.draw
        assert draw is not None
        assert spot.question.text == "Once"
        assert len(draw.written) == 5
        assert "by toy" not in bench.screen_text()
        await bench.shows("draw 6: 0.5000")
        await bench.shows("top-k")


async def test_a_word_of_the_persons_is_asked_about_with_the_tokens_before_it(tmp_path: Path) -> None:
    file = tmp_path / "tale.txt"
    file.write_text("The old king went home.")
    async with opened(Setup(tmp_path, model=STORYTELLER, file=file)) as bench:
        await inspected(bench, 10)
        spot = bench.write.spot
        assert spot is not None
        assert (spot.text, spot.node) == (" king", None)
        assert spot.question.draw is None
        assert len(spot.question.tokens) == 2
        await bench.shows("yours · rank 777")


async def test_arrows_walk_from_token_to_token_and_beyond_the_last_comes_the_next_one(tmp_path: Path) -> None:
    file = tmp_path / "tale.txt"
    file.write_text("The old king")
    async with opened(Setup(tmp_path, model=STORYTELLER, file=file)) as bench:
        await inspected(bench, 5)
        for key, word in (("right", " king"), ("right", ""), ("left", " king"), ("left", " old"), ("left", "The")):
            await bench.pilot.press(key)
            await bench.until(partial(shows, bench, word))


async def test_to_look_is_not_to_move(tmp_path: Path) -> None:
    file = tmp_path / "tale.txt"
    file.write_text("The old king went home.")
    async with opened(Setup(tmp_path, model=STORYTELLER, file=file)) as bench:
        await inspected(bench, 10)
        await bench.pilot.press("left")
        await bench.until(partial(shows, bench, " old"))
        await bench.pilot.press("escape")
        await bench.until(lambda: bench.manuscript.has_focus)
        assert bench.manuscript.cursor_offset == 10


async def test_who_leaves_while_looking_comes_back_to_where_they_wrote(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, model=STORYTELLER)) as bench:
        await bench.ready()
        bench.manuscript.focus()
        await bench.pilot.pause()
        bench.manuscript.insert("The old king went home.")
        await inspected(bench, 17)
        await bench.pilot.press("left")
        await bench.until(partial(shows, bench, " went"))
        assert bench.manuscript.cursor_offset != 17
        await bench.pilot.press("ctrl+q")
    async with opened(Setup(tmp_path, model=STORYTELLER)) as bench:
        assert bench.text == "The old king went home."
        assert bench.manuscript.cursor_offset == 17


async def test_the_glass_opens_where_one_token_was_asked_for_and_then_closes(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, model=STORYTELLER)) as bench:
        await bench.ready()
        await bench.line("Once")
        await bench.pilot.press("f8")
        await bench.until(lambda: bench.write.alternatives.has_focus and not bench.write.writer.busy)
        await bench.pilot.press("ctrl+t")
        await bench.pilot.pause()
        assert bench.write.alternatives.has_focus
        await bench.pilot.press("ctrl+t")
        await bench.until(lambda: not bench.write.alternatives.has_focus)


def changed(bench: Bench, before: str) -> bool:
    return bench.text != before


def shows(bench: Bench, word: str) -> bool:
    return bench.write.spot is not None and bench.write.spot.text == word


async def test_another_token_taken_in_the_middle_leaves_the_old_tail_as_a_branch(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, model=STORYTELLER)) as bench:
        await bench.ready()
        await bench.line("Once")
        before = bench.text
        nodes = bench.studio.desk.story.nodes
        await inspected(bench, len(before) - 1)
        spot = bench.write.spot
        assert spot is not None
        other = 1 if spot.question.token == 0 else 0
        await bench.pilot.press(str(other + 1))
        await bench.until(lambda: bench.studio.desk.story.nodes > nodes)
        await bench.idle()
        assert bench.text.startswith(before[: spot.start])
        assert bench.text != before
        assert bench.studio.desk.story.position()[1] == 2
        await bench.pilot.press("alt+up")
        await bench.until(lambda: bench.text == before)
        await bench.pilot.press("alt+down")
        await bench.until(lambda: bench.text != before)


async def test_undo_goes_back_to_the_models_own_tail(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, model=STORYTELLER)) as bench:
        await bench.ready()
        await bench.line("Once")
        before = bench.text
        await inspected(bench, len(before) // 2)
        spot = bench.write.spot
        assert spot is not None
        await bench.pilot.press("2" if spot.question.token == 0 else "1")
        await bench.until(lambda: bench.text != before)
        await bench.idle()
        assert "Ctrl+Z goes back to it" in bench.told
        for _ in range(3):  # the token, the beginning that was kept, the way back to before it
            await bench.pilot.press("ctrl+z")
        await bench.until(lambda: bench.text == before)


async def test_token_by_token_in_the_middle_the_rest_of_the_text_stays(tmp_path: Path) -> None:
    file = tmp_path / "tale.txt"
    file.write_text("The old king went home.")
    async with opened(Setup(tmp_path, model=STORYTELLER, file=file)) as bench:
        await bench.ready()
        bench.manuscript.focus()
        bench.manuscript.cursor_offset = 8
        await bench.pilot.press("f8")
        await bench.idle()
        for _ in range(2):
            await bench.until(lambda: bench.write.spot is not None and bench.write.spot.coming)
            before = bench.text
            await bench.pilot.press("2")
            await bench.until(partial(changed, bench, before))
            await bench.idle()
        assert bench.text.startswith("The old ")
        assert bench.text.endswith("king went home.")
        await bench.until(lambda: bench.write.spot is not None)
        await bench.pilot.press("left")  # on from there it is the glass again
        await bench.until(lambda: bench.write.spot is not None and not bench.write.spot.coming)


async def test_the_persons_own_tail_is_one_undo_away(tmp_path: Path) -> None:
    file = tmp_path / "tale.txt"
    file.write_text("The old king went home.")
    async with opened(Setup(tmp_path, model=STORYTELLER, file=file)) as bench:
        await inspected(bench, 10)
        await bench.pilot.press("2")
        await bench.until(lambda: len(bench.by_model) > 0)
        await bench.idle()
        assert bench.text == "The old" + bench.by_model
        assert "Ctrl+Z goes back to it" in bench.told
        await bench.pilot.press("ctrl+z", "ctrl+z")
        await bench.until(lambda: bench.text == "The old king went home.")


async def test_the_drawer_of_a_narrow_screen_has_one_pane(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, model=STORYTELLER)) as bench:
        await bench.ready()
        await bench.pilot.press("ctrl+l")
        await bench.pilot.pause()
        assert isinstance(bench.write, WriteScreen)
        assert bench.write.sampling_panel.region.height > 15
        assert not bench.write.alternatives.region
        await bench.pilot.press("ctrl+t")
        await bench.pilot.pause()
        assert bench.write.alternatives.region.height > 15
        assert not bench.write.sampling_panel.region
        await bench.pilot.press("escape")
        await bench.pilot.pause()
        assert not bench.write.alternatives.region


async def test_a_token_that_cannot_be_shown_says_why_and_can_be_walked_from(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, model=STORYTELLER)) as bench:
        await bench.ready()
        settings = bench.write.writing_settings
        mirostat = replace(settings.sampling, mirostat_tau=5.0)
        bench.write.sampling_panel.settings = replace(settings, sampling=mirostat)
        await bench.line("Once")
        await inspected(bench, len(bench.text) - 1)
        await bench.shows("mirostat")
        await bench.shows("Look")
        assert "kept" not in bench.screen_text()
        spot = bench.write.spot
        assert spot is not None
        await bench.pilot.press("left")
        await bench.until(lambda: (now := bench.write.spot) is not None and now.end == spot.start)


async def test_a_persons_word_is_judged_with_memory_and_note(tmp_path: Path) -> None:
    file = tmp_path / "tale.txt"
    file.write_text("The old king went home.")
    async with opened(Setup(tmp_path, model=STORYTELLER, file=file, size=(120, 40))) as bench:
        hold(bench.studio.desk.story, Held(memory="A tale.", note="He is sad.", words=3))
        await inspected(bench, 10)
        spot = bench.write.spot
        assert spot is not None
        read = Tokenizer.of_folder(Path(STORYTELLER)).decode(list(spot.question.tokens))
        assert (read, spot.text) == ("A tale.\nThe old\nHe is sad.\n", " king")


async def test_what_another_model_drew_is_judged_by_the_one_that_is_held_and_has_no_draw(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, model=STORYTELLER, size=(120, 40))) as bench:
        await bench.ready()
        await bench.line("Once")
        await inspected(bench, len(bench.text) - 1)
        await bench.shows("draw 6")
        other = tmp_path / "other"
        other.symlink_to(STORYTELLER)
        bench.studio.link.choose(ModelChoice("other", other))
        await bench.until(lambda: (now := bench.studio.link.state.loaded) is not None and now.model == str(other))
        await bench.pilot.press("ctrl+t")
        await inspected(bench, len(bench.text) - 1)
        await bench.shows("judged by other")
        assert "draw 6" not in bench.screen_text()
        assert "as it was drawn" not in bench.screen_text()
        await bench.pilot.press("s")
        await bench.until(lambda: "which drew it" in bench.told)


async def test_a_word_that_a_person_has_typed_into_is_no_longer_the_models(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, model=STORYTELLER, size=(120, 40))) as bench:
        await bench.ready()
        await bench.line("Once")
        await inspected(bench, len(bench.text) - 2)
        spot = bench.write.spot
        assert spot is not None
        assert spot.node is not None
        await bench.pilot.press("escape")
        bench.manuscript.focus()
        bench.manuscript.cursor_offset = len(bench.text) - 2
        await bench.pilot.press("x")
        await bench.until(lambda: (now := bench.write.spot) is not None and now.node is None and not now.coming)
        now = bench.write.spot
        assert now is not None
        assert bench.text[now.start : now.end] == now.text


def test_the_numbers_of_a_stage_stand_apart_whatever_the_vocabulary() -> None:
    it = Alternative(token=1, text=" extraordinarily", logprob=-0.1, probability=0.0005, rank=1, trace=(0.0005,))
    stage = Stage(name="temperature", kept=50257, mass=1.0)
    inspector = Inspector()
    inspector.distribution = Distribution(id="1", alternatives=(it,), entropy=1.0, kept=50257, stages=(stage,))
    head, row = inspector._below(32)
    assert row.split() == ["temperature", "50,257", "100%", "<0.1%"]
    assert len(head) == len(row) <= 32


async def test_the_foot_counts_what_is_selected(tmp_path: Path) -> None:
    file = tmp_path / "tale.txt"
    file.write_text("The old king went home.")
    async with opened(Setup(tmp_path, model=STORYTELLER, file=file)) as bench:
        await bench.ready()
        bench.manuscript.focus()
        await bench.pilot.press("ctrl+home", "ctrl+shift+right", "ctrl+shift+right")
        await bench.shows("2 words, 2 tokens selected")
        await bench.pilot.press("right")
        await bench.until(lambda: "selected" not in bench.screen_text())
