"""Texts, pieces and splices to try."""

from hypothesis import strategies as st

from gpt2studio.stories.document import Document
from gpt2studio.stories.splice import Author, Piece, Pieces, Splice, joined

TEXTS = st.text(alphabet="ab é\n狐🦊", max_size=6)
PIECES: st.SearchStrategy[Pieces] = st.lists(st.builds(Piece, st.sampled_from(Author), TEXTS), max_size=4).map(joined)


@st.composite
def splice_of(draw: st.DrawFn, document: Document, most: int = 5) -> Splice:
    """A splice that fits the document."""
    at = draw(st.integers(0, len(document)))
    end = draw(st.integers(at, min(len(document), at + most)))
    return Splice(at, document.pieces(at, end), draw(PIECES))
