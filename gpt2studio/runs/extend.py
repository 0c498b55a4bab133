"""A run that is to go on beyond its end."""

from dataclasses import replace

from gpt2studio.errors import UsageError
from gpt2studio.runs.checkpoints import going_on, list_checkpoints, read_state
from gpt2studio.runs.directory import RunDirectory
from gpt2studio.runs.recipe import Recipe, write_recipe


def extended(run: RunDirectory, steps: int) -> Recipe:
    """Let the run end so many steps after its last checkpoint, and no earlier; its new recipe.

    Raises UsageError for less than one step, and StudioError where it cannot go on from a checkpoint.
    """
    if steps < 1:
        raise UsageError("That number of steps cannot be used.", "Give a whole number, 1 or more.")
    last = going_on(list_checkpoints(run.checkpoints), run.name)
    done = read_state(last.path).step if last else 0
    recipe = run.recipe
    schedule = replace(recipe.schedule, steps=done + steps, epochs=None, minutes=0.0, extended_at=done)
    recipe = replace(recipe, schedule=schedule)
    write_recipe(run.recipe_path, recipe)
    return recipe
