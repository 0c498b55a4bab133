"""Which model writes: chosen by a person, shown wherever its name stands, begun with as reads best with it."""

from dataclasses import replace
from typing import TYPE_CHECKING

from gpt2studio.app.engine.link import EngineState
from gpt2studio.app.engine.model_choice import Kind, ModelChoice
from gpt2studio.app.models.card_for import card_for
from gpt2studio.errors import StudioError
from gpt2studio.library.installed import CACHED, RUN, InstalledModel
from gpt2studio.wire.messages import STITCH

if TYPE_CHECKING:
    from gpt2studio.app.studio import Studio
    from gpt2studio.app.train.watch import WatchedRun


class WhoWrites:
    """Has a model write in place of another; the link may choose one too, when it must fall back."""

    def __init__(self, studio: "Studio") -> None:
        self._studio = studio
        self._shown = studio.link.state.choice

    @property
    def choice(self) -> ModelChoice | None:
        """The model that writes."""
        return self._studio.link.state.choice

    # --- choosing ----------------------------------------------------------------------------------------------------

    def choose(self, choice: ModelChoice, remembered: str = "") -> None:
        """Have this model write from now on; live weights are not asked for again on another day.

        *remembered* is by what it is asked for on another day, where that is not where it lies now.
        """
        studio = self._studio
        studio.write.writer.stop()
        studio.link.choose(choice)
        if choice.kind is not Kind.LIVE:
            studio.memory.change(replace(studio.memory.memory, model=remembered or choice.model))
        self._take_up(choice)

    def choose_installed(self, model: InstalledModel) -> bool:
        """Have a model that lies on disk write from now on; whether it can, else the person is told why not."""
        if model.note:
            self._studio.complain(StudioError(model.note, "It cannot be written with; choose another."))
            return False
        if model.name.startswith(STITCH):
            self.choose(ModelChoice.stitched(model.name, self._studio.opening.places))
        else:
            before = self.choice or self._studio.opening.settings
            choice = ModelChoice(model.name, model.path, before.dtype, before.device)
            # Of a run and of the hub's cache the path is a step's or a revision's, which goes when another comes.
            self.choose(choice, remembered=model.name if model.origin in (RUN, CACHED) else "")
        return True

    def choose_run(self, run: "WatchedRun") -> bool:
        """Have a run's model write: its weights of now while a trainer holds them, else its best checkpoint."""
        settings = self._studio.opening.settings
        if run.standing.live:
            self.choose(ModelChoice.live(run.run.path))
            return True
        try:
            saved = self._studio.runs.registry.resolve(run.name)
        except StudioError as error:
            self._studio.complain(error)
            return False
        if saved is None:
            return False  # it has gone in the meantime
        self.choose(ModelChoice(run.name, saved.path, settings.dtype, settings.device), remembered=run.name)
        return True

    def fell_back(self, state: EngineState) -> bool:
        """Whether the link has chosen another: the trainer of live weights has ended."""
        return state.choice is not None and state.choice != self._shown

    def follow(self, state: EngineState) -> None:
        """Show what the link has chosen, where it has."""
        if state.choice is not None and self.fell_back(state):
            self._take_up(state.choice)

    # --- showing -----------------------------------------------------------------------------------------------------

    def _take_up(self, choice: ModelChoice) -> None:
        self._shown = choice
        writer = self._studio.write.writer
        writer.progress = replace(writer.progress, speed=0.0)  # it was another's
        self.show()
        self.show_live_step()
        self.take_card()

    def show(self) -> None:
        """Mark the model that writes in the lists of those at hand."""
        studio, choice = self._studio, self.choice
        at_hand = studio.stock.of_path(choice.path) if choice is not None else None
        studio.stock.current = at_hand.name if at_hand is not None else choice.name if choice is not None else ""
        studio.write.models_dock.show(studio.stock.models, studio.stock.current)
        studio.stock.changed()

    def show_live_step(self) -> None:
        """Show at which step the weights are, where a trainer's write."""
        choice, step = self.choice, None
        if choice is not None and choice.kind is Kind.LIVE:
            runs = self._studio.runs.runs
            step = next((run.progress.step for run in runs if choice.lives_in(run.run.path)), None)
        self._studio.write.show_live(step)

    def take_card(self) -> None:
        """Begin with the sampling that reads best with the model, where the person has not turned a dial."""
        self._studio.write.take_card(card_for(self.choice) if self.choice is not None else None)

    def note_speed(self, tokens: int, speed: float) -> None:
        """A continuation of so many tokens has ended: so fast the model is here."""
        if self.choice is not None:
            self._studio.stock.note_writing(self.choice.path, tokens, speed)
