"""What a story holds in the model's window beside its text: its memory and its note."""

from gpt2studio.errors import StudioError
from gpt2studio.stories.story import Story
from gpt2studio.wire.held import NOTHING, Held
from gpt2studio.wire.lines import build, to_plain

_NOTE = "held"


def held_in(story: Story) -> Held:
    """What the story holds; nothing where none was written, or what was kept means nothing."""
    try:
        held: Held = build(Held, story.notes[_NOTE])
    except (KeyError, StudioError):
        return NOTHING
    return held


def hold(story: Story, held: Held) -> None:
    """Keep it with the story, be that an empty page."""
    story.note(_NOTE, to_plain(held), worth=bool(held))
