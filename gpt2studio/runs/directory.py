"""A run's directory: what lies where, and whether a trainer works on it."""

from dataclasses import dataclass
from pathlib import Path

from gpt2studio.files import Lock
from gpt2studio.formats.vocabulary import Vocabulary
from gpt2studio.runs.log import EventLog
from gpt2studio.runs.progress import Progress
from gpt2studio.runs.recipe import Recipe, read_recipe


@dataclass(frozen=True, slots=True)
class RunDirectory:
    """One run as it lies on disk."""

    path: Path

    @property
    def name(self) -> str:
        """The run's name."""
        return self.path.name

    @property
    def recipe_path(self) -> Path:
        """Everything that decides how it goes."""
        return self.path / "recipe.json"

    @property
    def recipe(self) -> Recipe:
        """The recipe, read anew. Raises NotFoundError or FormatError."""
        return read_recipe(self.recipe_path)

    @property
    def log(self) -> EventLog:
        """What happened in it."""
        return EventLog(self.path / "events.jsonl")

    @property
    def output(self) -> Path:
        """What a trainer without a terminal prints."""
        return self.path / "trainer.log"

    @property
    def lock(self) -> Lock:
        """Held by a trainer while it lives."""
        return Lock(self.path / "lock")

    @property
    def control(self) -> Path:
        """Where a living trainer listens."""
        return self.path / "control.json"

    @property
    def waiting(self) -> Path:
        """The mark of a run that waits for its turn."""
        return self.path / "waiting.json"

    @property
    def checkpoints(self) -> Path:
        """Model directories, one a saved step."""
        return self.path / "checkpoints"

    @property
    def samples(self) -> Path:
        """What it wrote along the way, as the 2019 tools laid it down."""
        return self.path / "samples"

    @property
    def data(self) -> Path:
        """The tokens it learns from."""
        return self.path / "data"

    @property
    def vocabulary(self) -> Vocabulary:
        """The words that those tokens are of, as the model that the run began from had them."""
        return Vocabulary(self.data / "vocab.json", self.data / "merges.txt")

    @property
    def alive(self) -> bool:
        """Whether a trainer works on it now; False where the lock, another user's perhaps, cannot be looked at."""
        try:
            return self.lock.taken_elsewhere()
        except OSError:
            return False

    def progress(self) -> Progress:
        """All its events, added up."""
        events, _ = self.log.read()
        return Progress(events)
