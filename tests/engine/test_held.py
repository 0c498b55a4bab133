"""Memory at the window's start and a note near its end."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gpt2studio.engine.window import Window
from gpt2studio.wire.held import Held, note_place
from gpt2studio.wire.messages import Continue, Failed, Started
from tests.engine.asking import Asked, continued
from tests.engine.networks import language, random_model

STORY = "The king went home. He was tired.\nThe queen sang a song of the sea. " * 3


def sent(text: str, held: Held) -> str:
    prompt = language().held_prompt(text, held, special=False, heal=True)
    return language().tokenizer.decode(prompt.tokens) + prompt.typed.decode()


def test_the_model_reads_memory_then_the_story_with_the_note_near_its_end() -> None:
    text = "One two three. Four five six. Seven eight"
    assert sent(text, Held()) == text
    assert sent(text, Held(memory="Rain")) == "Rain\n" + text
    assert sent(text, Held(note="Sad.", words=3)) == "One two three. \nSad.\nFour five six. Seven eight"
    assert sent(text, Held(note="Sad.", words=0)) == text + "\nSad.\n"


@given(st.text(alphabet="ab .\n", max_size=200), st.integers(0, 20))
def test_a_note_has_its_distance_from_the_end_and_parts_no_word(text: str, words: int) -> None:
    place = note_place(text, words)
    assert len(text[place:].split()) >= min(words, len(text.split()))
    assert 0 < place < len(text) or place in (0, len(text)) or text[place - 1].isspace() or text[place].isspace()


@settings(deadline=None)
@given(st.integers(1, 200), st.integers(2, 60), st.data())
def test_what_is_pinned_never_leaves_the_window(tokens: int, n_positions: int, data: st.DataObject) -> None:
    pinned = data.draw(st.integers(0, min(n_positions // 2, tokens)))
    seen = Window(n_positions).pinning(pinned).of(list(range(tokens)))
    assert len(seen) <= n_positions
    assert seen[:pinned] == list(range(pinned))
    assert seen[pinned:] == list(range(tokens - len(seen) + pinned, tokens))
    assert len(seen) >= min(tokens, pinned + (n_positions - pinned) * 3 // 4 - 1)


def test_a_continuation_with_memory_is_the_same_with_the_cache_and_without() -> None:
    held = Held(memory="A tale of the sea.", note="It rains.", words=5)
    request = Continue(id="c", text=STORY, held=held, length=40, seed=3)
    alone = continued(random_model(64), request)
    warm = Asked(random_model(64))
    warm.run(Continue(id="before", text=STORY + "And then", held=held, length=30, seed=9), request)
    assert alone.tokens("c") == warm.tokens("c")
    assert alone.tokens("c") != continued(random_model(64), Continue(id="c", text=STORY, length=40, seed=3)).tokens("c")
    (started,) = alone.only(Started, "c")
    assert started.held == len(language().tokenizer.encode("A tale of the sea.\n")) + len(
        language().tokenizer.encode(held.inset(STORY)[1])
    )
    assert started.window_tokens + started.held <= 64
    visible = STORY[started.window_start :]
    assert started.window_tokens == len(language().tokenizer.encode(visible))


def test_memory_that_fills_the_window_is_refused() -> None:
    asked = continued(random_model(24), Continue(id="c", text="The", held=Held(memory="word " * 40)))
    (failed,) = asked.only(Failed, "c")
    assert "memory" in failed.message
