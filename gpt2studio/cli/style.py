"""The style that a command's options ask for."""

import argparse

from gpt2studio.cli.streams import on_last_line
from gpt2studio.errors import UsageError
from gpt2studio.wire.messages import STITCH, Preparing
from gpt2studio.wire.style import OFF, Style

WEIGHT = 0.5
"""How much texts have a say that are named without a weight: with half a book indexed, the best for its other half."""


def style_of(options: argparse.Namespace, model: str) -> Style:
    """The texts to mix in and their weight, for a *model*; none where no index is named."""
    if options.index is None:
        if options.weight is not None:
            raise UsageError("A style weight without texts means nothing.", "Name them: --index NAME")
        return OFF
    if model.startswith(STITCH):
        raise UsageError(
            f"{model} is made of texts already: there is no model to mix others into.", "Choose another with --model."
        )
    return Style(options.index, WEIGHT if options.weight is None else options.weight)


def show_preparing(answer: Preparing | None) -> None:
    """Show on a terminal how far the texts are; None: they are ready."""
    said = ""
    if answer is not None:
        said = f"{answer.what}… {100 * answer.done // answer.total} %" if answer.total else f"{answer.what}…"
    on_last_line(said)
