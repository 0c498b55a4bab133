"""The engine process: ``python -m gpt2studio.engine``."""

import argparse
import contextlib
import os
import queue
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from gpt2studio.engine.clients import Client, Inbox
from gpt2studio.wire.messages import Load

START = "start"
"""The id under which the loading that the command line asks for is answered."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve whoever is at standard input and output, and clients over TCP where asked to, until all are done."""
    options = _parser().parse_args(arguments)
    # Threads that wait by spinning take the processor from the trainer beside, and from each other where it is busy.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    inbox: Inbox = queue.SimpleQueue()
    first = _standard_client(inbox)
    with _ended_by_signals(), _listening(options.listen, inbox):
        from gpt2studio.engine.server import Server  # loads torch: lines are taken in meanwhile

        load = None
        if options.model is not None:
            path = str(options.model.absolute())
            load = Load(id=START, model=path, dtype=options.dtype, device=options.device)
        return Server(inbox).serve(first, load)


def _standard_client(inbox: Inbox) -> Client:
    """Whoever is at standard input and output."""
    out = os.dup(1)
    # Whatever else prints, libraries too, must not get between the lines.
    os.dup2(2, 1)
    sys.stdout = sys.stderr

    def send(data: bytes) -> None:
        left = memoryview(data)
        while left:
            left = left[os.write(out, left) :]

    client = Client(os.fdopen(0, "rb", closefd=False), send, lambda: None, inbox)
    client.start()
    return client


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Leave by way of every ``finally`` when asked to end."""

    def end(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    except KeyboardInterrupt:
        raise SystemExit(130) from None


@contextlib.contextmanager
def _listening(control: Path | None, inbox: Inbox) -> Iterator[None]:
    if control is None:
        yield
        return
    from gpt2studio.engine.listening import Listener

    listener = Listener(control, inbox)
    try:
        yield
    finally:
        listener.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m gpt2studio.engine",
        description="GPT-2 as a process that speaks lines of JSON on standard input and output.",
    )
    parser.add_argument("--model", type=Path, help=f"load this model at once (answered under the id “{START}”)")
    parser.add_argument("--dtype", default="auto", help="auto, float32, bfloat16 or float16")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1 or mps")
    parser.add_argument("--listen", type=Path, metavar="CONTROL.json", help="take clients over loopback TCP too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
