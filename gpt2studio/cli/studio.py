"""``gpt2studio`` without a command: the app."""

import argparse

from gpt2studio.app.options import StudioOptions


def run(options: argparse.Namespace) -> int:
    """Open the app."""
    from gpt2studio.app import run as run_app

    return run_app(
        StudioOptions(
            model=options.model,
            story=options.story,
            file=options.file,
            dtype=options.dtype,
            device=options.device,
        )
    )
