"""The dialogs of an index: what texts are to be called that were picked, and which ones it keeps."""

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets.option_list import Option

from gpt2studio.app.common.background import ask
from gpt2studio.app.common.pane_list import PaneList
from gpt2studio.app.common.shown import shown
from gpt2studio.app.common.wording import clipped, counted, size
from gpt2studio.app.dialogs.confirm import ConfirmScreen
from gpt2studio.app.dialogs.dialog import Dialog, line, row
from gpt2studio.app.texts.own_texts import Found, KeptText, OwnTexts
from gpt2studio.errors import StudioError


class IndexScreen(Dialog[str]):
    """Asks under which name texts are to be indexed; says first how many there are."""

    TITLE_WORDS = "Index texts"
    KEYS = "Enter indexes them · Esc"

    def __init__(self, paths: Sequence[Path], own_texts: OwnTexts, name: str = "") -> None:
        super().__init__()
        self._paths, self._own = tuple(paths), own_texts
        self._called = line(name or _suggested(self._paths[0]))
        self._found: Found | None = None

    def fields(self) -> tuple[Widget, ...]:
        """The name."""
        return (row("Name", self._called),)

    def on_mount(self) -> None:
        """Look at the texts."""
        self._called.focus()
        self.say("Looking at them …")
        ask(self, partial(self._own.look, self._paths), self._looked, self.refuse)

    def _looked(self, found: Found) -> None:
        self._found = found
        texts = f"{counted(found.texts, 'text')}, {size(found.size)}."
        known = self._own.names()
        there = f" To add them to an index, give its name: {', '.join(known)}." if known else ""
        self.say(f"{texts} They are copied, and write as the model stitch:NAME.{there}")

    def action_accept(self) -> None:
        """Index them, where the name can be one."""
        name = self._called.value.strip()
        try:
            self._own.check_name(name)
        except StudioError as error:
            self.refuse(error)
            return
        if self._found is not None:
            self.dismiss(name)


class KeptScreen(Dialog[None]):
    """The texts that an index keeps; Delete takes one out."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("delete", "take_out", "Take out", show=False, priority=True)]
    KEYS = "Del takes a text out · Esc"

    def __init__(self, name: str, own_texts: OwnTexts) -> None:
        super().__init__()
        self.TITLE_WORDS = f"The texts of stitch:{name}"
        self._index, self._own = name, own_texts
        self._options = PaneList()
        self._kept: tuple[KeptText, ...] = ()

    def fields(self) -> tuple[Widget, ...]:
        """The list."""
        return (self._options,)

    def on_mount(self) -> None:
        """Show them."""
        self.query_one("#dialog").add_class("-tall")
        self._options.focus()
        self.call_after_refresh(self._look)

    def _look(self) -> None:
        try:
            self._kept = self._own.kept(self._index)
        except StudioError as error:
            self.refuse(error)
            return
        width, before = max(20, self._options.size.width - 2), self._options.highlighted or 0
        self._options.clear_options()
        self._options.add_options([Option(_row(each, width)) for each in self._kept])
        self._options.highlighted = min(before, len(self._kept) - 1) if self._kept else None
        self.say(f"{counted(len(self._kept), 'text')}. The files themselves lie where they were.")

    @work
    async def action_take_out(self) -> None:
        """Take the text in view out of the index."""
        at = self._options.highlighted
        if at is None or at >= len(self._kept):
            return
        text = self._kept[at].name
        words = f"{shown(text)} is taken out of stitch:{self._index}, with the copy that the index has of it."
        if await self.app.push_screen_wait(ConfirmScreen("Take out", words, "takes it out")):
            ask(self, partial(self._own.take_out, self._index, text), lambda _: self._look(), self.refuse)


def _row(text: KeptText, width: int) -> Content:
    about = size(text.size)
    name = clipped(shown(text.name), max(8, width - len(about) - 2))
    gap = " " * max(1, width - Content(name).cell_length - len(about))
    return Content.assemble(name, gap, (about, "$text-muted"))


def _suggested(path: Path) -> str:
    """A name made of a file's or a folder's."""
    return re.sub(r"[^\w-]+", "-", path.stem if path.is_file() else path.name).strip("-") or "texts"
