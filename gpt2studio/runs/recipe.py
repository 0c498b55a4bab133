"""A run's recipe: everything that decides how it goes, as a record in ``recipe.json``."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from gpt2studio.errors import FormatError, NotFoundError, UsageError, WireError
from gpt2studio.files import write_whole
from gpt2studio.wire.lines import build, to_plain
from gpt2studio.wire.sampling import Sampling

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """What is read, and how it becomes documents."""

    paths: tuple[str, ...]
    """Files, folders and patterns, absolute."""
    encoding: str = "auto"
    """``auto``: told from the bytes; else the name of one, for every file."""
    column: str = ""
    """Of CSV and JSON lines: a column's name or number; empty: ``text``, else the first."""
    header: bool = True
    """Whether the first row of a CSV names the columns."""
    lines: bool = False
    """Whether each line of a text is a document."""
    separator: str = "end"
    """After each document: ``end``, the end token, for which ``<|endoftext|>`` in the text stands as well; or
    ``2019``, that word as plain text, as the tools of 2019 read it."""
    held_out: float = 0.05
    """The share of the tokens that is kept from training, to measure with."""
    held_out_paths: tuple[str, ...] = ()
    """Texts of their own to measure with, in place of a share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimization:
    """How the weights are changed. None: what suits the model and the text, settled when the run starts."""

    trained: str = "all"
    """``all`` weights, ``layers`` (not the embeddings nor the last norm), or ``lora`` (small matrices beside them)."""
    lora_rank: int = 8
    lora_alpha: float = 16.0
    """The added matrices count alpha / rank times."""
    optimizer: str = "adamw"
    """``adamw`` or ``sgd``."""
    learning_rate: float | None = None
    schedule: str = "cosine"
    """After the warm-up: ``constant``, ``linear`` or ``cosine``, the last two down to `final_rate`."""
    warmup: int | None = None
    """Steps over which the learning rate rises; at most a tenth of all."""
    final_rate: float = 0.1
    """The share of the learning rate that is left at the end."""
    betas: tuple[float, float] = (0.9, 0.999)
    epsilon: float = 1e-8
    momentum: float = 0.0
    """Of SGD."""
    weight_decay: float = 0.01
    """Of the matrices alone, apart from the gradient (Loshchilov & Hutter 2019)."""
    clip: float = 1.0
    """The norm to which longer gradients are cut; 0: never."""
    dropout: float = 0.0
    noise: float = 0.0
    """The share of input tokens that are replaced by any other."""
    accumulation: str = "mean"
    """``mean`` of the accumulated batches' gradients, or their ``sum``, as gpt-2-simple did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How much is trained on, in which portions, and when it ends. None: settled when the run starts."""

    steps: int | None = None
    epochs: float | None = None
    """In place of steps: how often the training tokens are seen."""
    minutes: float = 0.0
    """The run ends after so many minutes of training; 0: never."""
    patience: int | None = None
    """The run ends when so many held-out losses in a row are no better than the best; 0: never."""
    window: int | None = None
    """Tokens a window: as many as the model can see, unless the text has fewer."""
    windows: str = "random"
    """``random``: drawn with replacement, as in 2019; ``epochs``: each token once, in a new order each time."""
    batch_size: int | None = None
    """Windows a batch."""
    accumulate: int = 1
    """Batches a step."""
    held_out_every: int | None = None
    """Steps between measurements on the held-out text; 0: never."""
    held_out_windows: int = 16
    """At most so many windows of it are measured, always the same."""
    extended_at: int = 0
    """The step at which a person last asked for more steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """What is written along the run, to see it learn."""

    every: int = 100
    """Steps between samples; 0: never."""
    prompts: tuple[str, ...] = ("",)
    """Each is continued; an empty one begins a document."""
    count: int = 1
    """Continuations a prompt."""
    length: int = 120
    """Tokens, at most."""
    seed: int = 1
    sampling: Sampling = field(default_factory=Sampling)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """Which checkpoints are written and kept."""

    every: int = 100
    """Steps between checkpoints; 0: at the end alone."""
    last: int = 2
    """So many of the last are kept, and the best besides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Computing:
    """What computes, and how."""

    device: str = "auto"
    dtype: str = "auto"
    """Of the matrix products, the weights being float32: ``float32``, ``bfloat16`` or ``float16``."""
    threads: int = 0
    """Of the CPU; another number gives other roundings. 0: settled when the run starts."""
    processes: int = 1
    micro_batch: int = 0
    """Windows computed at once; 0: a batch, or as many of it as fit."""
    checkpointing: bool = False
    """Whether activations are computed again on the way back, for less memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that decides how a run goes."""

    model: str
    """The model it starts from: an absolute path."""
    parent: str
    """The name by which that model was called."""
    texts: Texts
    optimization: Optimization = field(default_factory=Optimization)
    schedule: Schedule = field(default_factory=Schedule)
    samples: Samples = field(default_factory=Samples)
    keeping: Keeping = field(default_factory=Keeping)
    computing: Computing = field(default_factory=Computing)
    seed: int = 0
    version: int = VERSION

    def __post_init__(self) -> None:
        """Refuse numbers that mean nothing, with a word on what would."""
        check(self)


