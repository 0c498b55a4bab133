"""The two vocabulary files of a model: found beside it, or borrowed from a model that has the same."""

from dataclasses import dataclass
from pathlib import Path

_NAMES = (("vocab.json", "merges.txt"), ("encoder.json", "vocab.bpe"))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The files that a tokenizer reads."""

    encoder: Path
    """Tokens to ids, JSON: ``vocab.json`` or ``encoder.json``."""
    merges: Path
    """The merges in their order, text: ``merges.txt`` or ``vocab.bpe``."""


def find_vocabulary(folder: Path) -> Vocabulary | None:
    """The vocabulary in the folder, under Hugging Face's names or OpenAI's."""
    for encoder, merges in _NAMES:
        if (folder / encoder).is_file() and (folder / merges).is_file():
            return Vocabulary(folder / encoder, folder / merges)
    return None
