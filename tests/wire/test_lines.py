"""Records and lines of JSON."""

import contextlib
import json
import math
from dataclasses import fields, is_dataclass
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.errors import WireError
from gpt2studio.wire.held import Held
from gpt2studio.wire.lines import from_line, to_line
from gpt2studio.wire.messages import ANSWERS, REQUESTS, Continue, Load, Message, Score, Scored, Token
from gpt2studio.wire.sampling import STAGES, Sampling
from gpt2studio.wire.style import Style

KINDS: tuple[type[Message], ...] = (*REQUESTS, *ANSWERS)

samplings = st.builds(
    Sampling,
    temperature=st.floats(0, 10),
    top_k=st.integers(0, 50_000),
    top_p=st.floats(0.001, 1),
    min_p=st.floats(0, 1),
    typical_p=st.floats(0.001, 1),
    repetition_penalty=st.floats(0.1, 5),
    presence_penalty=st.floats(-2, 2),
    frequency_penalty=st.floats(-2, 2),
    penalty_range=st.integers(0, 2000),
    bias=st.dictionaries(st.integers(0, 50_000).map(str), st.floats(-100, 100)),
    top_p_replaces_top_k=st.booleans(),
    order=st.permutations(STAGES).map(tuple),
)
st.register_type_strategy(Sampling, samplings)
st.register_type_strategy(Held, st.builds(Held, memory=st.text(), note=st.text(), words=st.integers(0)))
st.register_type_strategy(Style, st.builds(Style, index=st.text(), weight=st.floats(0, 1)))
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
messages = st.one_of([st.from_type(kind) for kind in KINDS])


@given(messages)
def test_a_record_comes_back_from_its_line(message: Message) -> None:
    line = to_line(message)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert line.isascii()
    assert from_line(line, KINDS) == message


@given(messages, st.data())
def test_a_line_cut_short_is_a_wire_error(message: Message, data: st.DataObject) -> None:
    line = to_line(message)
    cut = data.draw(st.integers(0, len(line) - 3))
    with pytest.raises(WireError):
        from_line(line[:cut], KINDS)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda of: st.lists(of) | st.dictionaries(st.text(), of)
    )
)
def test_any_json_is_a_record_none_or_a_wire_error(value: Any) -> None:
    data = value if isinstance(value, dict) else {"text": value}
    for kind in KINDS:
        with contextlib.suppress(WireError):
            assert isinstance(from_line(json.dumps({**data, "kind": kind.KIND}), KINDS), kind)


def test_an_unknown_kind_is_skipped() -> None:
    assert from_line('{"kind": "from the future", "id": "1"}', REQUESTS) is None


def test_unknown_fields_are_ignored() -> None:
    assert from_line('{"kind": "load", "id": "1", "model": "/m", "colour": "red"}', REQUESTS) == Load(
        id="1", model="/m"
    )


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ('{"kind": "load", "id": "1"}', "model"),
        ('{"kind": "load", "id": 1, "model": "/m"}', "id"),
        ('{"kind": "continue", "id": "1", "length": "many"}', "length"),
        ('{"kind": "continue", "id": "1", "length": true}', "length"),
        ('{"kind": "continue", "id": "1", "sampling": {"temperature": -1}}', "temperature"),
        ('{"kind": "continue", "id": "1", "sampling": {"temperature": NaN}}', "temperature"),
        ('{"kind": "continue", "id": "1", "sampling": {"order": ["top_k", "top_k"]}}', "twice"),
        ('{"kind": "continue", "id": "1", "sampling": {"bias": {"cat": 1}}}', "cat"),
        ('{"kind": "continue", "id": "1", "sampling": {"bias": {"99999999999": 1}}}', "99999999999"),
        ('{"kind": "continue", "id": "1", "sampling": {"banned_tokens": [99999999999]}}', "banned"),
        ('{"kind": "continue", "id": "1", "sampling": {"temperature": 1%s}}' % ("0" * 400), "temperature"),
        ('{"kind": "continue", "id": "1", "sampling": 5}', "sampling"),
        ("[1, 2]", "object"),
        ("<html>", "JSON"),
        ("[" * 100_000, "JSON"),
    ],
)
def test_a_bad_line_says_what_is_wrong(line: str, word: str) -> None:
    with pytest.raises(WireError) as caught:
        from_line(line, REQUESTS)
    assert word in caught.value.message + caught.value.hint


def test_whole_numbers_stand_for_numbers() -> None:
    line = '{"kind": "continue", "id": "1", "sampling": {"temperature": 1}}'
    assert from_line(line, REQUESTS) == Continue(id="1", sampling=Sampling(temperature=1.0))


def test_numbers_that_json_lacks_become_null() -> None:
    scored = Scored(id="1", tokens=(5,), texts=("a",), logprobs=(None,), ranks=(None,), perplexity=math.inf)
    read = from_line(to_line(scored), ANSWERS)
    assert isinstance(read, Scored)
    assert read.perplexity is None


def test_text_of_any_kind_survives() -> None:
    score = Score(id="1", text="a\r\n\u2028\ud800\x1b[31m\U0001f9d9\u200d♂️")
    assert from_line(to_line(score), REQUESTS) == score


def test_every_kind_has_a_name_of_its_own() -> None:
    names = [kind.KIND for kind in KINDS]
    assert len(set(names)) == len(names)


def test_every_field_of_every_message_is_of_a_type_that_lines_carry() -> None:
    for kind in KINDS:
        assert is_dataclass(kind)
        hints = get_type_hints(kind)
        assert all(field.name in hints for field in fields(kind))


def test_a_token_line_is_short() -> None:
    line = to_line(Token(id="1", candidate=0, token=262, text=" the", logprob=-1.5, rank=1))
    assert len(line) < 120
