"""What suits a model and a text where a recipe leaves it open."""

import math
from dataclasses import dataclass, replace

from gpt2studio.errors import StudioError
from gpt2studio.runs.machine import physical_cores
from gpt2studio.runs.recipe import Optimization, Recipe, Schedule

MOST_EPOCHS = 10
"""Beyond, a small text is learned by heart."""

MOST_STEPS = 1000

SMALL_MODEL = 30_000_000
"""Parameters below which several windows a batch cost a CPU little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the choice depends on."""

    parameters: int
    n_positions: int
    n_embd: int
    tokens: int
    """To train on."""
    held_out_tokens: int


def settled(recipe: Recipe, facts: Facts) -> Recipe:
    """The recipe with nothing left open. Settling it again changes nothing.

    Raises StudioError where it asks for more than the model has.
    """
    _check_rank(recipe.optimization, facts.n_embd)
    schedule = _schedule(recipe.schedule, facts, recipe.computing.processes)
    assert schedule.steps is not None
    computing = recipe.computing
    return replace(
        recipe,
        schedule=schedule,
        optimization=_optimization(recipe.optimization, facts.parameters, schedule.steps),
        computing=replace(computing, threads=computing.threads or max(1, physical_cores() // computing.processes)),
    )


def _check_rank(optimization: Optimization, width: int) -> None:
    if optimization.trained == "lora" and optimization.lora_rank > width:
        raise StudioError(
            f"LoRA's matrices of rank {optimization.lora_rank:,} are wider than the model's own.",
            f"Give {width:,} at most; 8 or 16 is usual.",
        )


def learning_rate(parameters: int, optimization: Optimization) -> float:
    """What serves a model of this size: about 5e-4 for 7 million parameters, 1e-4 for 124 million.

    LoRA's few weights take ten times as much; plain SGD, without AdamW's scaling, thirty times.
    """
    rate = 5e-4 * (7e6 / max(parameters, 1)) ** 0.56
    if optimization.trained == "lora":
        rate *= 10
    if optimization.optimizer == "sgd":
        rate *= 30
    return float(f"{min(rate, 1e-2):.1e}")


def window_length(schedule: Schedule, facts: Facts) -> int:
    """Tokens a window: as many as the model sees, as asked, or as a short text has."""
    if schedule.window is not None and schedule.window > facts.n_positions:
        raise StudioError(
            f"A window of {schedule.window:,} tokens is more than the model can see.",
            f"Give at most {facts.n_positions:,}.",
        )
    return min(schedule.window or facts.n_positions, facts.tokens - 1)


def windows_in(tokens: int, window: int) -> int:
    """How many windows, side by side, predict every token once; the last may be shorter."""
    return max(1, math.ceil((tokens - 1) / window))


def _schedule(schedule: Schedule, facts: Facts, processes: int) -> Schedule:
    window = window_length(schedule, facts)
    # Of several processes each has a window at least.
    batch = schedule.batch_size or max(processes, 4 if facts.parameters < SMALL_MODEL else 1)
    epoch = windows_in(facts.tokens, window) / (batch * schedule.accumulate)
    if schedule.steps is not None:
        steps = schedule.steps
    elif schedule.epochs is not None:
        steps = max(1, math.ceil(epoch * schedule.epochs))
    else:
        steps = max(20, min(MOST_STEPS, math.ceil(epoch * MOST_EPOCHS)))
    every = schedule.held_out_every
    if every is None:
        every = max(1, min(100, round(steps / 20)))
    return replace(
        schedule,
        window=window,
        batch_size=batch,
        steps=steps,
        held_out_every=every if facts.held_out_tokens > 1 else 0,
        patience=5 if schedule.patience is None else schedule.patience,
    )


def _optimization(optimization: Optimization, parameters: int, steps: int) -> Optimization:
    rate = optimization.learning_rate
    most = steps // 10
    return replace(
        optimization,
        learning_rate=learning_rate(parameters, optimization) if rate is None else rate,
        warmup=min(most, 100 if optimization.warmup is None else optimization.warmup),
    )
