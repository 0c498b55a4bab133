"""GPT-2's tokenizer: text to tokens and back."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain, pairwise
from pathlib import Path

from gpt2studio.errors import FormatError
from gpt2studio.text import splitting
from gpt2studio.text.counting import StretchCounts
from gpt2studio.text.merging import Merger
from gpt2studio.text.remembered import INT, Chunks, PreTokens
from gpt2studio.text.utf8 import StreamDecoder, sound
from gpt2studio.text.vocabulary import END_TEXT, Vocabulary


class Tokenizer:
    """Text to the ids of one vocabulary and back, byte for byte as GPT-2 was trained with."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._merger = Merger(vocabulary)
        self._pre_tokens = PreTokens(self._merger)
        self._chunks = Chunks(self._pre_tokens)
        self._counts = StretchCounts(lambda stretch: len(self.encode_array(stretch)))
        self._bytes = dict(enumerate(vocabulary.token_bytes))

    @classmethod
    def of_folder(cls, folder: Path) -> "Tokenizer":
        """The tokenizer of a model folder. Raises NotFoundError and FormatError as Vocabulary.of_folder does."""
        return cls(Vocabulary.of_folder(folder))

    def encode(self, text: str, *, special: bool = False) -> list[int]:
        """The ids of the text's tokens, nothing added.

        ``<|endoftext|>`` is the end token where *special* allows it, else text like any other. Lone surrogates
        are encoded as U+FFFD.
        """
        return self.encode_array(text, special=special).tolist()

    def encode_array(self, text: str, *, special: bool = False) -> "array[int]":
        """The same as an array of 32-bit numbers, four bytes a token."""
        try:
            return self._encode(text, special)
        except UnicodeEncodeError:
            return self._encode(sound(text), special)

    def encode_chunks(self, pieces: Iterable[str], *, special: bool = False) -> "Iterator[array[int]]":
        """The ids of one text of any length that comes in pieces, as arrays that join to those of the whole text."""
        return (self.encode_array(stretch, special=special) for stretch in splitting.recut(pieces))

    def _encode(self, text: str, special: bool) -> "array[int]":
        ids = array(INT)
        end_token = self.vocabulary.end_token
        parts = text.split(END_TEXT) if special and end_token is not None else [text]
        for number, part in enumerate(parts):
            if number and end_token is not None:
                ids.append(end_token)
            for segment in splitting.segments(part):
                ids.frombytes(self._chunks.encode(segment))
        return ids

    def encode_word(self, data: bytes) -> list[int]:
        """The ids of the bytes of one pre-token, or of its rest from a token's border on, which need be no text."""
        return self._merger.merge(data)

    def count(self, text: str) -> int:
        """How many tokens ``encode(text)`` has; quick for a text that differs little from one counted before."""
        try:
            return self._counts.count(text)
        except UnicodeEncodeError:
            return self._counts.count(sound(text))

    def decode_bytes(self, ids: Iterable[int]) -> bytes:
        """The bytes that the tokens stand for. Raises FormatError for an id that the vocabulary does not have."""
        try:
            return b"".join(map(self._bytes.__getitem__, ids))
        except KeyError as error:
            size = len(self.vocabulary)
            raise FormatError(
                f"Token {error.args[0]} is not in this vocabulary of {size:,} tokens.",
                "The tokens come from another vocabulary: encode the text again with this model's.",
            ) from None

    def decode(self, ids: Iterable[int]) -> str:
        """The text that the tokens stand for, U+FFFD for bytes that are no UTF-8."""
        return self.decode_bytes(ids).decode("utf-8", "replace")

    def texts(self, ids: Sequence[int]) -> list[str]:
        """One text a token, joining to the decoded text; a character split between tokens stands with its last."""
        decoder = StreamDecoder()
        texts = [decoder.push(self.decode_bytes((token,))) for token in ids]
        if texts:
            texts[-1] += decoder.finish()
        return texts

    def spans(self, ids: Sequence[int]) -> list[tuple[int, int]]:
        """Where each token's text begins and ends in the decoded text, in code points.

        Spans follow each other without a gap; a token that only begins a character has an empty one.
        """
        return list(pairwise(accumulate(map(len, self.texts(ids)), initial=0)))

    def last_border(self, text: str) -> int:
        """The last offset at which the text can be cut into two that are encoded each for itself; 0 without any."""
        return splitting.last_cut(text)

    def word_start(self, text: str) -> int:
        """The offset where the last pre-token of the text begins: the border before its last word, space included."""
        return splitting.last_start(text)

    def single_byte_share(self, text: str) -> float:
        """Of the characters beyond ASCII, the share that falls into tokens of a single byte; 0.0 without any.

        Near 1 for a script that the vocabulary's texts hardly had.
        """
        if text.isascii():
            return 0.0
        text = sound(text)
        lengths = chain.from_iterable(
            [len(self._bytes[token])] * len(self._bytes[token]) for token in self.encode(text)
        )
        in_vocabulary = self.vocabulary.byte_ids
        alone = bytes(in_vocabulary[byte] is None or next(lengths) == 1 for byte in text.encode())
        beyond = [range(start, end) for start, end in _character_spans(text) if end - start > 1]
        return sum(all(alone[character.start : character.stop]) for character in beyond) / len(beyond)


def _character_spans(text: str) -> Iterable[tuple[int, int]]:
    """Where each character begins and ends in the text's bytes."""
    return pairwise(accumulate((len(character.encode()) for character in text), initial=0))
