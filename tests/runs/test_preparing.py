"""Texts to tokens on disk."""

import errno
import os
import resource
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpt2studio.errors import FormatError, StudioError
from gpt2studio.files import Lock
from gpt2studio.formats.vocabulary import Vocabulary
from gpt2studio.runs import preparing
from gpt2studio.runs.corpus import HELD_OUT, RECORD, TRAINING, adopt, read_corpus, read_tokens
from gpt2studio.runs.documents import Piece
from gpt2studio.runs.encoded import Encoded
from gpt2studio.runs.overlap import STRETCH, overlap
from gpt2studio.runs.preparing import prepare
from gpt2studio.runs.recipe import Texts
from gpt2studio.text.tokenizer import Tokenizer

MODEL = Path(__file__).parents[2] / "models" / "storyteller"
WORDS = Vocabulary(MODEL / "vocab.json", MODEL / "merges.txt")
END = 0
PROSE = "".join(f"On day {n} the king met {n * 7} bears, and none of them was hungry.\n" for n in range(200))


def tokens_of(folder: Path) -> tuple[list[int], list[int]]:
    return read_tokens(folder, TRAINING).tolist(), read_tokens(folder, HELD_OUT).tolist()


def prepared(cache: Path, *paths: Path, **how: object) -> Path:
    texts = Texts(paths=tuple(map(str, paths)), **how)  # type: ignore[arg-type]
    return prepare(texts, WORDS, cache, lambda done, total: None)


