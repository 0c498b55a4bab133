"""What a person's own texts have to do with the page: the style, the sources of stitched words, “Is this mine?”."""

import asyncio

from textual import work

from gpt2studio.app.common.shown import shown
from gpt2studio.app.common.wording import counted
from gpt2studio.app.engine.link import EngineState
from gpt2studio.app.engine.model_choice import Kind
from gpt2studio.app.sampling.text_dials import IDLE, STITCHER, dials_for
from gpt2studio.app.texts.own_texts import Mine, OwnTexts, Passage, words_in
from gpt2studio.app.texts.source_line import NONE, OWN
from gpt2studio.app.write.page import Page, Room
from gpt2studio.errors import StudioError
from gpt2studio.wire.messages import STITCH

_FEW = 4
"""Words in a row that anybody writes again by chance."""


class TextsPage(Page):
    """The page, with the person's own texts behind it."""

    def __init__(self, room: Room) -> None:
        super().__init__(room)
        self.own_texts = OwnTexts(room.places)
        self._names: tuple[str, ...] = ()
        self._passage: Passage | None = None
        self._asked = 0

    # --- which dials there are ---------------------------------------------------------------------------------------

    def offer_texts(self, names: tuple[str, ...]) -> None:
        """These indexes are at hand."""
        self._names = names
        self._take_dials()

    def show_engine(self, state: EngineState) -> None:
        """The engine has news."""
        self._take_dials()
        super().show_engine(state)

    @property
    def stitched(self) -> bool:
        """Whether the model that writes is made of texts."""
        choice = self.room.link.state.choice
        return choice is not None and choice.kind is Kind.STITCHED

    def _take_dials(self) -> None:
        self.source_line.set_class(self.stitched, "-on")
        if self.stitched:
            self.sampling_panel.turns(STITCHER, IDLE)
        else:
            self.sampling_panel.turns(dials_for(("", *self._names)))

    # --- where stitched words come from ------------------------------------------------------------------------------

    def _rested(self) -> None:
        super()._rested()
        if self.stitched:
            self._spawn(self._show_source)

    async def _show_source(self) -> None:
        """Say where the word at the cursor comes from; an answer that a newer question has overtaken is dropped."""
        self._asked += 1
        asked = self._asked
        try:
            passage, note = await self._source()
        except StudioError as error:
            passage, note = None, error.message
        if asked == self._asked and self.is_mounted:
            self._passage = passage
            self.source_line.show(passage, note)

    async def _source(self) -> tuple[Passage | None, str]:
        """Where the word at the cursor was copied from, or a word on why that cannot be told."""
        story, text = self.desk.story, self.manuscript.text
        at = self.place
        for offset in (at, at - 1):  # under the cursor, else just before it
            if not 0 <= offset < len(text) or (text[offset].isspace() and offset == at):
                continue
            if (found := story.token_at(offset)) is None:
                continue
            node, token = found
            if token.source is None:
                return None, "this model's words have no source"
            model = str(story.request(node).get("model", STITCH))
            return await asyncio.to_thread(self.own_texts.passage, model, token.source, text), ""
        return None, OWN if at and text else NONE

    @work
    async def action_source(self) -> None:
        """Open the text where the word at the cursor was copied from."""
        try:
            passage, note = await self._source()
        except StudioError as error:
            self.desk.complain(error)
            return
        if passage is None:
            self.notify(f"At the cursor: {note}.", markup=False)
            return
        from gpt2studio.app.texts.passage import PassageScreen  # late: the first paint needs no dialog

        where = f"Line {passage.line:,} of {_place(passage)}"
        self.app.push_screen(PassageScreen("Where this word comes from", where, passage))

    # --- is this mine? -----------------------------------------------------------------------------------------------

    @work
    async def action_mine(self) -> None:
        """Say whether what is selected stands in the person's texts."""
        selection = self.manuscript.selected_text
        if not selection.strip():
            self.notify("Select some words of the manuscript first.", title="Is this mine?", markup=False)
            return
        self.manuscript.say_below("looking in your texts …")
        try:
            mine = await asyncio.to_thread(self.own_texts.mine, selection, _silent)
        except StudioError as error:
            self.desk.complain(error)
            return
        finally:
            self._progressed(self.writer.progress)
        from gpt2studio.app.texts.passage import PassageScreen

        self.app.push_screen(PassageScreen("Is this mine?", _sentence(mine), mine.passage))


def _sentence(mine: Mine) -> str:
    """What was found, in words."""
    texts = counted(mine.searched, "text")
    passage, words = mine.passage, words_in(mine.selection)
    if passage is None:
        return f"No word of it stands in your {texts}."
    if passage.length >= len(mine.selection.strip()):
        return f"All of it, {counted(words, 'word')}, stands in {_place(passage)}, line {passage.line:,}."
    found = f"{passage.words:,} of {counted(words, 'word')}"
    if passage.words <= _FEW:
        return f"Hardly: the longest stretch that stands in your {texts} is {found}, in {_place(passage)}."
    return f"The longest stretch that stands in your {texts}: {found}, in {_place(passage)}, line {passage.line:,}."


def _place(passage: Passage) -> str:
    """A text, and the index that keeps it."""
    return f"{shown(passage.file)} ({shown(passage.index)})" if passage.file else "this story"


def _silent(what: str, done: int, total: int) -> None:
    """Tell nobody."""
