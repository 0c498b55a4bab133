"""``gpt2studio encode``: texts to token ids, as JSON or as the arrays of the 2019 tools."""

import argparse
import glob
import json
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gpt2studio.cli.engine import load_request
from gpt2studio.cli.reading import read_file, read_text
from gpt2studio.errors import FormatError, NotFoundError, StudioError
from gpt2studio.files import written_whole
from gpt2studio.formats.checkpoint import open_checkpoint
from gpt2studio.paths import places, shipped
from gpt2studio.text.tokenizer import Tokenizer
from gpt2studio.text.vocabulary import Vocabulary
from gpt2studio.wire.messages import STITCH

END_TEXT = "<|endoftext|>"

Tokens = npt.NDArray[np.int64]


def run(options: argparse.Namespace) -> int:
    """Encode what the options name."""
    tokenizer = _tokenizer(options)
    if options.out is not None:
        chunks = list(_chunks(tokenizer, options))
        path = options.out if options.out.suffix == ".npz" else options.out.with_name(options.out.name + ".npz")
        try:
            with written_whole(path) as file:
                np.savez_compressed(file, *chunks)
        except OSError as error:
            raise StudioError(
                f"{path} cannot be written: {error.strerror}.", "Choose another place with --out."
            ) from None
        total = sum(len(chunk) for chunk in chunks)
        print(json.dumps({"chunks": len(chunks), "tokens": total}) if options.json else f"{path}: {total:,} tokens")
        return 0
    if options.text == "-" or Path(options.text).is_file():
        _show(tokenizer.encode(read_text(options.text), special=options.special), options)
    else:
        for chunk in _chunks(tokenizer, options):
            _show(chunk.tolist(), options)
    return 0


def _show(tokens: list[int], options: argparse.Namespace) -> None:
    print(json.dumps({"tokens": tokens}, separators=(",", ":")) if options.json else " ".join(map(str, tokens)))


def _tokenizer(options: argparse.Namespace) -> Tokenizer:
    model = load_request(options, "").model
    if model.startswith(STITCH):
        from gpt2studio.retrieval.at_hand import texts_named
        from gpt2studio.retrieval.stitcher.model import VOCABULARY

        texts_named(model, places())  # whether there is such a model at all
        return Tokenizer.of_folder(shipped("models") / VOCABULARY)
    checkpoint = open_checkpoint(Path(model))
    if checkpoint.encoder is None or checkpoint.merges is None:
        raise NotFoundError(f"{checkpoint.path} has no vocabulary.", "It needs vocab.json and merges.txt beside it.")
    return Tokenizer(Vocabulary.load(checkpoint.encoder, checkpoint.merges))


def _chunks(tokenizer: Tokenizer, options: argparse.Namespace) -> Iterator[Tokens]:
    """The arrays that nshepperd's encode.py makes of these files, in sorted order.

    A file of at least ``combine`` characters ends a chunk; shorter ones are joined with ``<|endoftext|>`` after each,
    which is plain text as it was in 2019 unless ``special`` asks for the end token.
    """
    if options.text == "-":
        yield np.array(tokenizer.encode(read_text("-"), special=options.special), np.int64)
        return
    text = ""
    for path in _files(options.text):
        if path.suffix == ".npz":
            yield from _arrays(path)
            continue
        text += read_file(path)
        if len(text) >= options.combine:
            yield np.array(tokenizer.encode(text, special=options.special), np.int64)
            text = ""
        else:
            text += END_TEXT
    if text:
        yield np.array(tokenizer.encode(text, special=options.special), np.int64)


def _arrays(path: Path) -> Iterator[Tokens]:
    """The arrays in a file that was encoded before."""
    try:
        with path.open("rb") as file, np.load(file) as arrays:
            yield from [np.asarray(arrays[name], np.int64) for name in arrays.files]
    except (OSError, ValueError, TypeError, EOFError, AttributeError, zipfile.BadZipFile, zlib.error):
        raise FormatError(f"{path} holds no token ids.", "Encode the text again.") from None


def _files(name: str) -> list[Path]:
    """The files that a path or pattern means; hidden ones are left out."""
    path = Path(name)
    if path.is_dir():
        found = [each for each in path.rglob("*") if each.is_file()]
        found = [each for each in found if not any(part.startswith(".") for part in each.relative_to(path).parts)]
    elif path.is_file():
        found = [path]
    else:
        found = [Path(each) for each in glob.glob(name) if Path(each).is_file()]  # noqa: PTH207 - the pattern may be absolute
    if not found:
        raise StudioError(f"{name} holds no files.", "Give a text file, a folder of them, or a pattern in quotes.")
    return sorted(found)
