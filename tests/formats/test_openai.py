import json
import mmap
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gpt2studio.errors import FormatError, NotFoundError
from gpt2studio.formats.checkpoint import Checkpoint, open_checkpoint, recognise
from gpt2studio.formats.crc32c import crc32c
from gpt2studio.formats.names import tensor_shapes
from gpt2studio.formats.openai import openai_name, studio_name
from gpt2studio.formats.protobuf import bytes_field, fields, number_field
from gpt2studio.formats.shape import PUBLISHED, Shape
from gpt2studio.formats.sstable import masked, read_table, write_table
from gpt2studio.formats.vocabulary import Vocabulary
from tests.formats.make_tensorflow_data import DATA, HPARAMS, numbers, variables
from tests.formats.tiny import SHAPE, replaced, write_config, write_tiny, write_vocabulary


@pytest.fixture(autouse=True)
def no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "huggingface"))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder as the 2019 tools leave it: models/tiny whole, checkpoint/run1 with nothing but the checkpoint."""
    shutil.copytree(DATA / "plain", tmp_path / "home" / "models" / "tiny")
    write_vocabulary(tmp_path / "home" / "models" / "tiny")
    shutil.copytree(DATA / "slots", tmp_path / "home" / "checkpoint" / "run1")
    return tmp_path / "home"


def run_of(home: Path) -> Path:
    return home / "checkpoint" / "run1"


def assert_as_written(checkpoint: Checkpoint) -> None:
    assert checkpoint.format == "openai"
    assert len(checkpoint.tensors) == len(variables())
    for variable, shape in variables().items():
        name = studio_name(variable)
        assert name is not None
        tensor = checkpoint.tensors[name]
        expected = numbers(variable, shape)
        assert (tensor.name, tensor.dtype) == (name, "float32")
        assert tensor.shape == (shape[1:] if len(shape) == 3 else shape)
        np.testing.assert_array_equal(tensor.array(), expected.reshape(tensor.shape))
        assert isinstance(tensor.data.obj, mmap.mmap)
    checkpoint.verify()


# --- what TensorFlow wrote -------------------------------------------------------------------------------------------


def test_a_model_that_tensorflow_wrote_opens_with_equal_numbers(home: Path) -> None:
    model = home / "models" / "tiny"
    assert recognise(model) == "openai"
    checkpoint = open_checkpoint(model)
    assert_as_written(checkpoint)
    assert checkpoint.shape == Shape.from_hparams(HPARAMS)
    assert (checkpoint.encoder, checkpoint.merges) == (model / "encoder.json", model / "vocab.bpe")


@pytest.mark.parametrize("made", ["slots", "sharded"])
def test_an_optimizers_slots_and_several_files_change_nothing(home: Path, made: str) -> None:
    run = home / "checkpoint" / made
    shutil.copytree(DATA / made, run)
    assert recognise(run) == "openai"
    assert_as_written(open_checkpoint(run))


@pytest.mark.parametrize(
    "file", ["model-7", "model-7.index", "model-7.data-00000-of-00001", "model-7.meta", "checkpoint"]
)
def test_any_file_of_a_checkpoint_means_it(home: Path, file: str) -> None:
    assert recognise(run_of(home) / file) == "openai"
    assert_as_written(open_checkpoint(run_of(home) / file))


@pytest.mark.parametrize("shape", PUBLISHED.values(), ids=PUBLISHED)
def test_openais_names_lead_back(shape: Shape) -> None:
    for name, _ in tensor_shapes(shape):
        assert studio_name(openai_name(name)) == name
    assert studio_name("model/h0/attn/c_attn/w") == "h.0.attn.c_attn.weight"
    assert openai_name("h.11.ln_2.weight") == "model/h11/ln_2/g"


@pytest.mark.parametrize(
    "name", ["model/wte/Adam", "model/h0/ln_1/g/Adam_1", "global_step", "beta1_power", "h0/ln_1/g", "model/h00/ln_1/g"]
)
def test_what_is_no_weight_has_no_name(name: str) -> None:
    assert studio_name(name) is None


# --- which checkpoint a folder means ---------------------------------------------------------------------------------


def numbered(run: Path, *steps: int) -> None:
    """Checkpoints of these steps, told apart by the first number of their data."""
    for step in steps:
        for part in ("index", "data-00000-of-00001"):
            shutil.copy(DATA / "slots" / f"model-7.{part}", run / f"model-{step}.{part}")
        data = run / f"model-{step}.data-00000-of-00001"
        replaced(data, data.read_bytes().replace(numbers("model/wte", (40, 8)).tobytes()[:4], _mark(step)))


def _mark(step: int) -> bytes:
    return np.float32(step).tobytes()


def opened_step(run: Path) -> float:
    return float(open_checkpoint(run).tensors["wte.weight"].array()[0, 0])


def test_the_newest_is_what_tensorflow_noted_then_the_counter_then_the_highest(home: Path) -> None:
    run = run_of(home)
    numbered(run, 90, 100, 200, 1000)
    (run / "checkpoint").write_text('model_checkpoint_path: "/gone/run1/model-100"\nall_model_checkpoint_paths: "x"\n')
    (run / "counter").write_text("200\n")
    assert opened_step(run) == 100
    (run / "checkpoint").write_text('model_checkpoint_path: "C:\\\\gone\\\\model-90"\n')
    assert opened_step(run) == 90
    (run / "checkpoint").write_text('model_checkpoint_path: "/gone/run1/model-5"\n')
    assert opened_step(run) == 200
    (run / "counter").write_text("5\n")
    assert opened_step(run) == 1000
    (run / "checkpoint").unlink()
    (run / "counter").unlink()
    assert opened_step(run) == 1000


def test_the_note_never_leads_out_of_the_folder(home: Path) -> None:
    run = run_of(home)
    numbered(run, 100)
    elsewhere = home / "elsewhere"
    elsewhere.mkdir()
    numbered(elsewhere, 55)
    (run / "model-7.index").unlink()
    (run / "checkpoint").write_text(f'model_checkpoint_path: "{elsewhere}/model-55"\n')
    assert opened_step(run) == 100


# --- what a run lacks ------------------------------------------------------------------------------------------------


def test_a_run_borrows_from_the_models_beside_it(home: Path) -> None:
    model = home / "models" / "tiny"
    shutil.copytree(model, home / "models" / "another")
    (home / "models" / "another" / "hparams.json").write_text(json.dumps(HPARAMS | {"n_ctx": 24}))
    (home / "models" / "broken").mkdir()
    (home / "models" / "broken" / "hparams.json").write_text("<html>")
    checkpoint = open_checkpoint(run_of(home))
    assert_as_written(checkpoint)
    assert checkpoint.shape == Shape.from_hparams(HPARAMS)
    assert checkpoint.vocabulary == Vocabulary(model / "encoder.json", model / "vocab.bpe")


def test_a_run_prefers_what_is_its_own(home: Path) -> None:
    run = run_of(home)
    write_vocabulary(run)
    (run / "hparams.json").write_text(json.dumps(HPARAMS | {"n_head": 4}))
    checkpoint = open_checkpoint(run)
    assert checkpoint.shape.n_head == 4
    assert checkpoint.encoder == run / "encoder.json"


def test_a_run_copied_among_the_models_borrows_from_its_neighbours(home: Path) -> None:
    run_of(home).rename(home / "models" / "mine")
    assert_as_written(open_checkpoint(home / "models" / "mine"))


@pytest.mark.parametrize("nested", [False, True])
def test_a_run_borrows_from_an_installed_model_of_its_shape(home: Path, tmp_path: Path, nested: bool) -> None:
    shutil.rmtree(home / "models")
    installed = write_tiny(tmp_path / "installed" / "tiny")
    elsewhere = [tmp_path / "nowhere", tmp_path / "installed" if nested else installed]
    checkpoint = open_checkpoint(run_of(home), elsewhere=elsewhere)
    assert_as_written(checkpoint)
    assert checkpoint.shape == SHAPE
    assert checkpoint.encoder == installed / "vocab.json"


@pytest.mark.parametrize("variable", ["HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "XDG_CACHE_HOME"])
def test_a_run_borrows_from_hugging_faces_cache(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    shutil.rmtree(home / "models")
    monkeypatch.delenv("HF_HOME")
    hub = {"HF_HOME": "hub", "XDG_CACHE_HOME": "huggingface/hub"}.get(variable, ".")
    snapshot = tmp_path / "cache" / hub / "models--someone--tiny" / "snapshots" / "0123abc"
    write_config(snapshot)
    write_vocabulary(snapshot, "vocab.json", "merges.txt")
    monkeypatch.setenv(variable, str(tmp_path / "cache"))
    checkpoint = open_checkpoint(run_of(home))
    assert_as_written(checkpoint)
    assert checkpoint.encoder == snapshot / "vocab.json"


def test_a_run_of_which_nothing_is_known_says_what_to_copy(home: Path) -> None:
    shutil.rmtree(home / "models")
    with pytest.raises(NotFoundError, match=r"has no hparams\.json") as caught:
        open_checkpoint(run_of(home))
    assert "Copy hparams.json, encoder.json and vocab.bpe" in caught.value.hint


def test_a_model_without_a_vocabulary_opens_and_says_so_when_it_is_asked(home: Path) -> None:
    for file in ("encoder.json", "vocab.bpe"):
        (home / "models" / "tiny" / file).unlink()
    checkpoint = open_checkpoint(home / "models" / "tiny")
    assert checkpoint.encoder is None
    assert checkpoint.merges is None
    with pytest.raises(NotFoundError, match="No vocabulary"):
        _ = checkpoint.vocabulary


# --- damage ----------------------------------------------------------------------------------------------------------


def test_a_changed_number_is_found_and_its_tensor_named(home: Path) -> None:
    data = home / "models" / "tiny" / "model.ckpt.data-00000-of-00001"
    whole = bytearray(data.read_bytes())
    at = whole.index(numbers("model/h1/mlp/c_fc/b", (32,)).tobytes())
    whole[at + 5] ^= 1
    replaced(data, bytes(whole))
    checkpoint = open_checkpoint(home / "models" / "tiny")
    with pytest.raises(FormatError, match=r"“h\.1\.mlp\.c_fc\.bias” .* is damaged"):
        checkpoint.verify()


def test_a_missing_data_file_is_named(home: Path) -> None:
    (home / "models" / "tiny" / "model.ckpt.data-00000-of-00001").unlink()
    with pytest.raises(NotFoundError, match=r"model\.ckpt\.data-00000-of-00001 is missing"):
        open_checkpoint(home / "models" / "tiny")


def test_a_data_file_cut_short_names_the_first_tensor_that_is_not_whole(home: Path) -> None:
    data = home / "models" / "tiny" / "model.ckpt.data-00000-of-00001"
    replaced(data, data.read_bytes()[:-1])
    with pytest.raises(FormatError, match=r"cut short: “model/wte” ends 1 bytes beyond"):
        open_checkpoint(home / "models" / "tiny")


def test_a_web_page_in_place_of_a_file_is_called_one(home: Path) -> None:
    page = b"<?xml version='1.0'?><Error><Code>BlobNotFound</Code></Error>"
    for file in ("hparams.json", "model.ckpt.data-00000-of-00001", "model.ckpt.index"):
        replaced(home / "models" / "tiny" / file, page)
        with pytest.raises(FormatError, match="server's error page"):
            open_checkpoint(home / "models" / "tiny")


def test_hparams_of_another_model_are_told(home: Path) -> None:
    (home / "models" / "tiny" / "hparams.json").write_text(json.dumps(PUBLISHED["124M"].to_hparams()))
    with pytest.raises(FormatError, match=r"“wte\.weight” .* is 40 × 8, .* asks for 50257 × 768"):
        open_checkpoint(home / "models" / "tiny")


Table = dict[bytes, bytes]


def _change(name: bytes, number: int, value: int) -> Callable[[Table], None]:
    """Give a field of a name's entry another value."""

    def change(table: Table) -> None:
        kept = b"".join(_field(each, held) for each, held in fields(table[name]) if each != number)
        table[name] = kept + number_field(number, value)

    return change


