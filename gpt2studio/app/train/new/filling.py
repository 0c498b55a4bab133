"""What stands in the form of a new run: what a person has put there, else what is usual."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from gpt2studio.app.engine.model_choice import ModelChoice
from gpt2studio.app.memory import MemoryFile
from gpt2studio.app.train.new.draft import Draft, suited
from gpt2studio.app.train.new.fields import FRESH, LATEST, NAME, START_FROM, STEPS
from gpt2studio.app.train.new.starting import EXAMPLE, Order, is_there, model_for
from gpt2studio.library.installed import InstalledModel
from gpt2studio.paths import Places
from gpt2studio.runs.recipe import Recipe
from gpt2studio.runs.registry import Runs


@dataclass(slots=True)
class Filled:
    """What a person has put into the form, kept while the studio is open."""

    texts: tuple[str, ...] = ()
    held_out: tuple[str, ...] = ()
    model: tuple[str, Path] | None = None
    values: dict[str, str] = field(default_factory=dict)

    def clear(self) -> None:
        """Nothing is chosen any more."""
        self.values.clear()
        self.texts, self.held_out, self.model = (), (), None


@dataclass(frozen=True, slots=True)
class NewRunRoom:
    """What the form works with."""

    places: Places
    memory: MemoryFile
    models: Callable[[], Sequence[InstalledModel]]
    """The models at hand, as far as they have been found."""
    choice: ModelChoice | None
    """The model that writes."""
    busy: bool
    """Whether a run is under way."""
    filled: Filled


class Filling:
    """Reads the form, whatever of it is filled in."""

    def __init__(self, room: NewRunRoom) -> None:
        self.room = room
        self.filled = room.filled
        self.runs = Runs(room.places.runs)

    @cached_property
    def free_name(self) -> str:
        """How the run is called where a person says nothing."""
        return self.runs.free_name()

    @cached_property
    def usual_model(self) -> tuple[str, Path]:
        """Name and place of the model that it begins from where a person says nothing."""
        return model_for(self.room.choice, self.runs)

    @property
    def networks(self) -> list[InstalledModel]:
        """The models that can be begun from."""
        return [model for model in self.room.models() if model.parameters]

    @property
    def texts(self) -> tuple[str, ...]:
        """What it learns from: what was chosen here or before, else the example."""
        return self.filled.texts or self.room.memory.memory.texts or (str(EXAMPLE),)

    @property
    def model(self) -> tuple[str, Path]:
        """Name and place of the model that it begins from."""
        return self.filled.model or self.usual_model

    @property
    def run_name(self) -> str:
        """How it is to be called."""
        return self.filled.values.get(NAME, "").strip() or self.free_name

    @property
    def latest(self) -> bool:
        """Whether a run of that name is to go on from its last checkpoint, where there is one."""
        return self.filled.values.get(START_FROM, FRESH) == LATEST

    @property
    def goes_on(self) -> bool:
        """Whether a run that is there goes on, by its own recipe."""
        return self.latest and is_there(self.run_name, self.runs)

    @property
    def draft(self) -> Draft:
        """What stands in the form."""
        name, path = self.model
        values = {id: text for id, text in self.filled.values.items() if text.strip()}
        return Draft(texts=self.texts, held_out=self.filled.held_out, model=path, parent=name, values=values)

    def order(self, whole: Recipe | None, *, after: bool) -> Order:
        """The run that is asked for; *whole* is its recipe as the counted text suits it, as far as that is known."""
        draft, recipe = self.draft, self.draft.recipe()
        if whole is not None and whole.schedule.steps:
            recipe = suited(recipe, draft.values, whole.schedule.steps)
        steps = self.filled.values.get(STEPS, "").strip()
        more = recipe.schedule.steps if steps else None
        return Order(name=self.run_name, recipe=recipe, latest=self.latest, more=more, after=after)
