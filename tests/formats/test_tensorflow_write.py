from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.errors import FormatError, StudioError
from gpt2studio.formats.checkpoint import open_checkpoint
from gpt2studio.formats.openai import studio_name
from gpt2studio.formats.protobuf import fields, number_field, read_varint, varint
from gpt2studio.formats.shape import Shape
from gpt2studio.formats.sstable import read_table, write_table
from gpt2studio.formats.tensor import StoredTensor
from gpt2studio.formats.tensorflow import Bundle
from gpt2studio.formats.tensorflow_write import write_bundle, write_openai
from gpt2studio.formats.vocabulary import Vocabulary
from tests.formats.make_tensorflow_data import DATA, numbers, variables
from tests.formats.tiny import SHAPE, numbers_of, replaced, tensors, write_vocabulary


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16", "float64"])
def test_a_written_model_opens_again(tmp_path: Path, dtype: str) -> None:
    vocabulary = Vocabulary(*write_vocabulary(tmp_path / "vocabulary"))
    write_openai(tmp_path / "model", SHAPE, tensors(dtype=dtype), vocabulary)
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == [
        "checkpoint",
        "encoder.json",
        "hparams.json",
        "model.ckpt.data-00000-of-00001",
        "model.ckpt.index",
        "vocab.bpe",
    ]
    checkpoint = open_checkpoint(tmp_path / "model")
    assert checkpoint.format == "openai"
    assert checkpoint.shape == Shape.from_hparams(SHAPE.to_hparams())
    assert checkpoint.encoder == tmp_path / "model" / "encoder.json"
    assert numbers_of(checkpoint) == {tensor.name: bytes(tensor.data) for tensor in tensors(dtype=dtype)}
    checkpoint.verify()


def test_the_data_file_is_byte_for_byte_tensorflows_own(tmp_path: Path) -> None:
    stored = {
        name: StoredTensor(name, "float32", tuple(size for size in shape if size != 1), _bytes(name, shape))
        for name, shape in variables().items()
    }
    write_bundle(tmp_path / "model.ckpt", stored)
    data = "model.ckpt.data-00000-of-00001"
    assert (tmp_path / data).read_bytes() == (DATA / "plain" / data).read_bytes()
    ours, theirs = (Bundle(folder / "model.ckpt.index").entries for folder in (tmp_path, DATA / "plain"))
    assert ours == theirs
    assert read_table(tmp_path / "model.ckpt.index") == read_table(DATA / "plain" / "model.ckpt.index")


def _bytes(name: str, shape: tuple[int, ...]) -> memoryview:
    return memoryview(numbers(name, shape).tobytes())


def test_a_run_is_written_under_its_number(tmp_path: Path) -> None:
    vocabulary = Vocabulary(*write_vocabulary(tmp_path / "vocabulary"))
    write_openai(tmp_path / "run1", SHAPE, tensors(), vocabulary, prefix="model-1000")
    assert 'model_checkpoint_path: "model-1000"' in (tmp_path / "run1" / "checkpoint").read_text()
    assert len(open_checkpoint(tmp_path / "run1").tensors) == len(tensors())


def test_settings_that_hparams_cannot_say_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    vocabulary = Vocabulary(*write_vocabulary(tmp_path / "vocabulary"))
    shape = Shape.from_config(SHAPE.to_config() | {"layer_norm_epsilon": 1e-6})
    with pytest.raises(FormatError, match="no place for"):
        write_openai(tmp_path / "models" / "new", shape, tensors(), vocabulary)
    (tmp_path / "there").mkdir()
    with pytest.raises(StudioError, match="already there"):
        write_openai(tmp_path / "there", SHAPE, tensors(), vocabulary)
    assert not (tmp_path / "models").exists()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("table") / "some.index"


@given(entries=st.dictionaries(st.binary(max_size=30), st.binary(max_size=400), max_size=60))
def test_a_table_of_any_entries_is_read_as_it_was_written(entries: dict[bytes, bytes], place: Path) -> None:
    written = sorted(entries.items())
    assert list(read_table(replaced(place, write_table(written))).items()) == written


@given(st.integers(0, 2**64 - 1), st.binary(max_size=5))
def test_numbers_survive_seven_bits_a_byte(value: int, rest: bytes) -> None:
    assert read_varint(varint(value) + rest, 0) == (value, len(varint(value)))
    assert list(fields(number_field(5, value))) == ([(5, value)] if value else [])


def test_every_name_has_its_place() -> None:
    assert {studio_name(name) for name in variables()} == {tensor.name for tensor in tensors()}
