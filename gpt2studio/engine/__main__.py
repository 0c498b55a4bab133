"""The engine process: ``python -m gpt2studio.engine``."""

import argparse
import os
import queue
import sys
from collections.abc import Sequence

from gpt2studio.engine.clients import Client, Inbox
from gpt2studio.wire.messages import Load

START = "start"
"""The id under which the loading that the command line asks for is answered."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve whoever is at standard input and output, until they close it."""
    options = _parser().parse_args(arguments)
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    # Whatever else prints, libraries too, must not get between the lines.
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    inbox: Inbox = queue.SimpleQueue()
    first = Client(os.fdopen(0, "rb", closefd=False), out, inbox)
    first.start()
    from gpt2studio.engine.server import Server  # loads torch: only now that lines are taken in and stdout is safe

    load = None
    if options.model:
        load = Load(id=START, model=os.path.abspath(options.model), dtype=options.dtype, device=options.device)  # noqa: PTH100
    Server(inbox).serve(first, load)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m gpt2studio.engine",
        description="GPT-2 as a process that speaks lines of JSON on standard input and output.",
    )
    parser.add_argument("--model", help="load this model at once (answered under the id “start”)")
    parser.add_argument("--dtype", default="auto", help="auto, float32, bfloat16 or float16")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1 or mps")
    return parser


if __name__ == "__main__":
    sys.exit(main())
