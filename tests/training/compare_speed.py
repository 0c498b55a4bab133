"""How fast the trainer learns beside transformers, each a process of its own, in turns on the same machine.

    python -m tests.training.compare_speed [--window 1024] [--rounds 6] [--threads 2] [--against bfloat16 float32]

A step is one window of random bytes through a GPT-2 of 124 million random weights, forth and back, clipped, AdamW.
Prints the tokens a second, a second of the clock and one of the CPU, and the peaks of memory, and how busy the machine
was: on a busy one the clock means little.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from gpt2studio.formats.shape import Shape

SHAPE = Shape(vocab_size=50257, n_positions=1024, n_embd=768, n_layer=12, n_head=12, end_token=256)


class Contender:
    """A process that takes a step whenever it is asked."""

    def __init__(self, name: str, options: argparse.Namespace, folder: Path) -> None:
        self.name = name
        self.speeds: list[float] = []
        self.thrifts: list[float] = []
        self.peak = 0
        words = ["--window", str(options.window), "--threads", str(options.threads)]
        command = [sys.executable, "-m", __spec__.name, *words, "--folder", str(folder), "--contender", name]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> "Contender":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()

    def step(self, window: int) -> None:
        """Have it take one."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        said = json.loads(self.process.stdout.readline())
        self.speeds.append(window / said["seconds"])
        self.thrifts.append(window / said["cpu"])
        self.peak = said["peak"]


def ours(options: argparse.Namespace, dtype: str) -> Callable[[], object]:
    """The trainer itself, at work on a run."""
    from gpt2studio.training.__main__ import make_ready

    make_ready()
    import torch

    from gpt2studio.runs.recipe import Computing, Recipe, Samples, Schedule, Texts
    from gpt2studio.training.parts import assemble
    from gpt2studio.training.session import Session
    from gpt2studio.training.trainer import Trainer
    from gpt2studio.training.workers import Workers
    from tests.training.small import make_model, make_run

    text = options.folder / "text.txt"
    text.write_text("".join(random.Random(1).choices("abcdefgh \n", k=20 * options.window)), encoding="utf-8")
    recipe = Recipe(
        model=str(make_model(options.folder / "model", SHAPE)),
        parent="random",
        texts=Texts(paths=(str(text),)),
        schedule=Schedule(steps=1_000_000, window=options.window),
        samples=Samples(every=0),
        computing=Computing(threads=options.threads, dtype=dtype),
    )
    run = make_run(options.folder, recipe)
    settled = Trainer(run.path)._prepared(recipe, None)
    session = Session(assemble(run, settled, None, Workers.meet(torch.device("cpu"))), lambda event: None)
    return lambda: list(session.trial(1))


def theirs(options: argparse.Namespace, dtype: str) -> Callable[[], object]:
    """The usual loop around transformers."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.set_num_threads(options.threads)
    config = GPT2Config(resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, use_cache=False)
    model: Any = GPT2LMHeadModel(config).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)

    def step() -> None:
        tokens = torch.randint(0, 256, (1, options.window))
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=dtype == "bfloat16"):
            loss = model(tokens, labels=tokens).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    return step


def work(options: argparse.Namespace) -> None:
    """Be one of them until standard input ends."""
    who, _, dtype = options.contender.partition("-")
    step = {"ours": ours, "transformers": theirs}[who](options, dtype)
    for _ in sys.stdin:
        began, cpu = time.perf_counter(), time.process_time()
        step()
        took = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}
        print(json.dumps({**took, "peak": _peak()}), flush=True)


def main() -> None:
    """Ask each in turn, and tell."""
    options = _options()
    if options.contender:
        work(options)
        return
    names = [*(f"ours-{dtype}" for dtype in options.dtype), *(f"transformers-{dtype}" for dtype in options.against)]
    with ExitStack() as stack:
        contenders = []
        for name in names:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            contenders.append(stack.enter_context(Contender(name, options, folder)))
        for number in range(options.rounds + 1):
            for contender in contenders:
                contender.step(options.window)
                if number == 0:
                    contender.speeds, contender.thrifts = [], []  # the first warms everything up
        print("\n".join(_told(contenders)))


def _told(contenders: list[Contender]) -> Iterator[str]:
    yield f"load {os.getloadavg()[0]:.1f}"
    for each in contenders:
        speeds = " ".join(f"{speed:.0f}" for speed in each.speeds)
        speed, thrift = statistics.median(each.speeds), statistics.median(each.thrifts)
        yield (
            f"{each.name:22} {speed:6.1f} tokens/s {thrift:6.1f} tokens/CPU s {each.peak / 1e9:5.2f} GB at the peak  "
            f"({speeds})"
        )


def _peak() -> int:
    import torch

    from gpt2studio.training import memory

    return memory.at_peak(torch.device("cpu"))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    types = ("auto", "bfloat16", "float32")
    parser.add_argument("--window", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--dtype", nargs="+", choices=types, default=["auto"], help="of ours")
    parser.add_argument("--against", nargs="*", choices=types[1:], default=["bfloat16", "float32"], help="of theirs")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--contender", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
