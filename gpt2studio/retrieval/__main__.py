"""The stitcher's process: ``python -m gpt2studio.retrieval``, which speaks the engine's lines."""

import argparse
import queue
import sys
from collections.abc import Sequence
from pathlib import Path

from gpt2studio.retrieval.stitcher.service import Service
from gpt2studio.wire.clients import Inbox, ended_by_signals, standard_client
from gpt2studio.wire.listening import listening
from gpt2studio.wire.messages import Load
from gpt2studio.wire.serving import START, Server


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve whoever is at standard input and output, until all is done."""
    parser = argparse.ArgumentParser(
        prog="python -m gpt2studio.retrieval",
        description="A person's own texts, stitched: a model that speaks lines of JSON on standard input and output.",
    )
    parser.add_argument("--model", help=f"load this index at once (answered under the id “{START}”)")
    parser.add_argument("--listen", type=Path, metavar="CONTROL.json", help="take clients over loopback TCP too")
    options = parser.parse_args(arguments)
    inbox: Inbox = queue.SimpleQueue()
    client = standard_client(inbox)
    with ended_by_signals(client.knock), listening(options.listen, inbox):
        load = None if options.model is None else Load(id=START, model=options.model)
        return Server(inbox, Service).serve(client, load)


if __name__ == "__main__":
    sys.exit(main())
