"""What was sent for a continuation, and what a story holds in the window."""

from dataclasses import replace
from pathlib import Path

from gpt2studio.app.write.holding import held_in, hold
from gpt2studio.app.write.sent import sent
from gpt2studio.app.write.tally import Subject, Tally, seen_tokens
from gpt2studio.engine.window import Window
from gpt2studio.paths import shipped
from gpt2studio.stories.story import Story
from gpt2studio.wire.held import Held
from gpt2studio.wire.sampling import NEUTRAL, Sampling
from tests.app.studios import Setup, opened

STORYTELLER = shipped("models") / "storyteller"


async def test_what_was_sent_is_the_text_before_each_continuation_also_after_a_restart(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.ready()
        hold(bench.studio.desk.story, Held(memory="A sad tale.", note="It rains.", words=1))
        await bench.line("The old king. He")
        first = bench.text
        await bench.line("Then")
        story = bench.studio.desk.story
        directory = story.directory
    story = Story.open(directory)
    generations = [node.id for node in story.road() if node.by_model]
    one, two = (sent(story, node) for node in generations)
    assert "".join(text for kind, text in one.parts if kind == "story") == "The old king. He"
    assert [kind for kind, _ in one.parts] == ["memory", "story", "note", "story"]
    assert "".join(text for _, text in one.parts) == "A sad tale.\nThe old king. \nIt rains.\nHe"
    assert "".join(text for kind, text in two.parts if kind == "story").startswith(first)
    assert one.window_known
    assert dict(one.facts)["model"].startswith("toy")
    story.close()


async def test_the_order_names_the_stages_that_act(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.ready()
        settings = bench.write.writing_settings
        for sampling, said in (
            (Sampling(temperature=0.7, top_k=5, min_p=0.1), "temperature → top-k → min-p"),
            (Sampling(temperature=0.7, top_k=0, banned_texts=("x",)), "bans → temperature"),
            (replace(NEUTRAL, temperature=0.0), None),
        ):
            bench.write.sampling_panel.settings = replace(settings, sampling=sampling)
            await bench.line("The old king")
            made = bench.studio.desk.story.last_generation
            assert made is not None
            assert dict(sent(bench.studio.desk.story, made.node).facts).get("order") == said


async def test_what_was_sent_can_be_read_on_a_screen(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, size=(100, 30))) as bench:
        await bench.ready()
        await bench.line("The old king")
        await bench.studio.write.run_action("sent")
        await bench.shows("What was sent")
        await bench.shows("The model read exactly this:")
        await bench.shows("temperature")
        await bench.pilot.press("escape")


async def test_memory_and_note_are_kept_with_the_story_and_counted_in_the_window(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, model=str(STORYTELLER))) as bench:
        await bench.ready()
        await bench.studio.write.run_action("hold")
        await bench.shows("Memory and note")
        await bench.shows("or more.")
        await bench.pilot.press(*"rain", "enter", *"sun", "tab", *"sad", "escape")
        await bench.until(lambda: held_in(bench.studio.desk.story) == Held(memory="rain\nsun", note="sad"))
        await bench.until(lambda: bench.write.window_bar.fill.held > 0)


async def test_the_memory_of_an_empty_page_is_there_tomorrow(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        hold(bench.studio.desk.story, Held(memory="rain"))
    async with opened(Setup(tmp_path)) as bench:
        assert held_in(bench.studio.desk.story) == Held(memory="rain")


async def test_a_long_memory_is_in_sight_as_it_is_read_again(tmp_path: Path) -> None:
    memory = " ".join(f"word{number}" for number in range(30)) + "\n\nA second paragraph."
    async with opened(Setup(tmp_path)) as bench:
        await bench.ready()
        hold(bench.studio.desk.story, Held(memory=memory, words=7))
        await bench.studio.write.run_action("hold")
        await bench.shows("A second paragraph.")
        await bench.until(lambda: all(word in bench.screen_text() for word in memory.split()))
        await bench.pilot.press("tab", "tab", "backspace", "7", "enter")
        await bench.until(lambda: bench.studio.screen is bench.write)
        assert held_in(bench.studio.desk.story) == Held(memory=memory, words=7)


def test_the_window_bar_counts_as_the_engine_does() -> None:
    for memory, note, tokens in ((0, 0, 60), (10, 0, 60), (10, 5, 200), (0, 7, 64), (30, 1, 40)):
        window = Window(64).pinning(memory)
        hidden = window.start(memory + note + tokens)
        assert seen_tokens(tokens, 64, memory, note) == tokens - hidden


async def test_what_is_held_is_counted_as_the_model_reads_it() -> None:
    found: list[tuple[int, int]] = []
    held = Held(memory="The king", note="It rains.")
    await Tally().count(Subject("One", 3, STORYTELLER, held), lambda count: found.append((count.memory, count.note)))
    ((memory, note),) = found
    assert memory > 2
    assert note > 2
