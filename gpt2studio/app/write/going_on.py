"""The model goes on, at a place or from the prompt line: what every way to ask it for words comes down to."""

from textual import on

from gpt2studio.app.write.joining import joined
from gpt2studio.app.write.orders import Order
from gpt2studio.app.write.page import Page
from gpt2studio.app.write.prompt_line import PromptLine


class GoingOn(Page):
    """The page, on which the model can be asked to go on."""

    def go_on(self, order: Order) -> None:
        """Have the model go on."""
        self.manuscript.cursor_offset = self.manuscript.cursor_offset  # what is selected is not to be typed over
        self.forget_ahead()
        self.writer.go_on(order)
        self.refresh_bindings()

    @on(PromptLine.Pasted)
    def _lines_pasted(self, event: PromptLine.Pasted) -> None:
        """Put them at the end as they are; Enter has the model go on from there."""
        manuscript = self.manuscript
        self.writer.stop()
        self.desk.add(manuscript.plain_document.length, joined(manuscript.text, event.text))
        manuscript.cursor_offset = manuscript.plain_document.length
        manuscript.say_below("pasted at the end of the story · Enter: the model goes on")

    def take_line(self) -> None:
        """Add what is in the prompt line, if the person types there."""
        if self.prompt_line.has_focus:
            self.add_line(self.prompt_line.take())

    def add_line(self, line: str) -> None:
        """Add a line of the prompt line's at the end, where the person writes then."""
        manuscript = self.manuscript
        if line:
            self.room.memory.change(self.room.memory.memory.with_line(line))
            self.desk.add(manuscript.plain_document.length, joined(manuscript.text, line))
        manuscript.cursor_offset = manuscript.plain_document.length
