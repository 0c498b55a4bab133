"""The loss curve: a number a step, with the running average that the 2019 tools printed."""

from array import array
from bisect import bisect_right

from gpt2studio.runs.events import Stepped

DECAY = 0.99


class Curve:
    """Every step's numbers, in columns that numpy reads in place; steps rise."""

    def __init__(self) -> None:
        self.steps = array("q")
        self.times = array("d")
        """Seconds since 1970."""
        self.losses = array("d")
        self.averages = array("d")
        """Exponential average of the losses, corrected for its start: the first is the first loss."""
        self.rates = array("d")
        self.grad_norms = array("d")
        """Not-a-number for a step that was left out."""
        self.speeds = array("d")
        """Tokens a second."""
        self.memories = array("q")
        """Bytes that the trainer held."""
        self.loads = array("d")
        """How busy the GPU was, from 0 to 1; not-a-number where that is not known."""
        self._columns = (
            self.steps,
            self.times,
            self.losses,
            self.averages,
            self.rates,
            self.grad_norms,
            self.speeds,
            self.memories,
            self.loads,
        )

    def __len__(self) -> int:
        return len(self.steps)

    def add(self, event: Stepped) -> None:
        """One more step."""
        before = _weight(len(self.steps)) * DECAY
        last = self.averages[-1] if self.averages else 0.0
        self.steps.append(event.step)
        self.times.append(event.time)
        self.losses.append(event.loss)
        self.averages.append((last * before + event.loss) / (before + 1))
        self.rates.append(event.lr)
        self.grad_norms.append(float("nan") if event.grad_norm is None else event.grad_norm)
        self.speeds.append(event.tokens_per_second)
        self.memories.append(event.memory)
        self.loads.append(float("nan") if event.load is None else event.load)

    def cut(self, step: int) -> None:
        """Forget every step after this one."""
        keep = bisect_right(self.steps, step)
        for column in self._columns:
            del column[keep:]


def _weight(count: int) -> float:
    """What the weights of an average over *count* losses add up to."""
    return float((1 - DECAY**count) / (1 - DECAY))
