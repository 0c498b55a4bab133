import json
import subprocess
import sys
from pathlib import Path

import pytest

from gpt2studio.errors import FormatError, NotFoundError, StudioError
from gpt2studio.formats.checkpoint import open_checkpoint, recognise
from gpt2studio.formats.shape import PUBLISHED
from tests.formats.tiny import SHAPE, numbers_of, replaced, tensors, write_config, write_tiny

TENSORFLOW = Path(__file__).parent / "data" / "tensorflow" / "plain"
SHIPPED = Path(__file__).parents[2] / "models" / "storyteller"


def test_a_model_opens_as_it_was_written(tmp_path: Path) -> None:
    folder = write_tiny(tmp_path / "model", dtype="bfloat16")
    checkpoint = open_checkpoint(folder)
    assert checkpoint.shape == SHAPE
    assert numbers_of(checkpoint) == {tensor.name: bytes(tensor.data) for tensor in tensors(dtype="bfloat16")}
    assert checkpoint.vocabulary.encoder == folder / "vocab.json"
    checkpoint.verify()


def test_the_shipped_model_opens() -> None:
    checkpoint = open_checkpoint(SHIPPED)
    assert checkpoint.format == recognise(SHIPPED) == "huggingface"
    assert checkpoint.shape.parameters == 7_098_368
    assert checkpoint.shape.end_token == 0
    assert {tensor.dtype for tensor in checkpoint.tensors.values()} == {"float16"}


MISTAKEN = {
    "web page": b"<!DOCTYPE html>\n<html><body>Not found</body></html>",
    "a web page": b"\xef\xbb\xbf\n <HTML><head></head></HTML>",
    "server's error page": b'<?xml version="1.0" encoding="utf-8"?><Error><Code>BlobNotFound</Code></Error>',
    "Git LFS pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 548118077\n",
    "GGUF": b"GGUF\x03\x00\x00\x00",
    "Keras": b"\x89HDF\r\n\x1a\n",
    "empty": b"",
    "cannot be opened|not a file of weights": b"hello",
}


@pytest.mark.parametrize("said", MISTAKEN)
@pytest.mark.parametrize("file", ["model.safetensors", "pytorch_model.bin", "model.safetensors.index.json"])
def test_what_is_commonly_taken_for_a_model_is_called_by_its_name(tmp_path: Path, file: str, said: str) -> None:
    write_config(tmp_path)
    replaced(tmp_path / file, MISTAKEN[said])
    with pytest.raises(FormatError, match=said if "json" not in file else rf"{said}|not JSON"):
        open_checkpoint(tmp_path)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<html>", "web page"),
        (b"{", "not JSON"),
        (b"[]", "not a JSON object"),
        (b"\xff\xfe\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"n_embd": ' + b"9" * 5000 + b"}", "not JSON"),
        (b'{"model_type": "bert", "hidden_size": 768}', "“bert”, not a GPT-2"),
        (b'{"model_type": "llama"}', "“llama”, not a GPT-2"),
        (b'{"_name_or_path": "x"}', "no GPT-2"),
    ],
)
def test_a_config_that_is_none_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    folder = write_tiny(tmp_path / "model")
    replaced(folder / "config.json", data)
    with pytest.raises(FormatError, match=said):
        open_checkpoint(folder)


def test_a_config_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    folder = write_tiny(tmp_path / "model")
    replaced(folder / "config.json", b"\xef\xbb\xbf" + (folder / "config.json").read_bytes())
    assert open_checkpoint(folder).shape == SHAPE


def test_weights_without_a_config_say_what_lacks(tmp_path: Path) -> None:
    folder = write_tiny(tmp_path / "model")
    (folder / "config.json").unlink()
    for path in (folder, folder / "model.safetensors"):
        assert recognise(path) is None
        with pytest.raises(NotFoundError, match=r"has no config\.json"):
            open_checkpoint(path)


def test_a_config_of_another_size_names_the_tensor(tmp_path: Path) -> None:
    folder = write_tiny(tmp_path / "model")
    (folder / "config.json").write_text(json.dumps(PUBLISHED["124M"].to_config()))
    with pytest.raises(FormatError, match=r"“wte\.weight” .* is 40 × 8, .* asks for 50257 × 768"):
        open_checkpoint(folder)


def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    for path in (tmp_path / "no" / "model", tmp_path / "model-500", tmp_path / "x.safetensors"):
        assert recognise(path) is None
        with pytest.raises(NotFoundError, match="There is no model at"):
            open_checkpoint(path)


@pytest.mark.parametrize("file", [None, "tf_model.h5", "flax_model.msgpack"])
def test_a_folder_without_weights_says_what_it_has(tmp_path: Path, file: str | None) -> None:
    write_config(tmp_path)
    if file:
        (tmp_path / file).write_bytes(b"something")
    assert recognise(tmp_path) is None
    with pytest.raises(FormatError, match=rf"only as {file}" if file else "has no weights"):
        open_checkpoint(tmp_path)


def test_a_folder_that_is_no_model_is_not_recognised(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "search.index").write_bytes(b"of another program, long enough to have a footer of forty-eight bytes")
    (tmp_path / "broken").symlink_to(tmp_path / "nowhere")
    assert recognise(tmp_path) is None
    assert all(recognise(path) is None for path in tmp_path.iterdir())


def test_every_refusal_is_one_line_and_tells_what_to_do(tmp_path: Path) -> None:
    folder = write_tiny(tmp_path / "model")
    for data in MISTAKEN.values():
        replaced(folder / "model.safetensors", data)
        with pytest.raises(StudioError) as caught:
            open_checkpoint(folder)
        assert "\n" not in caught.value.message
        assert str(folder / "model.safetensors") in caught.value.message
        assert caught.value.hint


def test_formats_load_neither_torch_nor_tensorflow_nor_safetensors() -> None:
    program = (
        "import pkgutil, sys, gpt2studio.formats as formats\n"
        "for module in pkgutil.iter_modules(formats.__path__):\n"
        "    __import__('gpt2studio.formats.' + module.name)\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'torch', 'tensorflow', 'safetensors'}))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_looking_for_models_does_not_load_numpy(tmp_path: Path) -> None:
    folder = write_tiny(tmp_path / "model")
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from gpt2studio.formats.checkpoint import recognise\n"
        f"print([recognise(Path(path)) for path in {[str(folder), str(TENSORFLOW)]}], 'numpy' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "['huggingface', 'openai'] False\n"
