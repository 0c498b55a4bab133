"""The desk: one open story and the manuscript that shows it, kept alike through every change."""

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gpt2studio.app.manuscript.manuscript import Manuscript
from gpt2studio.app.write.undo_steps import UndoSteps
from gpt2studio.errors import StudioError
from gpt2studio.stories.filestory import FileStory
from gpt2studio.stories.shelf import StoryShelf
from gpt2studio.stories.splice import Pieces, Splice, common, pieces_of, plain
from gpt2studio.stories.story import Story

_MANY = 16
"""So many changes at once are shown as one."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person was in a story."""

    cursor: int
    scroll: int | None = None
    """The first row in sight; None: where the cursor is in sight."""
    at_end: bool = True
    """Whether they wrote in the prompt line last, and so at the end."""


class Desk:
    """What is written goes into the story, and what the story becomes is shown on the manuscript.

    ``complain`` is told of faults that a person should know of; none of them stops the writing.
    """

    def __init__(self, story: Story, complain: Callable[[StudioError], None]) -> None:
        self.story = story
        self.complain = complain
        self.manuscript = Manuscript(self.record)
        self.at_end = True
        """Whether the person wrote in the prompt line last."""
        self.on_edit: Callable[[int, str, str], None] = lambda at, removed, inserted: None
        """Told of each of the person's edits, after the story has it."""
        self.looking: Callable[[], bool] = lambda: False
        """Whether the cursor is where the person looks, and not where they write: that is noted already."""
        self._steps = UndoSteps(time.monotonic)

    # --- the story that is open --------------------------------------------------------------------------------------

    def show(self) -> None:
        """Put the story on the manuscript, the cursor where it was left."""
        story, manuscript = self.story, self.manuscript
        # A file is opened to be edited; on a new page a line is the way to begin.
        unknown = Place(len(story.text), at_end=story.path is None or not story.text)
        place = _place(story.notes.get("place")) or unknown
        manuscript.load_pieces(_pieces(story), min(place.cursor, len(story.text)))
        manuscript.read_only = story.read_only
        if place.scroll is not None:
            manuscript.call_after_refresh(manuscript.scroll_to, y=place.scroll, animate=False, force=True)
        self.at_end = place.at_end
        self._steps.end()

    def replace(self, story: Story) -> None:
        """Put this story in the place of the one that is open, which is closed."""
        if (trouble := self.close()) is not None:
            self.complain(trouble)
        self.story = story
        self.show()

    def close(self) -> StudioError | None:
        """Let the story go, with a note of where the person was; why not, where something could not be kept."""
        try:
            self.note_place()
            self.story.close()
        except StudioError as error:
            return error
        return None

    def keep_text(self) -> None:
        """Write the story's text and first words beside its journal, for others to read."""
        try:
            self.story.save_text()
        except StudioError as error:
            self.complain(error)

    def note_place(self) -> None:
        """Remember with the story where the cursor is and what is in sight."""
        if not self.story.read_only and self.manuscript.is_mounted and not self.looking():
            place = [self.manuscript.cursor_offset, round(self.manuscript.scroll_offset.y), self.at_end]
            if self.story.notes.get("place") != place:
                self.story.note("place", place)

    # --- changes -----------------------------------------------------------------------------------------------------

    def record(self, at: int, removed: str, inserted: str) -> None:
        """The person has edited the manuscript."""
        try:
            self.story.edit(at, len(removed), inserted, join=self._steps.joins(at, removed, inserted))
        except StudioError as error:
            self.complain(error)
        self.on_edit(at, removed, inserted)

    def add(self, at: int, text: str) -> None:
        """Put a person's text into the story and the manuscript, as one step."""
        if text:
            self._steps.end()
            try:
                self.mirror([self.story.edit(at, 0, text, cause="line")])
            except StudioError as error:
                self.complain(error)

    def change(self, edits: Sequence[tuple[int, int, Pieces]], cause: str) -> None:
        """Take characters out and put others in at several places, as one step; the places are of the text as it is."""
        self._steps.end()
        splices = []
        try:
            for number, (at, removed, pieces) in enumerate(sorted(edits, key=lambda each: -each[0])):
                splices.append(self.story.edit(at, removed, pieces, join=number > 0, cause=cause))
                self.on_edit(at, plain(splices[-1].removed), plain(splices[-1].inserted))
        except StudioError as error:
            self.complain(error)
        self.mirror(splices)

    def mirror(self, splices: Sequence[Splice | None]) -> None:
        """Show on the manuscript what the story has become."""
        if len(splices) > _MANY:
            self.manuscript.mirror(self._as_one())
            return
        for splice in splices:
            if splice is not None and not splice.nothing:
                self.manuscript.mirror(splice)

    def _as_one(self) -> Splice:
        """What makes the story's text of the manuscript's, whatever the way between them was."""
        old, new = self.manuscript.text, self.story.text
        shown, ink = b"\0".join(self.manuscript.ink.rows), _without_line_ends(new, self.story.ink(0, len(new)))
        start = min(common(old, new), common(shown, ink))
        rest = min(len(old), len(new)) - start
        end = min(common(old[::-1], new[::-1]), common(shown[::-1], ink[::-1]), rest)
        removed = pieces_of(old[start : len(old) - end], shown[start : len(old) - end])
        return Splice(start, removed, pieces_of(new[start : len(new) - end], ink[start : len(new) - end]))

    def meet_file(self, force: bool = False) -> StudioError | None:
        """Take in what another program made of the file that is open, where nothing here is unsaved or *force* is set.

        Why not, where there is something that was not taken in.
        """
        story = self.story
        if not isinstance(story, FileStory) or story.read_only or not story.changed_elsewhere():
            return None
        if story.unsaved and not force:
            return StudioError(
                "Another program has changed the file.",
                "Ctrl+P, Reload takes that in; Ctrl+S twice puts this text in its place.",
            )
        try:
            splices = story.reload()
        except StudioError as error:
            return error
        self.travel(lambda: splices)
        return None

    def travel(self, way: Callable[[], list[Splice]]) -> bool:
        """Go another way in the story's history, and look at what changed; whether anything did."""
        self._steps.end()
        try:
            splices = way()
        except StudioError as error:
            self.complain(error)
            return False
        self.mirror(splices)
        if splices:
            self.manuscript.cursor_offset = splices[-1].at + splices[-1].put
        return bool(splices)

    def break_step(self) -> None:
        """What the person types next is a step of its own."""
        self._steps.end()


