from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.wire.messages import Token
from gpt2studio.wire.stops import StopTexts

TEXT = st.text("ab ", max_size=24)
STOPS = st.lists(st.text("ab ", min_size=1, max_size=5), max_size=3)


def tokens(*texts: str) -> list[Token]:
    return [
        Token(id="", candidate=0, token=number, text=text, logprob=0.0, rank=1) for number, text in enumerate(texts)
    ]


def passed(stops: list[str], *texts: str) -> tuple[list[str], bool]:
    queue = StopTexts(stops)
    through: list[Token] = []
    for token in tokens(*texts):
        through += queue.push(token)
        if queue.found:
            break
    return [token.text for token in (through if queue.found else [*through, *queue.rest()])], queue.found


def cut(text: str, stops: list[str]) -> str:
    """The text up to the stop text that ends first, looked for character by character."""
    for end in range(len(text) + 1):
        starts = [end - len(stop) for stop in stops if text[:end].endswith(stop)]
        if starts:
            return text[: min(starts)]
    return text


@given(TEXT, STOPS, st.data())
def test_the_text_ends_before_a_stop_text_wherever_the_tokens_borders_lie(
    text: str, stops: list[str], data: st.DataObject
) -> None:
    borders = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    parts = [text[a:b] for a, b in zip([0, *borders], [*borders, len(text)], strict=True)]
    through, found = passed(stops, *parts)
    assert "".join(through) == cut(text, stops)
    assert found == any(stop in text for stop in stops)


@given(TEXT, STOPS)
def test_nothing_is_given_out_that_a_stop_text_could_still_take_back(text: str, stops: list[str]) -> None:
    queue = StopTexts(stops)
    out = ""
    for token in tokens(*text):
        out += "".join(each.text for each in queue.push(token))
        if queue.found:
            break
        assert cut(text, stops).startswith(out)


def test_a_token_is_given_out_as_soon_as_it_is_clear() -> None:
    queue = StopTexts(["\n\n"])
    one, newline, word = tokens("a", "\n", "b")
    assert queue.push(one) == [one]
    assert queue.push(newline) == []
    assert queue.push(word) == [newline, word]


def test_the_token_in_which_a_stop_text_begins_keeps_what_stands_before_it() -> None:
    assert passed(["END"], "one ", "two E", "ND three") == (["one ", "two "], True)


def test_tokens_wholly_behind_the_cut_are_dropped() -> None:
    assert passed(["."], "one", " two", ".", " three") == (["one", " two"], True)
    assert passed(["XY"], "X", "", "Y") == ([], True)


def test_the_first_half_of_a_character_waits_with_its_other_half() -> None:
    # An empty text is a token that only begins a character.
    assert passed(["é!"], "a", "", "é", "!") == (["a"], True)
    assert passed(["é!"], "a", "", "é", "?") == (["a", "", "é", "?"], False)


def test_without_stop_texts_everything_passes_at_once() -> None:
    queue = StopTexts([])
    for token in tokens("a", "", "b"):
        assert queue.push(token) == [token]
