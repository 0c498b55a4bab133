"""Events as lines, and a log of them."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpt2studio.runs.events import EVENTS, Event, Sampled, Started, Stepped, from_line, to_json, to_line
from gpt2studio.runs.log import EventLog

st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
events: st.SearchStrategy[Event] = st.one_of([st.from_type(kind) for kind in EVENTS])


@given(events)
def test_an_event_comes_back_from_its_line(event: Event) -> None:
    line = to_line(event)
    assert line.count(b"\n") == 1
    assert line.isascii()
    assert from_line(line) == event


@given(events, st.data())
def test_a_line_cut_short_is_no_event(event: Event, data: st.DataObject) -> None:
    line = to_line(event)
    assert from_line(line[: data.draw(st.integers(0, len(line) - 3))]) is None


def test_a_line_nested_without_end_is_no_event() -> None:
    assert from_line(b"[" * 100_000 + b"\n") is None


def test_a_step_names_the_fields_that_scripts_read() -> None:
    step = Stepped(time=1.0, step=3, loss=2.5, lr=1e-4, grad_norm=0.5, tokens_per_second=100.0)
    said = to_json(step)
    assert said["event"] == "step"
    assert {"step", "loss", "lr", "grad_norm", "tokens_per_second"} <= said.keys()


def test_an_event_of_a_newer_program_is_passed_over() -> None:
    assert from_line(b'{"event":"sung","time":1.0,"tune":"allegro"}\n') is None
    known = from_line(b'{"event":"started","time":1.0,"version":"9","pid":7,"mood":"fine"}\n')
    assert known == Started(time=1.0, version="9", pid=7)


@settings(max_examples=30)
@given(st.lists(events, max_size=6), st.binary(max_size=30).filter(lambda tail: b"\n" not in tail))
def test_what_a_killed_writer_left_half_written_is_cut_off(
    tmp_path_factory: pytest.TempPathFactory, said: list[Event], tail: bytes
) -> None:
    log = EventLog(tmp_path_factory.mktemp("log") / "events.jsonl")
    for event in said:
        log.append(event)
    with log.path.open("ab") as file:
        file.write(tail)
    assert log.read()[0] == said
    log.mend()
    last = Started(time=2.0, version="1", pid=1)
    log.append(last)
    assert log.read()[0] == [*said, last]


def test_a_reader_goes_on_from_where_it_stopped(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.jsonl")
    assert log.read() == ([], 0)
    first, second = (Started(time=float(n), version="1", pid=n) for n in (1, 2))
    log.append(first)
    said, offset = log.read()
    assert said == [first]
    with log.path.open("ab") as file:
        file.write(to_line(second)[:10])
    assert log.read(offset) == ([], offset)
    with log.path.open("ab") as file:
        file.write(to_line(second)[10:])
    assert log.read(offset)[0] == [second]


def test_a_sample_from_before_copying_was_measured_is_read() -> None:
    old = b'{"event":"sample","time":1.0,"step":3,"number":0,"prompt":"","seed":1,"text":"Hm.","finish":"length"}\n'
    sample = from_line(old)
    assert isinstance(sample, Sampled)
    assert sample.copied_tokens is None
    assert sample.copied_share is None
