"""Writing from a notebook."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from gpt2studio.api.holding import HOLDER
from gpt2studio.errors import StudioError, UsageError
from gpt2studio.library.cards import card_of
from gpt2studio.library.shelf import Shelf
from gpt2studio.paths import places
from gpt2studio.runs.registry import Runs
from gpt2studio.settings import read_settings
from gpt2studio.wire.lines import build
from gpt2studio.wire.messages import STITCH, Continue, Ended, Load, Token
from gpt2studio.wire.sampling import Sampling
from gpt2studio.wire.terminal import visible

DELIMITER = "=" * 20 + "\n"
"""What stands between samples, as in 2019."""


def generate(
    run_name: str = "run1",
    *,
    model_name: str | None = None,
    prefix: str | None = None,
    length: int = 256,
    nsamples: int = 1,
    batch_size: int = 1,
    seed: int | None = None,
    truncate: str | None = None,
    include_prefix: bool = True,
    return_as_list: bool = False,
    destination_path: str | Path | None = None,
    sample_delim: str = DELIMITER,
    **sampling: Any,
) -> list[str] | None:
    """Write with a run (``run1``, ``run1@last``, ``run1@500``), or with *model_name*: any model, or a path.

    Prints the samples, or writes them to *destination_path*, or returns them. *length* counts the new tokens, and a
    text may be longer than the model's window. A sample ends early at its end token and before *truncate*.
    *sampling*: ``temperature``, ``top_k``, ``top_p``, ``min_p`` … as `gpt2studio.wire.sampling.Sampling` has them;
    what is not given is as the model's card advises, else as for GPT-2. The same *seed* gives the same samples.
    """
    if nsamples < 1 or batch_size < 1:
        raise UsageError("There is nothing to generate.", "Give nsamples and batch_size 1 or more.")
    load = _load(model_name or run_name)
    request = Continue(
        id="",
        text=prefix or "",
        sampling=_sampling(load.model, sampling),
        seed=secrets.randbelow(2**32) if seed is None else seed,
        length=length,
        stop=(truncate,) if truncate else (),
    )
    before = (prefix or "") if include_prefix else ""
    streams = nsamples == 1 and not return_as_list and destination_path is None
    texts = [before] * nsamples
    _show(before if streams else "")
    for number, piece in HOLDER.each(_pieces(load, request, nsamples, batch_size)):
        texts[number] += piece
        _show(piece if streams else "")
    if streams:
        _show("\n")
    elif destination_path is not None:
        _write(Path(destination_path), texts, sample_delim if nsamples > 1 else "")
    elif not return_as_list:
        _show(sample_delim.join(f"{text}\n" for text in texts))
    return texts if return_as_list else None


def generate_to_file(
    run_name: str = "run1", destination_path: str | Path = "gpt_2_gen_texts.txt", **options: Any
) -> None:
    """Write samples to a file, one after the other with a line between; *options* are those of `generate`."""
    generate(run_name, destination_path=destination_path, **options)


def let_go() -> None:
    """Give the memory back that the last model is kept in."""
    HOLDER.let_go()


def _load(name: str) -> Load:
    here = places()
    settings, _ = read_settings(here.settings)
    model = name if name.startswith(STITCH) else str(Shelf(here, runs=Runs(here.runs)).resolve(name))
    return Load(id="", model=model, dtype=settings.dtype, device=settings.device)


def _sampling(model: str, given: dict[str, Any]) -> Sampling:
    """What the model's card advises, else GPT-2's; then what was given. A top-p of 0 is off, as in 2019."""
    if given.get("top_p") == 0:
        given = {**given, "top_p": 1.0}
    path = Path(model)
    card = None if model.startswith(STITCH) else card_of(path if path.is_dir() else path.parent)
    sampling = build(Sampling, dict(card.sampling)) if card else Sampling()
    known = [field.name for field in fields(Sampling)]
    if unknown := [name for name in given if name not in known]:
        raise UsageError(f"There is no argument “{unknown[0]}”.", f"Of sampling there are: {', '.join(known)}.")
    changed: Sampling = replace(sampling, **given)
    return changed


async def _pieces(load: Load, request: Continue, count: int, batch: int) -> AsyncIterator[tuple[int, str]]:
    """Which sample has grown, and by what; *batch* of them are computed together."""
    engine = await HOLDER.engine_with(load)
    for first in range(0, count, batch):
        asked = replace(request, id=engine.new_id(), candidates=min(batch, count - first), first_candidate=first)
        async for answer in engine.ask(asked):
            if isinstance(answer, Token | Ended):
                yield answer.candidate, answer.text


def _show(text: str) -> None:
    print(visible(text), end="", flush=True)


def _write(path: Path, texts: list[str], delimiter: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{text}\n{delimiter}" for text in texts), encoding="utf-8", newline="")
    except OSError as error:
        raise StudioError(f"{path} cannot be written: {error.strerror}.", "Choose another destination_path.") from None
