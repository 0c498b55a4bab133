"""A long text with its ink, in chunks, so that a change costs the same wherever it falls."""

from typing import AnyStr

from gpt2studio.stories.splice import Pieces, Splice, pieces_of, plain

CHUNK = 4096
"""Characters a chunk has when it is new; it may grow to twice as many and shrink to a quarter."""


class Document:
    """A text, and one byte of ink for each of its characters."""

    def __init__(self, pieces: Pieces = ()) -> None:
        self._texts = [""]  # never empty: there is always a chunk to type into
        self._inks = [b""]
        self._length = 0
        self._near = (0, 0)  # a chunk and where it starts: the next change is likely beside the last
        self._joined: str | None = ""
        if pieces:
            self.apply(Splice(0, (), pieces))

    def copy(self) -> "Document":
        """Another one of the same text."""
        other = Document()
        other._texts, other._inks = list(self._texts), list(self._inks)
        other._length, other._near, other._joined = self._length, self._near, self._joined
        return other

    def __len__(self) -> int:
        return self._length

    @property
    def text(self) -> str:
        """The whole text."""
        if self._joined is None:
            self._joined = "".join(self._texts)
        return self._joined

    def slice(self, start: int, end: int) -> str:
        """The characters from *start* up to *end*."""
        return "".join([self._texts[index][low:high] for index, low, high in self._spans(start, end)])

    def ink(self, start: int, end: int) -> bytes:
        """The ink of the characters from *start* up to *end*: one byte each, 0 the person, 1 the model."""
        return b"".join([self._inks[index][low:high] for index, low, high in self._spans(start, end)])

    def pieces(self, start: int, end: int) -> Pieces:
        """The characters from *start* up to *end*, with their authors."""
        if start >= end:
            return ()
        return pieces_of(self.slice(start, end), self.ink(start, end))

    def apply(self, splice: Splice) -> None:
        """Change the text as the splice says; ValueError where it reaches beyond the text."""
        end = splice.at + splice.taken
        if not 0 <= splice.at <= end <= self._length:
            raise ValueError("a splice beyond the text")
        first, start = self._locate(splice.at)
        last, last_start = self._locate(end)
        text = self._texts[first][: splice.at - start] + plain(splice.inserted)
        ink = self._inks[first][: splice.at - start] + b"".join(
            [bytes((piece.author.ink,)) * len(piece.text) for piece in splice.inserted]
        )
        text += self._texts[last][end - last_start :]
        ink += self._inks[last][end - last_start :]
        self._length += splice.put - splice.taken
        self._joined = None
        if len(text) < CHUNK // 4 and first > 0:
            first -= 1
            start -= len(self._texts[first])
            text, ink = self._texts[first] + text, self._inks[first] + ink
        self._texts[first : last + 1] = _chunks(text)
        self._inks[first : last + 1] = _chunks(ink)
        self._near = (first, start)

    def _locate(self, at: int) -> tuple[int, int]:
        """The chunk that holds the place *at* (the earlier one at a border), and where that chunk starts."""
        index, start = self._near
        while index > 0 and at <= start:
            index -= 1
            start -= len(self._texts[index])
        while at > start + len(self._texts[index]):
            start += len(self._texts[index])
            index += 1
        self._near = (index, start)
        return index, start

    def _spans(self, start: int, end: int) -> list[tuple[int, int, int]]:
        """Chunk, first and last place in it, for every chunk between *start* and *end*."""
        start, end = max(start, 0), min(end, self._length)
        if start >= end:
            return []
        index, begin = self._locate(start)
        row = []
        while begin < end:
            row.append((index, max(start - begin, 0), min(end - begin, len(self._texts[index]))))
            begin += len(self._texts[index])
            index += 1
        return row


def _chunks(whole: AnyStr) -> list[AnyStr]:
    if len(whole) <= 2 * CHUNK:
        return [whole]
    return [whole[place : place + CHUNK] for place in range(0, len(whole), CHUNK)]
