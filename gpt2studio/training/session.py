"""The loop: a run from where it stands to its end, as a generator that rests between micro-batches."""

import math
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace

from gpt2studio.errors import StudioError
from gpt2studio.runs.checkpoints import TrainerState
from gpt2studio.runs.corpus import TRAINING, read_tokens
from gpt2studio.runs.events import Event as RunEvent
from gpt2studio.runs.events import HeldOut, Noted, RateChanged, Sampled, Saved, Stepped
from gpt2studio.runs.registry import Runs
from gpt2studio.training import checkpoint, memory
from gpt2studio.training.copying import PATIENCE, CopyMeter
from gpt2studio.training.learning import Learning, Step
from gpt2studio.training.live import write_samples
from gpt2studio.training.parts import Parts
from gpt2studio.training.schedule import learning_rate
from gpt2studio.training.windows import Batch

Tell = Callable[[RunEvent], None]

ENDS = ("", "steps", "time", "early stop", "stopped", "interrupted", "diverged")
"""Why it ends; the first: it does not."""

_NO_NUMBER = "Look whether the model is whole (models verify), or train with --dtype float32 or a lower rate."


class Session:
    """One launch of a run."""

    def __init__(self, parts: Parts, tell: Tell) -> None:
        self.parts = parts
        self.state = parts.state
        self.wish = ""
        """An end that was asked for: ``stopped`` or ``interrupted``."""
        self.reason = ""
        """Why it has ended."""
        self._tell = tell
        self._learning = Learning(parts)
        self._meter = CopyMeter(read_tokens(parts.run.data, TRAINING), parts.language.tokenizer)
        self._saved = parts.state.step
        """The step of the last checkpoint; at first the one that it goes on from."""
        self._measured: tuple[int, float] | None = None

    def run(self) -> Iterator[None]:
        """Learn to the end, at rest at each value that is yielded: there the weights are those of ``state.step``."""
        if self.state.step == 0:
            self.measure()
            self.sample(PATIENCE)
        while not (reason := self._end()):
            if self._worth_saving():
                self.keep()
            yield
            step = yield from self._learning.step(self.state, self._rate(), lambda: bool(self.wish))
            if step is None:
                continue
            if not math.isfinite(step.loss):
                self.wish = "diverged"
                continue
            self._take(step)
            self._look()
            self._tell_samples(0.0)
        self.reason = reason
        if reason in ("steps", "time", "early stop"):
            self.measure()
            self.sample(PATIENCE)
        self.keep()
        self._tell_samples(None)

    def trial(self, count: int) -> Iterator[Step]:
        """Take so many steps, telling nobody."""
        for _ in range(count):
            step = _at_once(self._learning.step(self.state, self._rate(), lambda: False))
            if step is not None:
                self.state = self._after(step)
                yield step

    def measure(self) -> None:
        """The loss on the held-out text, unless it is known. Raises StudioError where it is no number."""
        batch = self.parts.held_out
        if batch is None or not self.parts.workers.leads or (self._measured and self._measured[0] == self.state.step):
            return
        losses = self._learning.losses(batch)
        loss = sum(losses) / batch.tokens
        if not math.isfinite(loss):
            raise StudioError("The loss on the held-out text is no number.", _NO_NUMBER)
        self._measured = self.state.step, loss
        improved = self.state.best_loss is None or loss < self.state.best_loss
        if improved:
            self.state = replace(self.state, best_loss=loss, best_step=self.state.step, worse=0)
        else:
            self.state = replace(self.state, worse=self.state.worse + 1)
        self._tell(HeldOut(time=time.time(), step=self.state.step, held_out_loss=loss, spread=_spread(losses, batch)))

    def sample(self, patience: float | None = None) -> None:
        """What the model writes now, told within *patience* seconds, or at a later rest; None: now."""
        parts = self.parts
        if not parts.workers.leads or not parts.recipe.samples.every:
            return
        samples = write_samples(parts.network, parts.language, parts.recipe.samples)
        self._meter.take(
            [
                Sampled(
                    time=time.time(),
                    step=self.state.step,
                    number=each.number,
                    prompt=each.prompt,
                    seed=parts.recipe.samples.seed,
                    text=each.text,
                    finish=each.finish,
                )
                for each in samples
            ]
        )
        self._tell_samples(patience)
        lines = [f"======== SAMPLE {each.number + 1} ========\n{each.prompt}{each.text}\n" for each in samples]
        parts.run.samples.mkdir(exist_ok=True)
        path = parts.run.samples / f"samples-{self.state.step}"
        path.write_text("\n".join(lines), encoding="utf-8")

    def _tell_samples(self, patience: float | None) -> None:
        """Tell of the samples whose copying is measured."""
        for sample in self._meter.ready(patience):
            self._tell(sample)

    def keep(self) -> None:
        """Save what has been learned since the last checkpoint, if anything has."""
        if self.state.step > self._saved:
            self.save()

    def save(self) -> None:
        """Write a checkpoint of this step, unless there is one."""
        parts = self.parts
        if not parts.workers.leads or (self._saved == self.state.step and self.state.step):
            return
        began = time.perf_counter()
        snapshot = self.snapshot()
        place = checkpoint.save(parts.run.checkpoints, snapshot)
        self._saved = self.state.step
        needed = Runs(parts.run.path.parent).begun_from()
        checkpoint.prune(parts.run.checkpoints, self.state.step, parts.recipe.keeping.last, needed)
        parts.run.log.flush()
        self._tell(
            Saved(
                time=time.time(),
                step=self.state.step,
                path=str(place.relative_to(parts.run.path)),
                bytes=checkpoint.size(place),
                seconds=time.perf_counter() - began,
                best=snapshot.origin.best,
            )
        )

    def change_rate(self, rate: float) -> None:
        """Make the learning rate what it should be now; the schedule goes on from there in its own shape."""
        if not 0 < rate < 100:
            raise StudioError("That learning rate cannot be used.", "Give a number above 0; 1e-4, say.")
        planned = self._rate() / self.state.rate_factor
        self.state = replace(self.state, rate_factor=rate / planned)
        self._tell(RateChanged(time=time.time(), step=self.state.step, learning_rate=rate))

    def _rate(self) -> float:
        recipe = self.parts.recipe
        assert recipe.schedule.steps is not None
        planned = learning_rate(recipe.optimization, self.state.step, recipe.schedule.steps)
        return planned * self.state.rate_factor

    def _end(self) -> str:
        """Why it ends now, or nothing; all processes agree with the leading one."""
        schedule, state = self.parts.recipe.schedule, self.state
        assert schedule.steps is not None
        reason = self.wish
        if not reason and state.step >= schedule.steps:
            reason = "steps"
        if not reason and schedule.minutes and state.seconds >= 60 * schedule.minutes:
            reason = "time"
        if not reason and schedule.patience and state.worse >= schedule.patience:
            reason = "early stop"
        said = self.parts.workers.told([ENDS.index(reason), state.rate_factor], self.parts.network.device)
        self.state = replace(state, rate_factor=said[1])
        return ENDS[int(said[0])]

    def _take(self, step: Step) -> None:
        """Let the step count."""
        state = self.state
        self.state = self._after(step)
        if not self.parts.workers.leads:
            return
        if (step.micro_batch, step.checkpointing) != (state.micro_batch, state.checkpointing):
            self._tell(_smaller(step, self.parts))
        device = self.parts.network.device
        self._tell(
            Stepped(
                time=time.time(),
                step=self.state.step,
                loss=step.loss,
                lr=step.rate,
                grad_norm=step.grad_norm,
                tokens_per_second=step.tokens / step.seconds,
                memory=memory.in_use(device),
                load=memory.load(device),
            )
        )

    def _after(self, step: Step) -> TrainerState:
        return replace(
            self.state,
            step=self.state.step + 1,
            loss=step.loss,
            seconds=self.state.seconds + step.seconds,
            micro_batch=step.micro_batch,
            checkpointing=step.checkpointing,
            scale=step.scale,
            scale_age=step.scale_age,
        )

    def _look(self) -> None:
        """Measure and sample, where that is due after a step."""
        recipe, step = self.parts.recipe, self.state.step
        if _due(step, recipe.schedule.held_out_every):
            self.measure()
        if _due(step, recipe.samples.every) and step < (recipe.schedule.steps or 0):
            self.sample(PATIENCE)

    def _worth_saving(self) -> bool:
        """Whether a checkpoint of this step is due, or the best so far.

        Asked when it is known that the run goes on: where it ends, the loss is measured before the last is written.
        """
        improved = self._measured is not None and self._measured[0] == self.state.step == self.state.best_step
        return improved or _due(self.state.step, self.parts.recipe.keeping.every)

    def snapshot(self) -> checkpoint.Snapshot:
        """All that a checkpoint of this step holds."""
        parts, state = self.parts, self.state
        beside = {
            f"{name}.{part}": tensor
            for name, adapter in parts.network.adapters.items()
            for part, tensor in (("down", adapter.down), ("up", adapter.up))
        }
        loss = self._measured[1] if self._measured and self._measured[0] == state.step else None
        return checkpoint.Snapshot(
            shape=parts.network.shape,
            model=parts.network.merged(),
            memory={**beside, **parts.optimizer.memory},
            state=state,
            origin=replace(
                parts.origin,
                step=state.step,
                held_out_loss=loss,
                best=loss is not None and state.best_step == state.step,
                created=time.time(),
            ),
            vocabulary=parts.vocabulary,
        )


def _at_once(steps: Generator[None, None, Step | None]) -> Step | None:
    """What a step comes to, its rests passed over."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            step: Step | None = end.value
            return step


def _due(step: int, every: int | None) -> bool:
    return bool(every) and step % (every or 1) == 0


def _spread(losses: list[float], batch: Batch) -> float | None:
    """The standard error of the mean over windows."""
    if len(losses) < 2:
        return None
    means = [loss / batch.part(n, n + 1).tokens for n, loss in enumerate(losses)]
    middle = sum(means) / len(means)
    return math.sqrt(sum((mean - middle) ** 2 for mean in means) / (len(means) - 1) / len(means))


def _smaller(step: Step, parts: Parts) -> Noted:
    size = parts.recipe.schedule.batch_size or 1
    what = f"Memory ran out: {step.micro_batch} of {size} windows are computed at once from now on"
    if step.checkpointing:
        what += ", and activations twice"
    return Noted(time=time.time(), message=f"{what}. The result is the same.")
