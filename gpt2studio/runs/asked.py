"""A recipe from what a person asked for by name: options of the command line, arguments in a notebook."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from gpt2studio.errors import UsageError
from gpt2studio.runs.recipe import Computing, Keeping, Optimization, Recipe, Samples, Schedule, Texts

_TEXTS = ("encoding", "column", "separator", "held_out")
_OPTIMIZATION = ("learning_rate", "schedule", "warmup", "weight_decay", "clip", "dropout", "noise")
_SCHEDULE = ("steps", "epochs", "minutes", "patience", "batch_size", "window", "windows")
_SAMPLING = ("temperature", "top_k", "top_p")
_COMPUTING = ("device", "dtype", "threads", "processes", "micro_batch")
_OTHERS = (
    *("val_dataset", "no_header", "lines", "lora", "only_train_transformer_layers", "optimizer", "sum_gradients"),
    *("accumulate_gradients", "val_every", "val_batch_count", "sample_every", "sample_length", "sample_num", "prompt"),
    *("save_every", "keep", "memory_saving_gradients", "seed"),
)

NAMES = frozenset((*_TEXTS, *_OPTIMIZATION, *_SCHEDULE, *_SAMPLING, *_COMPUTING, *_OTHERS))
"""What can be asked for beside texts and model, under the names of the command line's options."""


def recipe_of(asked: Mapping[str, Any], texts: Sequence[str], model: Path, parent: str) -> Recipe:
    """The recipe for *texts* and the *model* there, called *parent*; what was not asked for, or is None, is left open.

    Names that are not among `NAMES` are passed over. Raises UsageError for what means nothing.
    """
    if not texts:
        raise UsageError("There is nothing to learn from.", "Name a text: gpt2studio train my-novel.txt")
    get = asked.get
    return Recipe(
        model=str(model.absolute()),
        parent=parent,
        texts=Texts(
            paths=_absolute(texts),
            held_out_paths=_absolute(get("val_dataset") or ()),
            header=not get("no_header"),
            lines=bool(get("lines")),
            **_given(asked, _TEXTS),
        ),
        optimization=_optimization(asked),
        schedule=Schedule(
            **_given(asked, _SCHEDULE),
            **_some(
                accumulate=get("accumulate_gradients"),
                held_out_every=get("val_every"),
                held_out_windows=get("val_batch_count"),
            ),
        ),
        samples=_samples(asked),
        keeping=Keeping(**_some(every=get("save_every"), last=get("keep"))),
        computing=Computing(checkpointing=bool(get("memory_saving_gradients")), **_given(asked, _COMPUTING)),
        **_given(asked, ("seed",)),
    )


def _optimization(asked: Mapping[str, Any]) -> Optimization:
    get = asked.get
    return Optimization(
        **_given(asked, _OPTIMIZATION),
        **_some(
            trained="lora" if get("lora") else "layers" if get("only_train_transformer_layers") else None,
            lora_rank=get("lora"),
            optimizer="adamw" if get("optimizer") == "adam" else get("optimizer"),
            accumulation="sum" if get("sum_gradients") else None,
        ),
    )


def _samples(asked: Mapping[str, Any]) -> Samples:
    get = asked.get
    samples = Samples(
        **_some(
            every=get("sample_every"),
            length=get("sample_length"),
            count=get("sample_num"),
            prompts=tuple(get("prompt") or ()) or None,
        )
    )
    return replace(samples, sampling=replace(samples.sampling, **_given(asked, _SAMPLING)))


def _given(asked: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return _some(**{name: asked.get(name) for name in names})


def _some(**values: Any) -> dict[str, Any]:
    """The values that were given; what was not is left to its default."""
    return {name: value for name, value in values.items() if value is not None}


def _absolute(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(Path(name).expanduser().absolute()) for name in names)
