"""The file dialog: a person types a path or walks to it, and takes a file, several, or a folder."""

from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from gpt2studio.app.common.pane_list import PaneList
from gpt2studio.app.common.shown import shown
from gpt2studio.app.common.wording import clipped
from gpt2studio.app.dialogs.file_rows import Pick, Row, drawn, rows_of
from gpt2studio.app.dialogs.folder_listing import Listing, completed, read_folder
from gpt2studio.app.dialogs.typed_path import from_the_right, parted, place_of
from gpt2studio.app.memory import MemoryFile

__all__ = ["Pick", "PickFileScreen"]

_SLOW = 0.3
"""Seconds after which a person is told that the disk is still being read."""


class _PathLine(Input):
    """The line that a path is typed in; it would not let a space through to the screen."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "screen.mark", "Mark", show=False, priority=True)]


class PickFileScreen(ModalScreen[tuple[Path, ...] | None]):
    """Chooses files or a folder, absolute paths; None where the person leaves without."""

    CSS_PATH = "pick_file.tcss"
    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", show=False, priority=True),
        Binding("enter", "take", "Take", show=False, priority=True),
        Binding("down", "choose(1)", "Next", show=False, priority=True),
        Binding("up", "choose(-1)", "Previous", show=False, priority=True),
        Binding("pagedown", "choose(10)", "Page down", show=False, priority=True),
        Binding("pageup", "choose(-10)", "Page up", show=False, priority=True),
        Binding("left,backspace", "up", "Folder above", show=False, priority=True),
        Binding("right", "into", "Into the folder", show=False, priority=True),
        Binding("tab", "complete", "Complete", show=False, priority=True),
    ]

    @dataclass
    class Read(Message):
        """A folder has been read."""

        listing: Listing
        number: int

    def __init__(self, pick: Pick, memory: MemoryFile, typed: str = "") -> None:
        """*typed* stands in the line at first."""
        super().__init__()
        self._pick = pick
        self._memory = memory
        self._folder = Path(memory.memory.folder or Path.cwd()).absolute()
        self._listing = Listing(self._folder)
        self._rows: list[Row] = []
        self._marked: dict[Path, None] = {}
        self._asked = self._answered = 0
        """How many folders have been asked for, and up to which; answers to earlier questions come too late."""
        self._drawn_for: str | None = None
        """What was typed when the rows were drawn."""
        self._hasty: str | None = None
        """What was typed when Enter was pressed, where the folder had not been read yet."""
        self._came_from: Path | None = None
        """The folder to highlight on the way up."""
        self._line = _PathLine(
            typed, placeholder="Type a path or a part of a name, or walk with the arrows", select_on_focus=False
        )
        self._where = Static("", id="where", markup=False)
        self._options = PaneList(led=True)
        self._options.can_focus = False
        self._keys = Static("", id="keys", markup=False)

    def compose(self) -> ComposeResult:
        """A line to type in, the folder's name, what it holds, and the keys."""
        with Vertical(id="files") as pane:
            pane.border_title = Content(self._pick.title).markup
            yield self._line
            yield self._where
            yield self._options
            yield self._keys

    def on_mount(self) -> None:
        """Read the folder where the person was last."""
        self._read(self._place)

    def on_resize(self, event: events.Resize) -> None:
        """Draw for the new width."""
        self.call_after_refresh(self._draw)

    def type(self, text: str) -> None:
        """Type more into the line."""
        self._line.insert_text_at_cursor(text)

    # --- reading -----------------------------------------------------------------------------------------------------

    def _go(self, folder: Path, came_from: Path | None = None) -> None:
        """Have that folder's content shown, and the line empty."""
        self._folder, self._came_from = folder, came_from
        with self.prevent(Input.Changed):
            self._line.value = ""
        self._read(folder)

    def _read(self, folder: Path) -> None:
        self._asked += 1
        number, pick = self._asked, self._pick

        def work() -> None:
            listing = read_folder(folder, pick.suffixes, files=pick.files)
            self.post_message(self.Read(listing, number))

        # A thread that nobody waits for: a disk that never answers holds up neither the app nor its end.
        Thread(target=work, daemon=True, name="read folder").start()
        self.set_timer(_SLOW, lambda: self._tell_slow(number, folder))

    def _tell_slow(self, number: int, folder: Path) -> None:
        if number == self._asked > self._answered:
            self._where.update(from_the_right(shown(str(folder)), max(10, self._where.size.width)))
            self._show_rows([], "Reading the folder …")

    @on(Read)
    def _was_read(self, event: Read) -> None:
        event.stop()
        if event.number != self._asked:
            return
        self._answered = event.number
        gone = event.listing.fault and event.number == 1 and self._folder != Path.cwd()
        if gone and not self._line.value:  # where the person was last is no more
            self._go(Path.cwd())
            return
        self._listing = event.listing
        self._draw()
        if self._hasty == self._line.value:
            self.action_take()

    @on(Input.Changed)
    def _typed(self) -> None:
        """Show what the typed path could mean; a folder named in it is read at once."""
        if self._place != self._listing.folder:
            self._read(self._place)
        else:
            self._draw()

    @property
    def _split(self) -> tuple[str, str]:
        return parted(self._line.value)

    @property
    def _place(self) -> Path:
        """The folder that the line is about."""
        return place_of(self._line.value, self._folder)

    # --- drawing -----------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        listing, (_, part) = self._listing, self._split
        if listing.folder != self._place:
            return  # the right one is on its way
        self._drawn_for = self._line.value
        self._where.update(from_the_right(shown(str(listing.folder)), max(10, self._where.size.width)))
        if listing.fault:
            self._show_rows([], listing.fault)
            return
        rows, note = rows_of(listing, part, self._pick)
        self._show_rows(rows, note)

    def _show_rows(self, rows: list[Row], note: str) -> None:
        before = self._current
        self._rows = rows
        width = max(20, self._options.size.width - 2)
        self._options.clear_options()
        self._options.add_options([Option(drawn(row, width, self._marked)) for row in rows])
        if note:
            self._options.add_option(Option(Content.styled(f"  {note}", "$text-muted"), disabled=True))
        self._options.highlighted = self._best(before)
        self._tell_keys()

    def _best(self, before: Row | None) -> int | None:
        """The row to begin at: the folder that was left, the name that is typed in full, else the first."""
        folder, part = self._split
        places = {row.opens or row.paths[0]: index for index, row in enumerate(self._rows)}
        for path in (self._came_from, self._listing.folder / part if part else None, before and before.paths[0]):
            if path is not None and path in places:
                self._came_from = None
                return places[path]
        if not self._rows:
            return None
        own = self._rows[0].paths == (self._listing.folder,)
        return min(1, len(self._rows) - 1) if own and not folder else 0

    def _tell_keys(self) -> None:
        """Say what the keys do here."""
        row = self._current
        said = []
        if self._marked:
            said.append(f"Enter takes {len(self._marked)} marked")
        elif row is not None:
            said.append("Enter opens" if row.opens else "Enter takes")
        if self._pick.several:
            said.append("Space marks")
        said += ["← up", "Tab completes", "Esc leaves"]
        self._keys.update(clipped(" · ".join(said), max(10, self._keys.size.width)))

    @property
    def _current(self) -> Row | None:
        at = self._options.highlighted
        return self._rows[at] if at is not None and at < len(self._rows) else None

    # --- keys --------------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In the middle of a typed name the keys do what they do in any line."""
        line, row = self._line, self._current
        match action:
            case "up":
                return not line.value
            case "into":
                return line.cursor_at_end and row is not None and row.opens is not None
            case "mark":
                names = [each.name.casefold() for each in self._listing.entries]
                goes_on = line.value and any(name.startswith(f"{self._split[1]} ".casefold()) for name in names)
                return self._pick.several and not goes_on and row is not None
        return True

    def action_choose(self, by: int) -> None:
        """Move among the rows without leaving the line."""
        if self._rows:
            self._options.highlighted = min(max((self._options.highlighted or 0) + by, 0), len(self._rows) - 1)
            self._tell_keys()

    def action_up(self) -> None:
        """The folder above."""
        self._go(self._folder.parent, came_from=self._folder)

    def action_into(self) -> None:
        """Into the folder on the row."""
        if (row := self._current) and row.opens:
            self._go(row.opens)

    def action_complete(self) -> None:
        """Lengthen what is typed to what all names have that begin so."""
        folder, part = self._split
        matching = self._listing.matching(part)
        name = completed(part, [each.name for each in matching])
        only = [each for each in matching if each.name == name]
        if len(only) == 1 and only[0].folder:
            name += "/"
        self._line.value = folder + name
        self._line.cursor_position = len(self._line.value)

    def action_mark(self) -> None:
        """Mark what is on the row, or no longer, and on to the next."""
        row = self._current
        if row is None or (row.opens and not self._pick.folders):
            return
        marked = all(path in self._marked for path in row.paths)
        for path in row.paths:
            self._marked.pop(path, None) if marked else self._marked.setdefault(path)
        at = self._options.highlighted or 0
        self._options.replace_option_prompt_at_index(
            at, drawn(row, max(20, self._options.size.width - 2), self._marked)
        )
        self.action_choose(1)

    def action_take(self) -> None:
        """Take what is marked, or what is on the row; a folder on it opens."""
        if self._line.value != self._drawn_for:
            self._typed()  # its message is still on its way
        if self._listing.folder != self._place or self._answered < self._asked:
            self._hasty = self._line.value
            return
        self._hasty = None
        row = self._current
        if self._marked:
            self._done(tuple(self._marked))
        elif row and row.opens:
            self._go(row.opens)
        elif row:
            self._done(row.paths)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        row = self._rows[event.option_index]
        self._go(row.opens) if row.opens else self._done(row.paths)

    def _done(self, paths: tuple[Path, ...]) -> None:
        self._memory.change(replace(self._memory.memory, folder=str(self._listing.folder)))
        self.dismiss(paths)

    def action_leave(self) -> None:
        """Leave without."""
        self.dismiss(None)
