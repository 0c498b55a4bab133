"""The vocabulary files of a model."""

import json
from dataclasses import dataclass
from pathlib import Path

from gpt2studio.errors import FormatError
from gpt2studio.formats.mapped import AGAIN, read_json, read_small

_PAIRS = (("vocab.json", "merges.txt"), ("encoder.json", "vocab.bpe"))
_VERSION = "#version: 0.2"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The files that a tokenizer reads; a ``tokenizer.json``, which has both parts in it, stands here twice."""

    encoder: Path
    """Tokens to ids, JSON: ``vocab.json`` or ``encoder.json``."""
    merges: Path
    """The merges in their order, text: ``merges.txt`` or ``vocab.bpe``."""


def find_vocabulary(folder: Path) -> Vocabulary | None:
    """The vocabulary in the folder: under Hugging Face's names or OpenAI's, or the only ``tokenizer.json``."""
    for encoder, merges in _PAIRS:
        if (folder / encoder).is_file() and (folder / merges).is_file():
            return Vocabulary(folder / encoder, folder / merges)
    whole = sorted(folder.glob("*tokenizer.json"))
    return Vocabulary(whole[0], whole[0]) if len(whole) == 1 else None


def vocabulary_bytes(vocabulary: Vocabulary) -> tuple[bytes, bytes]:
    """What ``vocab.json`` and ``merges.txt`` are to hold: the files as they are, or a ``tokenizer.json`` in two."""
    if vocabulary.encoder != vocabulary.merges:
        return read_small(vocabulary.encoder), read_small(vocabulary.merges)
    data = read_json(vocabulary.encoder)
    try:
        ids = data["model"]["vocab"] | {each["content"]: each["id"] for each in data.get("added_tokens") or ()}
        # Older files have “a b” for a merge, newer ones ["a", "b"].
        pairs = [pair if isinstance(pair, str) else " ".join(pair) for pair in data["model"]["merges"]]
    except (KeyError, TypeError):
        raise FormatError(f"{vocabulary.encoder} is damaged: it has no vocabulary and merges.", AGAIN) from None
    return json.dumps(ids, ensure_ascii=False).encode(), "\n".join([_VERSION, *pairs, ""]).encode()
