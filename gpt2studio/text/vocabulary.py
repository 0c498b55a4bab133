"""A vocabulary: the bytes of every token, and which tokens merge."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

from gpt2studio.errors import FormatError
from gpt2studio.text.alphabet import ALPHABET, to_bytes
from gpt2studio.text.vocabulary_files import WrittenVocabulary, find, read_one_file, read_pair

END_TEXT: Final = "<|endoftext|>"
"""How the end token is written: GPT-2's one special token, between documents."""

_ADDED_BY_HAND: Final = 64
"""So many tokens may lack a merge that makes them: special ones, and words that somebody added."""

_ANOTHER: Final = (
    "Use the vocabulary that came with a GPT-2 model: vocab.json and merges.txt, or encoder.json and vocab.bpe."
)
_AGAIN: Final = "Copy or download both vocabulary files again, from the same model."


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """The tokens of one model by id, and its merges by rank."""

    token_bytes: Sequence[bytes]
    """The bytes of every token, by id; empty for an id that has no token."""
    merges: Mapping[tuple[int, int], int]
    """The pairs of tokens that merge, lowest rank first, and the tokens they make."""
    byte_ids: Sequence[int | None]
    """The id of the token of every single byte; None for a byte that the vocabulary cannot write."""
    end_token: int | None
    """The id of ``<|endoftext|>``."""

    def __len__(self) -> int:
        return len(self.token_bytes)

    @classmethod
    def load(cls, encoder: Path, merges: Path) -> "Vocabulary":
        """The vocabulary of ``encoder.json`` or ``vocab.json`` and ``vocab.bpe`` or ``merges.txt``, of any model.

        A ``tokenizer.json``, which holds both, is given twice.

        Raises NotFoundError for a file that is not there, FormatError for a damaged one or another tokenizer's.
        """
        return _checked(read_one_file(encoder) if encoder == merges else read_pair(encoder, merges))

    @classmethod
    def of_folder(cls, folder: Path) -> "Vocabulary":
        """The vocabulary of a model folder: one of the two pairs of names, or a ``tokenizer.json``.

        Raises NotFoundError, with what lacks, where there is none, and FormatError as *load* does.
        """
        return _checked(find(folder))


def _checked(written: WrittenVocabulary) -> Vocabulary:
    ids = written.ids
    token_bytes = _by_id(ids, written.ids_name)
    merges = _merges(written)
    _check_reach(written, merges.values())
    byte_ids = tuple(ids.get(character) for character in ALPHABET)
    return Vocabulary(token_bytes, merges, byte_ids, ids.get(END_TEXT))


def _by_id(ids: Mapping[str, int], name: str) -> tuple[bytes, ...]:
    highest = max(ids.values())
    if min(ids.values()) < 0 or highest > 2 * len(ids) + 1000:
        raise FormatError(f"{name} is damaged: its ids are not those of {len(ids):,} tokens.", _AGAIN)
    if len(set(ids.values())) < len(ids):
        raise FormatError(f"{name} is damaged: two of its tokens have the same id.", _AGAIN)
    token_bytes = [b""] * (highest + 1)
    for text, token in ids.items():
        data = to_bytes(text)
        # A token added by hand is written as it reads, a space as a space.
        token_bytes[token] = text.encode("utf-8", "replace") if data is None else data
    return tuple(token_bytes)


def _merges(written: WrittenVocabulary) -> dict[tuple[int, int], int]:
    ids, pairs, name = written.ids, written.merges, written.merges_name
    made = set(map("".join, pairs))
    for text in set(chain.from_iterable(pairs)) - made:
        if len(text) != 1 or text not in ALPHABET:
            raise FormatError(f"{name} is not of a byte-level tokenizer as GPT-2 has: it joins “{text}”.", _ANOTHER)
    try:
        return {(ids[left], ids[right]): ids[left + right] for left, right in pairs}
    except KeyError as error:
        raise FormatError(
            f"{name} and {written.ids_name} do not belong together: only the first has “{error.args[0]}”.", _AGAIN
        ) from None


def _check_reach(written: WrittenVocabulary, made: Iterable[int]) -> None:
    """Refuse a list of merges that lost its end: many tokens would be out of reach without anybody noticing."""
    reached = set(made)
    lost = [text for text, token in written.ids.items() if token not in reached and len(text) > 1]
    lost = [text for text in lost if text[0] + text[-1] not in ("<>", "[]")]
    if len(lost) > _ADDED_BY_HAND:
        raise FormatError(
            f"{written.merges_name} is cut short, or not of {written.ids_name}: "
            f"{len(lost):,} of {len(written.ids):,} tokens have no merge that makes them.",
            _AGAIN,
        )
