"""One step: gradients of its windows, a micro-batch at a time, and what the optimizer makes of them."""

import gc
import math
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass

import torch
from torch import Tensor

from gpt2studio.engine.allocating import give_back, ran_out
from gpt2studio.errors import StudioError
from gpt2studio.runs.checkpoints import TrainerState
from gpt2studio.training.parts import Parts
from gpt2studio.training.windows import Batch, with_noise

GROWTH = 2000
"""Good steps after which the scale of float16 gradients is doubled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a step came to."""

    loss: float
    """Mean over the step's tokens; not finite where the weights were left alone for it."""
    rate: float
    grad_norm: float | None
    """Before clipping; None where float16 gradients overflowed and the weights were left alone."""
    tokens: int
    seconds: float
    """Rests left out."""
    micro_batch: int
    checkpointing: bool
    scale: float
    scale_age: int


class Learning:
    """Takes steps."""

    def __init__(self, parts: Parts) -> None:
        self._recipe = parts.recipe
        self._network = parts.network
        self._optimizer = parts.optimizer
        self._windows = parts.windows
        self._workers = parts.workers

    def step(self, state: TrainerState, rate: float, cease: Callable[[], bool]) -> Generator[None, None, Step | None]:
        """Take the step after this state, at rest between micro-batches; None where it was to cease: as if never begun.

        Where memory runs out it is done again with half as many windows at once, at last with activations computed
        twice. Raises StudioError where even that does not fit.
        """
        watch = _Watch()
        batch = self._batch(state.step)
        micro_batch = state.micro_batch
        while True:
            loss = yield from self._gradients(batch, state, micro_batch, cease, watch)
            if self._workers.any(loss is None, self._network.device):
                micro_batch = self._make_room(micro_batch)
            elif self._workers.any(cease(), self._network.device):
                self._optimizer.forget()
                return None
            else:
                break
        assert loss is not None
        return self._taken(state, rate, loss, batch.tokens, micro_batch, watch)

    def losses(self, batch: Batch) -> list[float]:
        """The sum of the losses of each window, nothing learned."""
        return [self._measured(batch.part(number, number + 1)) for number in range(len(batch.inputs))]

    def _batch(self, step: int) -> Batch:
        schedule, noise = self._recipe.schedule, self._recipe.optimization.noise
        assert schedule.batch_size is not None
        batch = self._windows.of_step(step, schedule.batch_size * schedule.accumulate)
        if not noise:
            return batch
        return with_noise(batch, noise, self._network.shape.vocab_size, (self._recipe.seed, step, 2))

    def _gradients(
        self, batch: Batch, state: TrainerState, micro_batch: int, cease: Callable[[], bool], watch: "_Watch"
    ) -> Generator[None, None, Tensor | None]:
        """Sum up the gradients of this process's windows; the sum of their losses, None where memory ran out."""
        how = self._recipe.optimization
        self._optimizer.forget()
        scale = (self._recipe.schedule.accumulate if how.accumulation == "sum" else 1) / batch.tokens
        if self._network.mode.dtype == torch.float16:
            scale *= state.scale
        first, last = self._workers.share(len(batch.inputs))
        loss = torch.zeros((), device=self._network.device)
        for start in range(first, last, micro_batch):
            if start > first:
                with watch.resting():
                    yield
                if cease():
                    return loss
            try:
                loss += self._learn(batch.part(start, min(start + micro_batch, last)), scale, (state.step, start))
            except (RuntimeError, MemoryError) as error:
                if not ran_out(error):
                    raise
                return None
        return loss

    def _learn(self, part: Batch, scale: float, key: tuple[int, int]) -> Tensor:
        if self._network.mode.dropout:
            # Each micro-batch's own seed: a resumed run leaves out what the undisturbed one does.
            torch.manual_seed(hash((self._recipe.seed, *key)))
        return self._network.learn(*self._placed(part), scale)

    def _measured(self, part: Batch) -> float:
        return float(self._network.measure(*self._placed(part)).item())

    def _placed(self, part: Batch) -> tuple[Tensor, Tensor]:
        device = self._network.device
        return torch.from_numpy(part.inputs).to(device), torch.from_numpy(part.targets).to(device)

    def _taken(
        self, state: TrainerState, rate: float, loss: Tensor, tokens: int, micro_batch: int, watch: "_Watch"
    ) -> Step:
        """Change the weights by the gradients, clipped."""
        gradients = self._optimizer.gradients()
        self._workers.add_up([*gradients, loss])
        mean = loss.item() / tokens
        halves = self._network.mode.dtype == torch.float16
        scale = state.scale if halves else 1.0
        norm = torch.nn.utils.get_total_norm(gradients).item() / scale
        good = math.isfinite(norm)
        if good:
            clip = self._recipe.optimization.clip
            factor = (min(1.0, clip / (norm + 1e-6)) if clip else 1.0) / scale
            self._optimizer.step(rate, factor)
        self._optimizer.forget()
        scale, age = _next_scale(state, good) if halves else (state.scale, state.scale_age)
        return Step(
            loss=mean if good or halves else math.nan,
            rate=rate,
            grad_norm=norm if good else None,
            tokens=tokens,
            seconds=watch.seconds(),
            micro_batch=micro_batch,
            checkpointing=self._network.mode.checkpointing,
            scale=scale,
            scale_age=age,
        )

    def _make_room(self, micro_batch: int) -> int:
        """Let go of everything, and ask for less at once."""
        self._optimizer.forget()
        gc.collect()
        give_back()
        if micro_batch > 1:
            return micro_batch // 2
        if not self._network.mode.checkpointing:
            self._network.mode.checkpointing = True
            return 1
        raise StudioError(
            "There is not enough memory for a single window.",
            "Train with --lora, with --optimizer sgd, a shorter --window, or a smaller model.",
        )


def _next_scale(state: TrainerState, good: bool) -> tuple[float, int]:
    """Halved after an overflow, doubled after many good steps."""
    if not good:
        return max(1.0, state.scale / 2), 0
    if state.scale_age + 1 >= GROWTH:
        return state.scale * 2, 0
    return state.scale, state.scale_age + 1


class _Watch:
    """Counts seconds, rests left out."""

    def __init__(self) -> None:
        self._since = time.perf_counter()

    def seconds(self) -> float:
        return max(time.perf_counter() - self._since, 1e-9)

    def resting(self) -> "_Rest":
        return _Rest(self)

    def skip(self, seconds: float) -> None:
        self._since += seconds


class _Rest:
    """A time that does not count."""

    def __init__(self, watch: _Watch) -> None:
        self._watch = watch
        self._began = 0.0

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._watch.skip(time.perf_counter() - self._began)
