"""How the next token is to be chosen: the sampling order and its parameters, as a record."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from gpt2studio.errors import UsageError

STAGES = (
    "bias",
    "repetition",
    "presence",
    "frequency",
    "temperature",
    "top_k",
    "top_p",
    "min_p",
    "typical",
)
"""Every stage there is, in the order that is used unless the person changes it."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """The sampling order and the parameters of its stages; a parameter at its neutral value changes nothing."""

    temperature: float = 0.9
    """Divides the logits; 0 takes the likeliest token always (greedy). Neutral: 1."""
    top_k: int = 40
    """Keep the k likeliest tokens, ties kept. Neutral: 0."""
    top_p: float = 1.0
    """Keep the smallest set of likeliest tokens whose probability reaches p (nucleus sampling). Neutral: 1."""
    min_p: float = 0.0
    """Keep tokens at least this share as likely as the likeliest. Neutral: 0."""
    typical_p: float = 1.0
    """Keep the tokens nearest the expected surprise until their probability reaches p. Neutral: 1."""
    repetition_penalty: float = 1.0
    """Divides positive logits of tokens already seen, multiplies negative ones (CTRL). Neutral: 1."""
    presence_penalty: float = 0.0
    """Subtracted once from the logit of every token already seen. Neutral: 0."""
    frequency_penalty: float = 0.0
    """Subtracted from a token's logit for each time it was seen. Neutral: 0."""
    penalty_range: int = 1024
    """How many of the last tokens, prompt included, the three penalties look at; 0: the continuation alone."""
    bias: Mapping[str, float] = field(default_factory=dict)
    """Added to the logits of single tokens: token id (a string of digits, as JSON keys are) to number."""
    wildness: float = 0.3
    """Of the stitcher alone, where with the temperature it is all that acts: 0 copies long and from near, 1 little and
    from anywhere."""
    top_p_replaces_top_k: bool = False
    """The rule of nshepperd's and gpt-2-simple's tools: where top-p is set, top-k does not apply."""
    order: tuple[str, ...] = STAGES
    """The stages in the order in which they act; a stage left out does not act."""

    def __post_init__(self) -> None:
        """Refuse numbers that mean nothing, with a word on what would."""
        checks = (
            (self.temperature >= 0, "temperature", "0 or more"),
            (self.top_k >= 0, "top-k", "0 (off) or more"),
            (0 < self.top_p <= 1, "top-p", "above 0, at most 1 (off)"),
            (0 <= self.min_p <= 1, "min-p", "between 0 (off) and 1"),
            (0 < self.typical_p <= 1, "typical-p", "above 0, at most 1 (off)"),
            (self.repetition_penalty > 0, "repetition penalty", "above 0; 1 is off"),
            (abs(self.presence_penalty) <= 100, "presence penalty", "between -100 and 100; 0 is off"),
            (abs(self.frequency_penalty) <= 100, "frequency penalty", "between -100 and 100; 0 is off"),
            (self.penalty_range >= 0, "penalty range", "0 or more tokens"),
            (0 <= self.wildness <= 1, "wildness", "between 0 (faithful) and 1 (wild)"),
        )
        for holds, name, allowed in checks:
            if not holds:  # also catches NaN, for which no comparison holds
                raise UsageError(f"That {name} cannot be used.", f"Give a {name} {allowed}.")
        for stage in self.order:
            if stage not in STAGES:
                raise UsageError(f"There is no sampling stage “{stage}”.", f"The stages are: {', '.join(STAGES)}.")
        if len(set(self.order)) != len(self.order):
            raise UsageError("A sampling stage stands twice in the order.", "Name each stage once.")
        for token in self.bias:
            if not token.isdecimal():
                raise UsageError(f"“{token}” is not a token id.", "A bias goes from token ids to numbers.")

    def neutral(self) -> Self:
        """The model's own distribution, nothing cut and nothing changed."""
        return replace(self, **{name: getattr(NEUTRAL, name) for name in PARAMETERS})


PARAMETERS = (
    "temperature",
    "top_k",
    "top_p",
    "min_p",
    "typical_p",
    "repetition_penalty",
    "presence_penalty",
    "frequency_penalty",
    "bias",
)
"""The parameters that have a neutral value."""

NEUTRAL = Sampling(temperature=1.0, top_k=0)

PRESETS: Mapping[str, Sampling] = {
    "GPT-2": Sampling(),
    "neutral": NEUTRAL,
    "2019: nshepperd": Sampling(temperature=1.0, top_k=40, top_p_replaces_top_k=True),
    "2019: gpt-2-simple": Sampling(temperature=0.7, top_k=0, top_p_replaces_top_k=True),
}
"""Named settings that ship with the studio; a person's own lie in the presets folder."""