def _field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, bytes):
        return bytes_field(number, value)
    return (b"\x35" + value.to_bytes(4, "little")) if number == 6 else number_field(number, value)


def _set(name: bytes, value: bytes) -> Callable[[Table], None]:
    return lambda table: table.update({name: value})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_change(b"", 2, 1), "big-endian"),
        (lambda table: table.pop(b""), "lacks its header"),
        (_set(b"model/wte", b"\xff"), "entries cannot be read"),
        (_set(b"\xff\xfe", b""), "entries cannot be read"),
        (_change(b"model/wpe", 1, 9), r"“model/wpe” as a number type that no weight has \(9\)"),
        (_change(b"model/wpe", 5, 380), "bytes of “model/wpe” do not fit its shape"),
        (_change(b"model/wpe", 4, 1 << 60), "“model/wpe” ends .* beyond its end"),
        (_change(b"model/wpe", 4, 8), "overlaps another's"),
        (_change(b"model/wpe", 3, 1), "a data file that there cannot be"),
        (lambda table: _append(table, b"model/wpe", bytes_field(7, b"\n\x00")), "“model/wpe” in slices"),
        (lambda table: table.pop(b"model/wte"), "not of a GPT-2"),
        (lambda table: table.pop(b"model/wpe"), "lacks a GPT-2's embeddings"),
        (lambda table: table.pop(b"model/h0/ln_1/g"), "lacks the tensor “h.0.ln_1.weight”"),
    ],
)
def test_an_index_that_lies_is_refused(home: Path, change: Callable[[Table], None], said: str) -> None:
    index = home / "models" / "tiny" / "model.ckpt.index"
    table = read_table(index)
    change(table)
    replaced(index, write_table(sorted(table.items())))
    with pytest.raises(FormatError, match=said):
        open_checkpoint(home / "models" / "tiny")


def _append(table: Table, name: bytes, field: bytes) -> None:
    table[name] += field


def test_a_compressed_index_is_refused(tmp_path: Path) -> None:
    data = bytearray(write_table([(b"", b"header")]))
    size = data.index(b"\0\0\0\0\1\0\0\0") + 8
    data[size] = 1  # snappy
    data[size + 1 : size + 5] = masked(crc32c(bytes(data[: size + 1]))).to_bytes(4, "little")
    with pytest.raises(FormatError, match="compressed"):
        read_table(replaced(tmp_path / "some.index", bytes(data)))


def test_a_damaged_newest_checkpoint_is_not_passed_over_for_an_older_one(home: Path) -> None:
    run = run_of(home)
    numbered(run, 6)
    replaced(run / "model-7.index", (run / "model-7.index").read_bytes()[:-1])
    with pytest.raises(FormatError, match=r"model-7\.index is damaged or cut short"):
        open_checkpoint(run)
