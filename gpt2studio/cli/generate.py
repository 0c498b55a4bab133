"""``gpt2studio generate``: continue a prompt, or start from nothing."""

import argparse
import asyncio
import json
import os
import secrets
import sys
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from gpt2studio.cli import stage_options
from gpt2studio.cli.engine import Held, held_model, load_request
from gpt2studio.cli.reading import read_text
from gpt2studio.cli.style import show_preparing, style_of
from gpt2studio.errors import EngineError, StudioError, UsageError
from gpt2studio.library.cards import Card
from gpt2studio.wire.lines import build
from gpt2studio.wire.messages import Continue, Ended, Preparing, Started, Token
from gpt2studio.wire.sampling import PRESETS, Sampling
from gpt2studio.wire.telling import check
from gpt2studio.wire.terminal import visible


@dataclass(slots=True)
class Sample:
    """A continuation as it grows."""

    text: str = ""
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    finish: str = ""


def run(options: argparse.Namespace) -> int:
    """Generate what the options ask for."""
    if options.samples < 1 or options.batch_size < 1:
        raise UsageError("There is nothing to generate.", "Give --samples and --batch-size 1 or more.")
    _check(options)
    prompt = read_text("-") if options.prompt == "-" else options.prompt or ""
    asyncio.run(_generate(options, prompt))
    return 0


def _check(options: argparse.Namespace) -> None:
    """Raise UsageError for what makes no sense with any model, before one is loaded."""
    sampling_of(options, None)
    try:
        check(Continue(id="", text="", length=options.length, stop=_stops(options)))
    except EngineError as error:
        raise UsageError(error.message, error.hint) from None


def _stops(options: argparse.Namespace) -> tuple[str, ...]:
    return (*options.stop, *([] if options.truncate is None else [options.truncate]))


async def _generate(options: argparse.Namespace, prompt: str) -> None:
    load = load_request(options, "load")
    style = style_of(options, load.model)
    async with held_model(load) as held:
        request = replace(continue_request(options, prompt, held.card), style=style)
        sink = open_sink(options, prompt)  # now, and not before: it empties a file that is there
        try:
            sink.begin(request.seed)
            async for number, sample, piece in samples(held, request, options.samples, options.batch_size):
                sink.write(number, sample, piece)
        finally:
            sink.close()


def continue_request(options: argparse.Namespace, prompt: str, card: Card | None) -> Continue:
    """The request that the options make, for a model with this card."""
    return Continue(
        id="",
        text=prompt,
        sampling=sampling_of(options, card),
        seed=secrets.randbelow(2**32) if options.seed is None else options.seed,
        length=options.length,
        stop=_stops(options),
        stop_at_end=not options.no_end,
        special=options.special,
        heal=not options.no_heal,
    )


def sampling_of(options: argparse.Namespace, card: Card | None) -> Sampling:
    """The preset, else what the model's card advises, else GPT-2's; then each parameter that was given."""
    if options.preset is not None:
        if options.preset not in PRESETS:
            raise UsageError(f"There is no preset “{options.preset}”.", f"There are: {', '.join(PRESETS)}.")
        sampling = PRESETS[options.preset]
    else:
        sampling = build(Sampling, dict(card.sampling)) if card else Sampling()
    names = (
        "temperature",
        "top_k",
        "top_p",
        "min_p",
        "typical_p",
        "repetition_penalty",
        "presence_penalty",
        "frequency_penalty",
        "penalty_range",
        "wildness",
    )
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name in (*names, *stage_options.NAMES)
        if (value := getattr(options, name)) is not None
    }
    if options.order is not None:
        given["order"] = tuple(name.strip().replace("-", "_") for name in options.order.split(",") if name.strip())
    return replace(sampling, **given)


async def samples(held: Held, request: Continue, count: int, batch: int) -> AsyncIterator[tuple[int, Sample, str]]:
    """The number, the sample so far and its newest text, as they come; an ended sample has its ``finish``."""
    for first in range(0, count, batch):
        size = min(batch, count - first)
        grown = [Sample() for _ in range(size)]
        asked = replace(request, id=held.engine.new_id(), candidates=size, first_candidate=first)
        async for answer in held.engine.ask(asked):
            if isinstance(answer, Preparing):
                show_preparing(answer)
            elif isinstance(answer, Started) and request.style.weight:
                show_preparing(None)
            elif isinstance(answer, Token):
                sample = grown[answer.candidate - first]
                sample.text += answer.text
                sample.tokens.append(answer.token)
                sample.logprobs.append(answer.logprob)
                yield answer.candidate, sample, answer.text
            elif isinstance(answer, Ended):
                sample = grown[answer.candidate - first]
                sample.text += answer.text
                sample.finish = answer.finish
                yield answer.candidate, sample, answer.text


