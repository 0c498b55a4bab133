"""The dialog before an import: what lies there, and what it is to be called."""

from functools import partial
from pathlib import Path

from textual import on
from textual.widget import Widget
from textual.widgets import Input

from gpt2studio.app.common.background import ask
from gpt2studio.app.common.wording import count, magnitude, size
from gpt2studio.app.dialogs.dialog import Dialog, line, row
from gpt2studio.app.models.stock import Import, ModelStock
from gpt2studio.errors import StudioError
from gpt2studio.formats.room import check_room
from gpt2studio.library.adopt import name_for
from gpt2studio.library.names import check_free, check_name
from gpt2studio.library.recognition import Recognised, like_of, recognised

_REST = 0.4
"""Seconds without a key after which it is looked at anew."""


class ImportScreen(Dialog[Import]):
    """Says what a folder or file is before anything is copied."""

    TITLE_WORDS = "Import a model"
    KEYS = "Enter imports · Esc"

    def __init__(self, source: Path, stock: ModelStock) -> None:
        super().__init__()
        self._source, self._stock = source, stock
        self._called = line(name_for(source))
        self._like = line(placeholder="if it lacks a vocabulary: a model, or a folder")
        self._found: tuple[Recognised, tuple[Path, ...]] | None = None

    def fields(self) -> tuple[Widget, ...]:
        """Its name, and whom it is like."""
        return row("Name here", self._called), row("Like", self._like)

    def on_mount(self) -> None:
        """Look at it."""
        self._called.focus()
        self._rest = self.set_timer(_REST, self._look, pause=True)
        self._look()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        if event.input is self._like:
            self._rest.reset()
            self._rest.resume()

    def _look(self) -> None:
        self._found = None
        named = self._like.value.strip()
        self.say(f"Looking at {self._source} …")
        ask(self, partial(self._recognised, named), partial(self._answered, named), partial(self._failed, named))

    def _recognised(self, named: str) -> tuple[Recognised, tuple[Path, ...]]:
        like = tuple(like_of(named, self._stock.resolve))
        return recognised(self._source, self._stock.places, like), like

    def _answered(self, named: str, found: tuple[Recognised, tuple[Path, ...]]) -> None:
        if named == self._like.value.strip():
            self._found = found
            self.say(f"{self._source}\n{described(found[0])}")

    def _failed(self, named: str, error: StudioError) -> None:
        if named == self._like.value.strip():
            self.refuse(error)

    def action_accept(self) -> None:
        """Import it, where it is known what it is and the name is free."""
        if self._found is None:
            return
        name = self._called.value.strip()
        found, like = self._found
        try:
            check_name(name)
            check_free(name, self._stock.places)
            check_room(self._stock.places.models, found.size)
        except StudioError as error:
            self.refuse(error)
        else:
            self.dismiss(Import(self._source, name, like))


def described(found: Recognised) -> str:
    """What lies there, in a line or two."""
    shape = found.shape
    if shape is None:
        return f"{found.kind}, {size(found.size)}"
    numbers = [
        f"{magnitude(shape.parameters)} parameters",
        f"{shape.n_layer} layers of {count(shape.n_embd)}, {shape.n_head} heads",
        f"window {count(shape.n_positions)}",
        f"{count(shape.vocab_size)} tokens known",
        found.dtype,
        size(found.size),
    ]
    said = [f"It is {found.kind}.", " · ".join(numbers)]
    if found.lent:
        said.append(f"Not its own: {'; '.join(found.lent)}.")
    return "\n".join(said)
