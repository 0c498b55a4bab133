"""What could come next, stage by stage of the sampling order: tokens with their chances before and after each."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gpt2studio.engine.sampling import Logits, Seen, Tokens, passed
from gpt2studio.wire.draw import pick, uniform
from gpt2studio.wire.messages import Alternative, Drawn, Stage
from gpt2studio.wire.sampling import Sampling

Chances = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Outlook:
    """Tokens that could come next."""

    tokens: Tokens
    """Their ids, ascending within a case."""
    steps: tuple[Chances, ...]
    """Their probabilities: the model's own, then those after each stage of the order, 0 where it was cut."""
    names: tuple[str, ...]
    """The stages."""
    shown: Callable[[int], str]

    @classmethod
    def of(cls, allowed: Logits, seen: Seen, sampling: Sampling, shown: Callable[[int], str]) -> "Outlook":
        """Of these logits."""
        ids, before = allowed.ids(), allowed
        steps = [allowed.probabilities()]
        for _, left in passed(allowed, seen, sampling):
            chances = steps[-1]
            if left is not before:
                chances = np.zeros(len(ids))
                chances[np.searchsorted(ids, left.ids())] = left.probabilities()
            steps.append(chances)
            before = left
        return cls(ids, tuple(steps), tuple(sampling.order), shown)

    @property
    def expected(self) -> Chances:
        """The model's own probabilities."""
        return self.steps[0]

    @property
    def chances(self) -> Chances:
        """The probabilities of being drawn."""
        return self.steps[-1]

    def among(self, which: "NDArray[np.bool_]") -> "Outlook":
        """Some of them."""
        return replace(self, tokens=self.tokens[which], steps=tuple(step[which] for step in self.steps))

    def after(self, before: "Outlook") -> "Outlook":
        """The same where one of those must have come before."""
        pairs = zip(self.steps, before.steps, strict=True)
        return replace(self, steps=tuple(step * other.sum() for step, other in pairs))


@dataclass(frozen=True, slots=True)
class Whole:
    """All that could come next: one case, or two where a word may go on or be complete."""

    cases: tuple[Outlook, ...]

    def entropy(self) -> float:
        """Of the model's own distribution, in nats."""
        some = self._joined(0)
        some = some[some > 0]
        return float(-(some * np.log(some)).sum())

    def kept(self) -> int:
        """How many tokens can be drawn."""
        return self._left(-1)

    def acting(self) -> list[int]:
        """The stages that changed something, by their number in the order."""
        return [
            n
            for n in range(len(self.cases[0].names))
            if any(not np.array_equal(case.steps[n], case.steps[n + 1]) for case in self.cases)
        ]

    def stages(self) -> tuple[Stage, ...]:
        """What each of those left over."""
        rows = [(n, self._joined(n), self._joined(n + 1)) for n in self.acting()]
        names = self.cases[0].names
        return tuple(
            Stage(name=names[n], kept=self._left(n + 1), mass=float(before[after > 0].sum()))
            for n, before, after in rows
        )

    def likeliest(self, count: int, *, trace: bool) -> tuple[Alternative, ...]:
        """The likeliest to be drawn; of those that cannot be, the likeliest that the model expects."""
        expected, chances = self._joined(0), self._joined(-1)
        acting = self.acting() if trace else None
        return tuple(self._alternative(int(n), acting) for n in np.lexsort((-expected, -chances))[: max(count, 0)])

    def one(self, token: int) -> Alternative | None:
        """That token."""
        found = np.flatnonzero(np.concatenate([case.tokens for case in self.cases]) == token)
        return self._alternative(int(found[0]), self.acting()) if len(found) else None

    def _alternative(self, place: int, acting: list[int] | None) -> Alternative:
        case, expected = self.cases[0], self._joined(0)
        at = place
        if place >= len(case.tokens):
            case, at = self.cases[1], place - len(case.tokens)
        token = int(case.tokens[at])
        return Alternative(
            token=token,
            text=case.shown(token),
            logprob=float(np.log(max(expected[place], 1e-300))),
            probability=float(case.chances[at]),
            rank=1 + int(np.count_nonzero(expected > expected[place])),
            trace=tuple(float(case.steps[n + 1][at]) for n in acting or ()),
        )

    def _left(self, step: int) -> int:
        """How many tokens can still be drawn; one that can come in either case is one."""
        return len(np.unique(np.concatenate([case.tokens[case.steps[step] > 0] for case in self.cases])))

    def _joined(self, step: int) -> Chances:
        return np.concatenate([case.steps[step] for case in self.cases])


def drawn(outlook: Outlook, seed: int, candidate: int, index: int) -> Drawn:
    """The draw of that index among these tokens."""
    number = uniform(seed, candidate, index)
    kept = np.flatnonzero(outlook.chances)  # as they are drawn from: what was cut is not there
    chances = outlook.chances[kept]
    place = pick(chances, number)
    sums = np.concatenate(([0.0], np.cumsum(chances)))
    token = int(outlook.tokens[kept[place]])
    return Drawn(
        number=number,
        index=index,
        token=token,
        text=outlook.shown(token),
        low=float(sums[place] / sums[-1]),
        high=float(sums[place + 1] / sums[-1]),
    )