class Sink(ABC):
    """Where samples go: told each piece of text as it comes."""

    def begin(self, seed: int) -> None:  # noqa: B027  # most need not know
        """The seed is known."""

    @abstractmethod
    def write(self, number: int, sample: Sample, piece: str) -> None:
        """*sample* has grown by *piece*, and is whole when it has a finish."""

    def close(self) -> None:  # noqa: B027  # most have nothing to close
        """No more comes."""


def open_sink(options: argparse.Namespace, prompt: str) -> Sink:
    """The sink that the options ask for."""
    before = prompt if options.include_prompt else ""
    if options.json:
        return JsonSink(prompt, options.out)
    if options.out is None:
        if options.samples == 1:
            return StreamSink(sys.stdout, before)
        return WholeSink(sys.stdout, before, lambda number: f"{'=' * 40} SAMPLE {number + 1} {'=' * 40}", "")
    if options.out.endswith(("/", os.sep)) or Path(options.out).is_dir():
        return FolderSink(Path(options.out), before)
    stream = _create(Path(options.out))
    return WholeSink(stream, before, lambda _: "", options.sample_delim if options.samples > 1 else "")


def _create(path: Path) -> IO[str]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise StudioError(f"{path} cannot be written: {error.strerror}.", "Choose another place with --out.") from None


class StreamSink(Sink):
    """One sample, shown as it comes."""

    def __init__(self, stream: IO[str], before: str) -> None:
        self._stream = stream
        self._before = before
        self._terminal = stream.isatty()

    def begin(self, seed: int) -> None:
        """Show the prompt where that was asked for."""
        self._put(self._before)

    def write(self, number: int, sample: Sample, piece: str) -> None:
        """Show the newest text."""
        self._put(piece)
        if sample.finish and not sample.text.endswith("\n"):
            self._put("\n")

    def _put(self, text: str) -> None:
        self._stream.write(visible(text) if self._terminal else text)
        self._stream.flush()


class WholeSink(Sink):
    """Samples one after the other in one stream, each when it is whole."""

    def __init__(self, stream: IO[str], before: str, head: Callable[[int], str], tail: str) -> None:
        self._stream = stream
        self._before = before
        self._head = head
        self._tail = tail
        self._terminal = stream.isatty()

    def write(self, number: int, sample: Sample, piece: str) -> None:
        """Write the sample when it is whole."""
        if not sample.finish:
            return
        lines = (self._head(number), self._before + sample.text, self._tail)
        text = "".join(f"{line}\n" for line in lines if line)
        self._stream.write(visible(text) if self._terminal else text)
        self._stream.flush()

    def close(self) -> None:
        """Close the file; standard output stays."""
        if self._stream is not sys.stdout:
            self._stream.close()


class FolderSink(Sink):
    """One file a sample; the seed in its name says how to make it again, and no older file is replaced."""

    def __init__(self, folder: Path, before: str) -> None:
        self._folder = folder
        self._before = before
        self._seed = 0

    def begin(self, seed: int) -> None:
        """Make the folder before anything is computed, so that a wrong one is known at once."""
        self._seed = seed
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StudioError(
                f"{self._folder} cannot be made: {error.strerror}.", "Choose another with --out."
            ) from None

    def write(self, number: int, sample: Sample, piece: str) -> None:
        """Write the sample when it is whole."""
        if sample.finish:
            with self._free_path(number).open("x", encoding="utf-8", newline="") as file:
                file.write(f"{self._before}{sample.text}\n")

    def _free_path(self, number: int) -> Path:
        stem = f"sample-{self._seed}-{number + 1:04d}"
        path = self._folder / f"{stem}.txt"
        again = 1
        while path.exists():
            again += 1
            path = self._folder / f"{stem}-{again}.txt"
        return path


class JsonSink(Sink):
    """One JSON object a line, a sample each."""

    def __init__(self, prompt: str, out: str | None) -> None:
        self._prompt = prompt
        self._seed = 0
        self._stream = sys.stdout if out is None else _create(Path(out))

    def begin(self, seed: int) -> None:
        """Keep the seed for the lines."""
        self._seed = seed

    def write(self, number: int, sample: Sample, piece: str) -> None:
        """Write the sample when it is whole."""
        if not sample.finish:
            return
        line = {
            "prompt": self._prompt,
            "text": sample.text,
            "tokens": sample.tokens,
            "logprobs": sample.logprobs,
            "seed": self._seed,
            "finish": sample.finish,
        }
        self._stream.write(json.dumps(line) + "\n")
        self._stream.flush()

    def close(self) -> None:
        """Close the file; standard output stays."""
        if self._stream is not sys.stdout:
            self._stream.close()
