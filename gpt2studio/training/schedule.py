"""The learning rate of each step."""

import math

from gpt2studio.runs.recipe import Optimization


def learning_rate(optimization: Optimization, step: int, steps: int) -> float:
    """The learning rate of this step, counted from 0, of *steps* in all; the recipe is settled.

    It rises linearly over the warm-up, then stays, or falls linearly or along half a cosine to the final share.
    """
    assert optimization.learning_rate is not None
    peak, warmup = optimization.learning_rate, optimization.warmup or 0
    if step < warmup:
        return peak * (step + 1) / (warmup + 1)
    if optimization.schedule == "constant" or steps <= warmup + 1:
        return peak
    done = min(1.0, (step - warmup) / (steps - 1 - warmup))
    left = 1 - done if optimization.schedule == "linear" else (1 + math.cos(math.pi * done)) / 2
    return peak * (optimization.final_rate + (1 - optimization.final_rate) * left)
