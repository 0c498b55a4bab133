"""The trainer process: ``python -m gpt2studio.training RUN``, or the same under torchrun."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from gpt2studio.engine.importing import undisturbed
from gpt2studio.programs import give_way


def main(arguments: Sequence[str] | None = None) -> int:
    """Work on the run until its end; 0 done, 1 a fault that the log explains, 130 interrupted."""
    options = _parser().parse_args(arguments)
    make_ready()
    give_way()
    with undisturbed():
        from gpt2studio.training.trainer import Trainer

    return Trainer(options.run, micro_batch=options.micro_batch, probe=options.probe).work()


def make_ready() -> None:
    """Have the process compute alike at every launch, and keep its memory; to be called before torch is imported."""
    # Libraries that take fewer threads when the machine is busy would round differently then.
    os.environ.setdefault("MKL_DYNAMIC", "FALSE")
    os.environ.setdefault("OMP_DYNAMIC", "FALSE")
    # Large tensors in large pages: torch asks the system for them.
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
    from gpt2studio.training import memory

    memory.keep()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m gpt2studio.training",
        description="Work on a fine-tuning run, from its last checkpoint, or from its recipe where there is none.",
    )
    parser.add_argument("run", type=Path, metavar="RUN", help="the run's directory")
    parser.add_argument("--micro-batch", type=int, default=0, metavar="N", help="at most so many windows at once")
    parser.add_argument("--probe", action="store_true", help="take two steps, tell what they took, and save nothing")
    return parser


if __name__ == "__main__":
    sys.exit(main())
