"""The engine process: ``python -m gpt2studio.engine``."""

import argparse
import os
import queue
import sys
from collections.abc import Sequence
from pathlib import Path

from gpt2studio.engine.importing import undisturbed
from gpt2studio.wire.clients import Inbox, ended_by_signals, standard_client
from gpt2studio.wire.listening import listening
from gpt2studio.wire.messages import Load
from gpt2studio.wire.serving import START, Server


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve whoever is at standard input and output, and clients over TCP where asked to, until all are done."""
    options = _parser().parse_args(arguments)
    # Waking a thread takes as long as a small product. So they wait awake, but no longer than until the next product:
    # a trainer beside is to have the processor back between tokens.
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")
    inbox: Inbox = queue.SimpleQueue()
    first = standard_client(inbox)
    with ended_by_signals(first.knock), listening(options.listen, inbox):
        with undisturbed():
            from gpt2studio.engine.service import Service  # loads torch: lines are taken in meanwhile

        load = None
        if options.model is not None:
            path = str(options.model.absolute())
            load = Load(id=START, model=path, dtype=options.dtype, device=options.device)
        return Server(inbox, Service).serve(first, load)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m gpt2studio.engine",
        description="GPT-2 as a process that speaks lines of JSON on standard input and output.",
    )
    parser.add_argument("--model", type=Path, help=f"load this model at once (answered under the id “{START}”)")
    parser.add_argument("--dtype", default="auto", help="auto, float32, bfloat16, float16 or int8")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1 or mps")
    parser.add_argument("--listen", type=Path, metavar="CONTROL.json", help="take clients over loopback TCP too")
    return parser


def _leave() -> None:
    """Run, and end without taking everything apart first, which a thread that waits for a line could hang up."""
    try:
        status: object = main()
    except SystemExit as end:
        status = end.code
    sys.stderr.flush()
    os._exit(status if isinstance(status, int) else 1)


if __name__ == "__main__":
    _leave()