def test_documents_stand_with_the_end_token_between_and_the_ends_are_held_out(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(name + PROSE)
    training, held_out = tokens_of(prepared(tmp_path / "cache", tmp_path))
    tokenizer = Tokenizer.of_folder(MODEL)
    first, second = (tokenizer.encode(name + PROSE) for name in ("a.txt", "b.txt"))
    cut = training.index(END)
    assert first[:cut] == training[:cut]
    assert training.count(END) == 1
    assert held_out == [*first[cut:], END, *second[len(training) - cut - 1 :], END]
    assert 0.04 < len(held_out) / (len(training) + len(held_out)) < 0.06


def test_a_second_look_at_unchanged_texts_reads_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_text(PROSE)
    folder = prepared(tmp_path / "cache", path)
    with monkeypatch.context() as patch:
        patch.setattr(preparing, "encode_pieces", lambda *_: pytest.fail("encoded again"))
        assert prepared(tmp_path / "cache", path) == folder
    path.write_text(PROSE + "More.")
    assert prepared(tmp_path / "cache", path) != folder


def test_several_processes_give_the_same_tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_text(PROSE * 60)
    alone = tokens_of(prepared(tmp_path / "one", path))
    monkeypatch.setattr(preparing, "SMALL", 0)
    monkeypatch.setattr(preparing, "physical_cores", lambda: 2)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    assert tokens_of(prepared(tmp_path / "two", path)) == alone


def test_texts_of_their_own_are_measured_with(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(PROSE)
    (tmp_path / "b.txt").write_text("Another tale.")
    folder = prepared(tmp_path / "cache", tmp_path / "a.txt", held_out_paths=(str(tmp_path / "b.txt"),))
    tokenizer = Tokenizer.of_folder(MODEL)
    training, held_out = tokens_of(folder)
    assert training == [*tokenizer.encode(PROSE), END]
    assert held_out == [*tokenizer.encode("Another tale."), END]


def test_a_text_too_short_to_divide_is_learned_from_whole(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Hello there.")
    assert read_corpus(prepared(tmp_path / "cache", tmp_path)).held_out_tokens == 0


def test_no_text_at_all_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("")
    with pytest.raises(StudioError, match="nothing to learn from"):
        prepared(tmp_path / "cache", tmp_path)
    assert list((tmp_path / "cache").iterdir()) == []


def test_texts_to_measure_with_that_hold_nothing_are_said(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(PROSE)
    (tmp_path / "empty.txt").touch()
    with pytest.raises(StudioError, match="nothing to measure with"):
        prepared(tmp_path / "cache", tmp_path / "a.txt", held_out_paths=(str(tmp_path / "empty.txt"),))


def test_tokens_that_another_vocabulary_made_are_refused(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", np.array([1, 50_000, 2]))
    with pytest.raises(FormatError, match="token 50000"):
        prepared(tmp_path / "cache", tmp_path)


def test_a_run_keeps_its_tokens_when_cache_and_text_are_gone(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(PROSE)
    folder = prepared(tmp_path / "cache", path)
    before = tokens_of(folder)
    adopt(folder, WORDS, tmp_path / "run")
    for each in folder.iterdir():
        each.unlink()
    path.unlink()
    assert tokens_of(tmp_path / "run") == before
    assert (tmp_path / "run" / "vocab.json").read_bytes() == WORDS.encoder.read_bytes()


def test_tokens_cut_short_are_noticed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(PROSE)
    folder = prepared(tmp_path / "cache", tmp_path / "a.txt")
    os.truncate(folder / TRAINING, 100)
    with pytest.raises(FormatError, match="cut short"):
        read_corpus(folder)


@pytest.mark.parametrize("damage", [TRAINING, HELD_OUT, RECORD])
def test_tokens_damaged_in_the_cache_are_made_anew(tmp_path: Path, damage: str) -> None:
    (tmp_path / "a.txt").write_text(PROSE)
    folder = prepared(tmp_path / "cache", tmp_path / "a.txt")
    before = tokens_of(folder)
    os.truncate(folder / damage, 1)
    assert prepared(tmp_path / "cache", tmp_path / "a.txt") == folder
    assert tokens_of(folder) == before


def test_tokens_are_on_the_disk_before_their_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text(PROSE)
    synced, fsync = [], os.fsync

    def noted(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    folder = prepared(tmp_path / "cache", tmp_path / "a.txt")
    order = [synced.index((folder / name).stat().st_ino) for name in (TRAINING, HELD_OUT, RECORD)]
    assert order == sorted(order)


def test_where_tokens_cannot_be_linked_a_full_disk_leaves_no_half_a_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("Hello there.")
    folder = prepared(tmp_path / "cache", tmp_path / "a.txt")
    words = Vocabulary(tmp_path / "vocab.json", tmp_path / "merges.txt")
    for path in (words.encoder, words.merges):
        path.write_text("{}")

    def unlinked(source: Path, target: Path) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", unlinked)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))  # as if the disk had no more
    try:
        with pytest.raises(OSError, match="File too large"):
            adopt(folder, words, tmp_path / "run")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (tmp_path / "run" / TRAINING).stat().st_size
    assert not (tmp_path / "run" / RECORD).exists()
    adopt(folder, words, tmp_path / "run")
    assert tokens_of(tmp_path / "run") == tokens_of(folder)


@settings(max_examples=60)
@given(
    st.lists(st.lists(st.integers(1, 50), min_size=1, max_size=30), min_size=1, max_size=25),
    st.floats(0.01, 0.6),
)
def test_what_is_held_out_and_what_is_not_make_up_the_whole(
    tmp_path_factory: pytest.TempPathFactory, texts: list[list[int]], share: float
) -> None:
    encoded = Encoded(tmp_path_factory.mktemp("tokens") / "all", 51, END)
    encoded.write((Piece("", True, 0), np.array(text, np.uint32)) for text in texts)
    everything = encoded.read()
    training, held_out = encoded.divided(share)

    def part(spans: list[tuple[int, int]]) -> list[int]:
        return [token for start, end in spans for token in everything[start:end].tolist()]

    words = sorted(token for text in texts for token in text)
    assert sorted(token for token in part(training) + part(held_out) if token != END) == words
    held = {tuple(text) for text in _divided(part(held_out))}
    learned = {tuple(text) for text in _divided(part(training))}
    if encoded.documents >= 10 and len({tuple(text) for text in texts}) >= 10 and held:
        assert not held & learned  # copies of a text stand on one side
    assert encoded.duplicates == len(texts) - len({tuple(text) for text in texts})


def _divided(tokens: list[int]) -> list[list[int]]:
    found: list[list[int]] = [[]]
    for token in tokens:
        if token == END:
            found.append([])
        else:
            found[-1].append(token)
    return [each for each in found if each]


@given(st.integers(0, 9), st.integers(0, 300), st.randoms(use_true_random=False))
def test_the_overlap_is_the_share_of_stretches_found_anywhere(shared: int, offset: int, random: object) -> None:
    generator = np.random.default_rng(shared * 1000 + offset)
    held_out = generator.integers(0, 8000, 10 * STRETCH).astype(np.uint16)
    training = generator.integers(0, 8000, 5000).astype(np.uint16)
    training[offset : offset + shared * STRETCH] = held_out[: shared * STRETCH]
    assert overlap(training, held_out) == shared / 10


def test_too_little_to_compare_overlaps_nothing() -> None:
    few = np.arange(STRETCH - 1)
    assert overlap(np.arange(1000), few) == 0.0
    assert overlap(few, np.arange(1000)) == 0.0


def test_what_a_killed_process_left_half_done_is_taken_away_and_what_one_at_work_makes_is_not(tmp_path: Path) -> None:
    cache, text = tmp_path / "cache", tmp_path / "a.txt"
    text.write_text(PROSE)
    left, made = cache / ".0123.part", cache / ".4567.part"
    for folder in (left, made):
        folder.mkdir(parents=True)
        (folder / "all").write_bytes(b"tokens")
    with Lock(made.with_suffix(".lock")) as at_work:
        assert at_work.acquire()
        prepared(cache, text)
        assert not left.exists()
        assert (made / "all").exists()


def test_where_another_process_has_made_the_same_meanwhile_its_tokens_stay(tmp_path: Path) -> None:
    text = tmp_path / "a.txt"
    text.write_text(PROSE)
    theirs: list[int] = []

    def at_once(done: int, total: int) -> None:
        if not theirs:
            theirs.append((prepared(tmp_path / "cache", text) / RECORD).stat().st_ino)

    ours = prepare(Texts(paths=(str(text),)), WORDS, tmp_path / "cache", at_once)
    assert [(ours / RECORD).stat().st_ino] == theirs
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [ours.name]


def test_what_is_being_made_outlives_newer_tokens(tmp_path: Path) -> None:
    texts = [tmp_path / f"{number}.txt" for number in range(preparing.KEPT + 2)]
    for text in texts:
        text.write_text(text.name + PROSE)
    others = iter(texts[1:])

    def meanwhile(done: int, total: int) -> None:
        for text in others:
            prepared(tmp_path / "cache", text)

    folder = prepare(Texts(paths=(str(texts[0]),)), WORDS, tmp_path / "cache", meanwhile)
    assert read_corpus(folder).documents == 1
    assert len(list((tmp_path / "cache").iterdir())) == preparing.KEPT
