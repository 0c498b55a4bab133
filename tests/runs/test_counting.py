"""Texts counted by a process of their own: what it tells, and faults with file and place."""

import contextlib
from pathlib import Path

import pytest

from gpt2studio.errors import StudioError
from gpt2studio.paths import shipped
from gpt2studio.runs.counting import Counted, Counting, Looked, counted
from gpt2studio.runs.recipe import Texts

MODEL = shipped("models") / "storyteller"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPT2STUDIO_HOME", str(tmp_path / "home"))


async def told(texts: Texts, model: Path = MODEL) -> list[Looked | Counting | Counted]:
    return [answer async for answer in counted(texts, model)]


async def test_a_text_is_shown_and_counted(tmp_path: Path) -> None:
    text = tmp_path / "a.txt"
    text.write_text("The fox ran home.\n" * 300)
    looked, *_, last = await told(Texts(paths=(str(text),)))
    assert isinstance(looked, Looked)
    assert looked.text.startswith("The fox ran home.")
    assert (looked.files, looked.size) == (1, text.stat().st_size)
    assert isinstance(last, Counted)
    assert last.tokens > 10 * last.held_out_tokens > 0
    assert last.n_positions == 1024
    assert last.overlap > 0.9


async def test_copies_are_found(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        (tmp_path / name).write_text("The same few words over again.")
    *_, last = await told(Texts(paths=(str(tmp_path),)))
    assert isinstance(last, Counted)
    assert (last.documents, last.duplicates) == (3, 2)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"Good.\nBad: \xff\xfe \xe4\xb8\xad\xe6\x96\x87 \xe4\xb8\xad\xe6\x96\x87\n", "line 2: byte 0xff"),
        (b"\x7fELF\0\0\0\0" + bytes(range(128)) * 9, "is no text"),
        (b"\x7fELF\0\0\0\xd0\x8f\xff" + bytes(range(256)) * 9, "is no text"),
        (b"", "nothing to learn from"),
    ],
)
async def test_what_cannot_be_learned_from_is_told_with_its_place(tmp_path: Path, content: bytes, said: str) -> None:
    text = tmp_path / "bad.txt"
    text.write_bytes(content)
    with pytest.raises(StudioError) as raised:
        await told(Texts(paths=(str(text),)))
    assert said in raised.value.message
    assert raised.value.hint


async def test_a_folder_of_many_texts_in_an_old_encoding_is_counted(tmp_path: Path) -> None:
    for number in range(900):
        name = f"chapter-{number:04}-of-the-old-library.txt"
        (tmp_path / name).write_bytes(b"The caf\xe9 by the sea was grey, and nobody came.")
    *_, last = await told(Texts(paths=(str(tmp_path),)))
    assert isinstance(last, Counted)
    assert last.notes == (f"{tmp_path}/chapter-0000-of-the-old-library.txt and 899 more were read as cp1252.",)


async def test_a_fault_may_be_long(tmp_path: Path) -> None:
    (tmp_path / "wide.csv").write_text(",".join(f"column {number}" for number in range(9000)))
    with pytest.raises(StudioError, match="has no column “prose”"):
        await told(Texts(paths=(str(tmp_path),), column="prose"))


async def test_a_missing_text_and_a_missing_model_are_told(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="holds no texts"):
        await told(Texts(paths=(str(tmp_path / "gone.txt"),)))
    text = tmp_path / "a.txt"
    text.write_text("words " * 50)
    with pytest.raises(StudioError, match="no model"):
        await told(Texts(paths=(str(text),)), tmp_path / "gone")


async def test_counting_that_is_broken_off_leaves_nothing_half_made(tmp_path: Path) -> None:
    text = tmp_path / "long.txt"
    text.write_text("".join(f"word{number} and more of them " for number in range(200_000)))
    async with contextlib.aclosing(counted(Texts(paths=(str(text),)), MODEL)) as answers:
        async for answer in answers:
            if isinstance(answer, Counting):
                break
    assert list((tmp_path / "home" / "state" / "tokens").iterdir()) == []