def read_recipe(path: Path) -> Recipe:
    """The recipe in this file. Raises NotFoundError or FormatError."""
    try:
        data = json.loads(path.read_bytes())
        recipe: Recipe = build(Recipe, data)
    except FileNotFoundError:
        raise NotFoundError(f"There is no recipe at {path}.", "Start a new run.") from None
    except OSError as error:
        raise FormatError(f"The recipe {path} cannot be read: {error.strerror}.", "Check its permissions.") from None
    except (ValueError, RecursionError, WireError) as error:
        what = error.message if isinstance(error, WireError) else "It is not JSON."
        raise FormatError(f"The recipe {path} is damaged. {what}", "Start a new run.") from None
    if recipe.version > VERSION:
        raise FormatError(f"The recipe {path} is of a newer gpt2studio.", "Update gpt2studio.")
    return recipe


def write_recipe(path: Path, recipe: Recipe) -> None:
    """Put the recipe there, whole or not at all."""
    write_whole(path, json.dumps(to_plain(recipe), indent=1).encode() + b"\n")


_MOST_THREADS = 1024
"""More than machines have; where a system has none left to give, the libraries below end the process without a word."""

_CHOICES = {
    "separator": ("end", "2019"),
    "trained": ("all", "layers", "lora"),
    "optimizer": ("adamw", "sgd"),
    "schedule": ("constant", "linear", "cosine"),
    "accumulation": ("mean", "sum"),
    "windows": ("random", "epochs"),
    "dtype": ("auto", "float32", "bfloat16", "float16"),
}


def check(recipe: Recipe) -> None:
    """Raise UsageError, naming the setting, where a number or a word means nothing."""
    parts = (recipe.texts, recipe.optimization, recipe.schedule, recipe.computing)
    for part in parts:
        for name, allowed in _CHOICES.items():
            value = getattr(part, name, allowed[0])
            if value not in allowed:
                raise UsageError(f"There is no {_said(name)} “{value}”.", f"There are: {', '.join(allowed)}.")
    for holds, name, wanted in (*_amounts(recipe), *_rates(recipe)):
        if not holds:  # also catches NaN, for which no comparison holds
            raise UsageError(f"That {name} cannot be used.", f"Give {wanted}.")


def _amounts(recipe: Recipe) -> tuple[tuple[bool, str, str], ...]:
    schedule, samples, keeping, computing = recipe.schedule, recipe.samples, recipe.keeping, recipe.computing
    whole = "a whole number, {} or more".format
    return (
        (bool(recipe.texts.paths), "list of texts", "a text file, a folder of them, or a pattern"),
        (_at_least(1, schedule.steps), "number of steps", whole(1)),
        (schedule.epochs is None or 0 < schedule.epochs < 1e6, "number of epochs", "a number above 0"),
        (0 <= schedule.minutes < 1e9, "time limit", "minutes, or 0 for none"),
        (_at_least(0, schedule.patience), "patience", whole(0)),
        (_at_least(1, schedule.window), "window", whole(1)),
        (_at_least(1, schedule.batch_size), "batch size", whole(1)),
        (_at_least(1, schedule.accumulate), "number of accumulated batches", whole(1)),
        (_at_least(0, schedule.held_out_every), "held-out interval", whole(0)),
        (_at_least(1, schedule.held_out_windows), "number of held-out windows", whole(1)),
        (all(map(_is_text, samples.prompts)), "prompt", "text that is UTF-8"),
        (_at_least(0, samples.every), "sample interval", whole(0)),
        (_at_least(0, samples.count), "number of samples", whole(0)),
        (_at_least(1, samples.length), "sample length", whole(1)),
        (_at_least(0, keeping.every), "save interval", whole(0)),
        (_at_least(1, keeping.last), "number of kept checkpoints", whole(1)),
        (0 <= computing.threads <= _MOST_THREADS, "number of threads", f"1 to {_MOST_THREADS:,}, or 0 for all cores"),
        (1 <= computing.processes <= _MOST_THREADS, "number of processes", f"1 to {_MOST_THREADS:,}"),
        (_at_least(0, computing.micro_batch), "micro-batch", whole(0)),
        (_at_least(1, recipe.optimization.lora_rank), "LoRA rank", whole(1)),
        (0 <= recipe.seed < 2**63, "seed", whole(0)),
    )


def _rates(recipe: Recipe) -> tuple[tuple[bool, str, str], ...]:
    how = recipe.optimization
    share = "a number from 0 to below 1"
    return (
        (how.learning_rate is None or 0 < how.learning_rate < 100, "learning rate", "a number above 0; 1e-4, say"),
        (_at_least(0, how.warmup), "warm-up", "a whole number, 0 or more"),
        (0 <= how.final_rate <= 1, "final share of the learning rate", "a number from 0 to 1"),
        (all(0 <= beta < 1 for beta in how.betas), "pair of betas", "two numbers from 0 to below 1"),
        (how.epsilon > 0, "epsilon", "a number above 0"),
        (0 <= how.momentum < 1, "momentum", share),
        (0 <= how.weight_decay < 100, "weight decay", "a number, 0 or more"),
        (how.clip >= 0, "clipping", "a number above 0, or 0 for none"),
        (0 <= how.dropout < 1, "dropout", share),
        (0 <= how.noise < 1, "noise", share),
        (how.lora_alpha > 0, "LoRA alpha", "a number above 0"),
        (0 <= recipe.texts.held_out < 1, "held-out share", share),
    )


def _at_least(least: int, value: int | None) -> bool:
    return value is None or value >= least


def _is_text(words: str) -> bool:
    """Whether it can be written down: what a terminal sends in another encoding comes as halves of surrogate pairs."""
    try:
        words.encode()
    except UnicodeEncodeError:
        return False
    return True


def _said(name: str) -> str:
    return {"dtype": "number type", "trained": "choice of trained weights"}.get(name, name.replace("_", " "))
