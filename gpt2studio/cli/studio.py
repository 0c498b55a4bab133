"""``gpt2studio`` without a command: the app."""

import argparse
import sys

from gpt2studio.app.options import StudioOptions
from gpt2studio.errors import NotFoundError, StudioError


def run(options: argparse.Namespace) -> int:
    """Open the app."""
    if options.file is not None and not options.file.suffix and not options.file.exists():
        raise NotFoundError(
            f"There is no command and no file “{options.file}”.",
            "gpt2studio --help lists the commands. To begin a new file give it an ending: chapter1.md",
        )
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise StudioError("The app needs a terminal.", "Run it in one, or use a command: gpt2studio generate --help")
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
