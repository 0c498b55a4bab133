"""Small models, texts and runs that the tests train."""

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import torch

from gpt2studio.formats.huggingface import write_model
from gpt2studio.formats.names import tensor_shapes
from gpt2studio.formats.shape import Shape
from gpt2studio.formats.tensor import StoredTensor
from gpt2studio.runs.directory import RunDirectory
from gpt2studio.runs.events import Event, Stepped
from gpt2studio.runs.recipe import Computing, Keeping, Optimization, Recipe, Samples, Schedule, Texts
from gpt2studio.runs.registry import Runs
from gpt2studio.text.alphabet import ALPHABET

ROOT = Path(__file__).parents[2]

SHAPE = Shape(vocab_size=257, n_positions=32, n_embd=32, n_layer=2, n_head=2, end_token=256)
"""Bytes and the end token are its vocabulary."""

TEXT = "".join(
    f"Scene {number}. The {who} said that {number * 37 % 101} geese had {did} the {what}.\n"
    for number in range(60)
    for who, did, what in (("baker", "eaten", "bread"), ("mayor", "heard", "speech"), ("miller", "stopped", "mill"))
)


def make_model(folder: Path, shape: Shape = SHAPE, seed: int = 0) -> Path:
    """A model with random weights, drawn as GPT-2's were."""
    generator = torch.Generator().manual_seed(seed)
    tensors = []
    for name, size in tensor_shapes(shape):
        if name.endswith("bias"):
            tensor = torch.randn(size, generator=generator) * 0.01
        else:
            tensor = torch.randn(size, generator=generator) * 0.08 + (1.0 if ".ln_" in f".{name}" else 0.0)
        tensors.append(StoredTensor(name, "float32", size, memoryview(tensor.numpy().tobytes())))
    words = folder.parent / "words"
    words.mkdir(parents=True, exist_ok=True)
    encoder, merges = words / "vocab.json", words / "merges.txt"
    ids = {character: number for number, character in enumerate(ALPHABET)}
    encoder.write_text(json.dumps({**ids, "<|endoftext|>": 256}), encoding="utf-8")
    merges.write_text("#version: 0.2\n", encoding="utf-8")
    write_model(folder, shape, tensors, encoder, merges)
    return folder


def make_recipe(folder: Path, shape: Shape = SHAPE) -> Recipe:
    """Ten quick steps of a small model on a small text, all of it settled."""
    model = folder / "tiny"
    if not model.exists():
        make_model(model, shape)
    text = folder / "text.txt"
    text.write_text(TEXT, encoding="utf-8")
    return Recipe(
        model=str(model),
        parent="tiny",
        texts=Texts(paths=(str(text),)),
        optimization=Optimization(learning_rate=1e-2, warmup=1),
        schedule=Schedule(steps=10, batch_size=4, held_out_every=5, patience=0),
        samples=Samples(every=0),
        keeping=Keeping(every=4),
        computing=Computing(threads=1),
        seed=3,
    )


def make_run(folder: Path, recipe: Recipe, name: str = "run1") -> RunDirectory:
    """A run that has not begun."""
    return Runs(folder / "runs").create(name, recipe)


def trainer(run: RunDirectory, *options: str) -> "subprocess.Popen[bytes]":
    """A trainer process on the run."""
    command = [sys.executable, "-m", "gpt2studio.training", str(run.path), *options]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE)


def wait(process: "subprocess.Popen[bytes]") -> tuple[int, str]:
    """Its exit status, and what it complained of."""
    _, complaints = process.communicate()
    return process.returncode, complaints.decode()


def events(run: RunDirectory) -> list[Event]:
    """All that happened."""
    return run.log.read()[0]


def curve(run: RunDirectory) -> list[tuple[int, float, float | None, float]]:
    """Step, loss, gradient norm and learning rate of every step that counts."""
    line = run.progress().curve
    norms = [None if norm != norm else norm for norm in line.grad_norms]
    return list(zip(line.steps, line.losses, norms, line.rates, strict=True))


def with_schedule(recipe: Recipe, **values: object) -> Recipe:
    """The recipe with other amounts."""
    return replace(recipe, schedule=replace(recipe.schedule, **values))  # type: ignore[arg-type]


def with_optimization(recipe: Recipe, **values: object) -> Recipe:
    """The recipe with another way to learn."""
    return replace(recipe, optimization=replace(recipe.optimization, **values))  # type: ignore[arg-type]


def with_computing(recipe: Recipe, **values: object) -> Recipe:
    """The recipe with other means."""
    return replace(recipe, computing=replace(recipe.computing, **values))  # type: ignore[arg-type]


def losses(of: Iterable[Event]) -> list[float]:
    """The loss of every step."""
    return [event.loss for event in of if isinstance(event, Stepped)]
