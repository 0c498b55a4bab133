"""What a person can do with stories as a whole: begin, open, name, save."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work

from gpt2studio.app.write.page import Page
from gpt2studio.errors import StudioError
from gpt2studio.paths import fits_every_system
from gpt2studio.stories.filestory import FileStory
from gpt2studio.stories.splice import Piece
from gpt2studio.stories.story import Story
from gpt2studio.stories.textfile import GuardedError

if TYPE_CHECKING:
    from gpt2studio.stories.export import Exhibit


_EXPORTED = "exported"
"""The note that says where the story was exported to last."""


class StoriesPage(Page):
    """The page, with the shelf that its stories come from."""

    def _put_on_desk(self, story: Story) -> None:
        """Show this story in place of the one that is open."""
        self.writer.forget_all()
        self.note_draft()
        self.desk.replace(story)
        self._warned, self._told_of_file = False, ""
        memory = self.room.memory
        memory.change(memory.memory.with_story(story.id if story.path is None else ""))
        for notice in story.notices:
            self.notify(notice, severity="warning", markup=False, timeout=8)
        self.show_story()

    def action_new(self) -> None:
        """An empty page, at once."""
        if self.desk.story.text or self.desk.story.path is not None:
            self._put_on_desk(Story.create(self.room.stories))
        self.prompt_line.focus()

    def begin_with(self, *pieces: Piece) -> None:
        """A new story that begins with this text."""
        story = Story.create(self.room.stories)
        story.edit(0, 0, [piece for piece in pieces if piece.text], cause="import")
        self._put_on_desk(story)

    @work
    async def action_open(self) -> None:
        """Choose among the stories that there are, and the files that were edited."""
        from gpt2studio.app.stories.open_story import OpenStoryScreen  # late: the first paint needs no dialog
        from gpt2studio.stories.shelf import StoryShelf

        self.desk.keep_text()
        room = self.room
        current = self.desk.story.directory.name
        chosen = await self.app.push_screen_wait(OpenStoryScreen(StoryShelf(room.stories), room.places.files, current))
        if chosen is None or chosen.directory.name == current:
            return
        try:
            if chosen.path is None:
                self._put_on_desk(Story.open(chosen.directory))
            else:
                self._put_on_desk(FileStory.of(room.places.files, chosen.path))
        except StudioError as error:
            self.desk.complain(error)

    @work
    async def action_rename(self) -> None:
        """Give the story a title."""
        story = self.desk.story
        if story.path is not None:
            self.notify("A file keeps its name; rename it where it lies.", markup=False)
            return
        from gpt2studio.app.dialogs.ask import AskScreen

        title = await self.app.push_screen_wait(AskScreen("The story's title", story.title, "Enter"))
        if title is not None:
            try:
                story.rename(title)
            except StudioError as error:
                self.desk.complain(error)
            self.show_title()

    @work
    async def action_save(self) -> None:
        """Save the file; export a story's text to one."""
        if self.desk.story.path is not None:
            self._save_file()
            return
        await self._ask_export()

    @work
    async def action_export(self) -> None:
        """The text in a file for others: as text, Markdown, JSON or a page."""
        await self._ask_export()

    async def _ask_export(self) -> None:
        from gpt2studio.app.stories.export import ExportTextScreen

        story = self.desk.story
        before = story.notes.get(_EXPORTED)
        usual = Path(before) if isinstance(before, str) else _folder_for(story) / f"{_file_name(story)}.txt"
        path = await self.app.push_screen_wait(ExportTextScreen(usual, story.path, self._exhibit, self._judged))
        if path is None:
            return
        self.notify(f"The text is in {path}", markup=False)
        if not story.read_only and str(path) != before:
            story.note(_EXPORTED, str(path))

    def _exhibit(self) -> "Exhibit":
        """The text with its inks."""
        from gpt2studio.stories.export import Exhibit

        story = self.desk.story
        title = story.title or (story.path.name if story.path is not None else _file_name(story))
        return Exhibit(title, story.text, story.ink(0, len(story.text)))

    async def _judged(self, tell: Callable[[int, int], None]) -> "Exhibit":
        """The same with what the model thinks of every token, where there is one."""
        return self._exhibit()

    def _save_file(self) -> None:
        """Save; the second time even over what another program has made of the file, or what is write-protected."""
        self.look_at_file(tell=False)  # saving says why it is refused
        again, self._warned = self._warned, False
        try:
            self.desk.story.save(force=again)
            self.notify(f"Saved {self.desk.story.path}", markup=False, timeout=2)
        except StudioError as error:
            self._warned = isinstance(error, GuardedError)
            self.desk.complain(error)
        self.show_title()

    _warned = False
    """Whether the person knows why the file was not saved, and that saving again is."""

    def look_at_file(self, *, tell: bool = True) -> None:
        """Take in what another program made of the file, or say once why that cannot be."""
        waiting = self.desk.meet_file()
        told, self._told_of_file = self._told_of_file, waiting.message if waiting is not None else ""
        if self._told_of_file == told:
            return
        self._warned = False
        if waiting is not None and tell:
            self.notify(waiting.hint, title=waiting.message, severity="warning", markup=False, timeout=8)

    _told_of_file = ""
    """What the person knows of what another program has made of the file."""

    def action_reload(self) -> None:
        """Take in what another program made of the file."""
        if self.desk.story.path is None:
            self.notify("This is a story, not a file.", markup=False)
        if (error := self.desk.meet_file(force=True)) is not None:
            self.desk.complain(error)
        self.look_at_file(tell=False)
        self.show_title()


def _folder_for(story: Story) -> Path:
    """Where an export goes that was not made before: beside the file, else where the studio was started, else home."""
    if story.path is not None:
        return story.path.parent
    here = Path.cwd()
    return here if here != here.parent and os.access(here, os.W_OK) else Path.home()


def _file_name(story: Story) -> str:
    """A file name made of the title, or of the first words."""
    words = re.findall(r"[\w'’-]+", story.title or story.text[:200])
    name = " ".join(words[:6])[:60].strip()
    return name if name and fits_every_system(name) else "story"
