"""A token to look at: where it stands, who wrote it, and what to ask the engine about it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gpt2studio.errors import StudioError
from gpt2studio.stories.origins import Origin
from gpt2studio.stories.records import TokenRecord
from gpt2studio.stories.story import Story
from gpt2studio.wire.held import NOTHING, Held
from gpt2studio.wire.lines import build
from gpt2studio.wire.messages import Continue, Draw, Next

if TYPE_CHECKING:
    from gpt2studio.app.surprise.scores import ScoredText


@dataclass(frozen=True, slots=True)
class Spot:
    """A token of the text, or the place of the next one."""

    start: int
    end: int
    """Where its text stands; as `start` for the next token."""
    text: str = ""
    question: Next = Next(id="")  # noqa: RUF009  # frozen
    """What to ask about it: with the sampling that it was drawn with, where it was drawn."""
    node: int | None = None
    """The continuation that it came with; None: a person typed it, or it is yet to come."""
    made: Continue | None = None
    """How that was asked for."""
    model: str = ""
    """The name of the model that drew it."""
    model_path: str = ""
    """Where that lay."""
    file: str | None = None
    """The text that it was copied from, where the model copies; empty: the story itself."""

    @property
    def coming(self) -> bool:
        """Whether it is the next token, and none of the text."""
        return self.start == self.end


def next_after(text: str, place: int, held: Held = NOTHING) -> Spot:
    """The token that is to come after a place."""
    return Spot(place, place, question=Next(id="", text=text[:place], held=held))


def spot_at(story: Story, text: "ScoredText", place: int) -> Spot | None:
    """The token of the text that holds the character at a place; None where there is none."""
    if not 0 <= place < len(text.text):
        return None
    return _drawn(story, place) or _typed(text, place)


def _drawn(story: Story, place: int) -> Spot | None:
    """A token that the model drew, with all that it was drawn from."""
    found = story.origin(place)
    if found is None:
        return None
    try:
        kept: Mapping[str, Any] = story.request(found.node)
        tokens = story.tokens(found.node)
        prompt = story.prompt_of(found.node)
        made: Continue = build(Continue, {**kept, "id": "", "text": prompt})
    except (StudioError, OSError, StopIteration):
        return None
    here = next((n for n, each in enumerate(tokens) if each.start <= found.offset < each.end), None)
    if here is None:  # what was held back at the end, as U+FFFD
        return None
    token = tokens[here]
    start = place - (found.offset - token.start)
    if not _whole(story, found.node, token, start):
        return None
    draw = Draw(
        seed=made.seed,
        candidate=made.first_candidate,
        written=tuple(each.id for each in tokens[:here]),
        stop_at_end=made.stop_at_end,
    )
    question = Next(
        id="",
        text=prompt,
        sampling=made.sampling,
        special=made.special,
        heal=made.heal,
        style=made.style,
        held=made.held,
        token=token.id,
        draw=draw,
    )
    model, path = str(kept.get("model_name", "")), str(kept.get("model", ""))
    file = token.source.file if token.source is not None else None
    return Spot(start, start + len(token.text), token.text, question, found.node, made, model, path, file)


def _whole(story: Story, node: int, token: TokenRecord, start: int) -> bool:
    """Whether a token stands in the text from this place on as it was drawn: a person has typed nothing into it."""
    last = start + len(token.text) - 1
    places = (start, Origin(node, token.start)), (last, Origin(node, token.end - 1))
    return start >= 0 and all(story.origin(place) == there for place, there in places)


def _typed(text: "ScoredText", place: int) -> Spot:
    """A token that a person typed, as the tokenizer sees it; it is asked about as the map scores it."""
    number = text.token_at(place)
    start, end = int(text.starts[number]), int(text.ends[number])
    token = int(text.ids[number])
    question = Next(id="", tokens=tuple(text.before(number)), token=token)
    return Spot(start, end, text.text[start:end], question)


def asked(spot: Spot, id: str, alternatives: int, **changes: Any) -> Next:
    """The question, with the number of alternatives and what else is to be other than it was."""
    return replace(spot.question, id=id, alternatives=alternatives, stages=True, **changes)
