"""The dialog for an export of the text: where to, and by the name's ending as what."""

import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from textual import on, work
from textual.widget import Widget
from textual.widgets import Input

from gpt2studio.app.common.wording import ago, counted, size
from gpt2studio.app.dialogs.confirm import ConfirmScreen
from gpt2studio.app.dialogs.dialog import Dialog, line, row
from gpt2studio.errors import StudioError
from gpt2studio.files import write_whole
from gpt2studio.stories.export import Exhibit, written

JUDGED = (".json", ".html")
"""What tells of each token how likely it was."""
_KINDS = {
    ".md": "Markdown: the model’s words in italics.",
    ".json": "JSON: text, inks, and every token with its log-probability.",
    ".html": "A page of its own: both inks, the surprise map, who wrote how much.",
}
_OTHERS = "Endings: .txt text · .md Markdown · .json tokens and inks · .html a page with the map."

Judge = Callable[[Callable[[int, int], None]], Awaitable[Exhibit]]
"""Has every token of the text scored, telling how far it is."""


class ExportTextScreen(Dialog[Path]):
    """Asks for a path, and writes the file, over one that is there after a question; gives the path."""

    TITLE_WORDS = "Export the text"
    KEYS = "Enter writes it · Esc"

    def __init__(self, usual: Path, own: Path | None, plain: Callable[[], Exhibit], judged: Judge) -> None:
        """*usual*: what is proposed; *own*: the file that is edited, which an export never replaces."""
        super().__init__()
        self._own = own
        self._path = line(str(usual))
        self._plain = plain
        self._judged = judged
        self._busy = False

    def fields(self) -> Iterable[Widget]:
        """The path."""
        yield row("to", self._path)

    def on_mount(self) -> None:
        """Begin with the usual path."""
        self._path.focus()

    @on(Input.Changed)
    def _typed(self) -> None:
        exhibit = self._plain()
        kind = _KINDS.get(Path(self._path.value).suffix, "Plain text.")
        self.say(f"{kind}\n{_OTHERS}\n{counted(sum(exhibit.words()), 'word')}: {exhibit.share}.")

    def action_accept(self) -> None:
        """Write the file."""
        if not self._busy and self._path.value.strip():
            self._busy = True
            self._write(Path(self._path.value.strip()).expanduser().absolute())

    @work
    async def _write(self, path: Path) -> None:
        try:
            if path.exists() and not await self._may_replace(path):
                return
            exhibit = await self._judged(self._progressed) if path.suffix in JUDGED else self._plain()
            write_whole(path, written(exhibit, path.suffix).encode("utf-8", "replace"))
            self.dismiss(path)
        except OSError as error:
            self.refuse(StudioError(f"{path} cannot be written: {error.strerror}.", "Choose another place."))
        except StudioError as error:
            self.refuse(error)
        finally:
            self._busy = False

    async def _may_replace(self, path: Path) -> bool:
        """Ask whether a file is to be replaced. Raises StudioError where it cannot be, OSError where it is no more."""
        if path.is_dir():
            raise StudioError(f"{path} is a folder.", "Add a name for the file.")
        if self._own is not None and self._own.exists() and path.samefile(self._own):
            raise StudioError(f"{path} is the file that is open here.", "Ctrl+S saves it; export to another name.")
        about = path.stat()
        there = f"{path} is there already: {size(about.st_size)}, changed {ago(time.time() - about.st_mtime)}."
        asked = ConfirmScreen("Replace the file?", f"{there}\nWhat is in it will be lost.", "replaces it")
        return await self.app.push_screen_wait(asked)

    def _progressed(self, done: int, total: int) -> None:
        self.say(f"Every word is being weighed: {done:,} of {total:,} tokens. Esc leaves it.")