def open_story(stories: Path, files: Path, *, story: str = "", file: Path | None = None, last: str = "") -> Story:
    """The story that was asked for by file, id or title; else the last one; else a new one.

    Raises StudioError kinds where what was asked for by name cannot be opened.
    """
    shelf = StoryShelf(stories)
    if file is not None:
        return FileStory.of(files, file)
    if story:
        return Story.open(_by_name(shelf, story))
    if last:
        with contextlib.suppress(StudioError, OSError):
            return Story.open(shelf.directory(last))
    with contextlib.suppress(StudioError, OSError):
        if found := shelf.last():
            return Story.open(found.directory)
    return Story.create(stories)


def _by_name(shelf: StoryShelf, name: str) -> Path:
    """The story of this id or, where there is none, of this title."""
    for listed in shelf.stories():
        if listed.title.casefold() == name.casefold() or listed.label.casefold() == name.casefold():
            return listed.directory
    return shelf.directory(name)


def _pieces(story: Story) -> Pieces:
    """The story's text by who wrote it."""
    return pieces_of(story.text, story.ink(0, len(story.text)))


def _without_line_ends(text: str, ink: bytes) -> bytes:
    """The ink as the manuscript has it: at a line's end it is nobody's."""
    row = bytearray(ink)
    at = text.find("\n")
    while at >= 0:
        row[at] = 0
        at = text.find("\n", at + 1)
    return bytes(row)


def _place(left: object) -> Place | None:
    """Where the person was, if that is what the note says."""
    match left:
        case [int(cursor), int(scroll), bool(at_end)] if cursor >= 0 and scroll >= 0:
            return Place(cursor, scroll, at_end)
    return None
