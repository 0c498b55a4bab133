"""What is known of the model that is chosen; of a run's, what is known of the model that it began from."""

from dataclasses import replace
from pathlib import Path

from gpt2studio.app.engine.model_choice import Kind, ModelChoice
from gpt2studio.errors import StudioError
from gpt2studio.library.cards import Card, card_of


def card_for(choice: ModelChoice) -> Card | None:
    """The model's card; None where nothing is known of it."""
    try:
        return _card(choice.name, choice.path, choice.kind is Kind.LIVE)
    except (StudioError, OSError):
        return None


def _card(name: str, path: Path, live: bool) -> Card | None:
    if own := card_of(path):
        return own
    from gpt2studio.app.train.wording import subject  # late: most models are no run's
    from gpt2studio.runs.directory import RunDirectory

    run = RunDirectory(path if live else path.parent.parent)
    if not run.recipe_path.is_file():
        return None
    recipe = run.recipe
    # It reads best as the model read that it learned from.
    before = _card(recipe.parent, Path(recipe.model), False)
    return replace(before, name=name, title=subject(recipe)) if before is not None else None
