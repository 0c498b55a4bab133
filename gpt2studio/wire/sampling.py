"""How the next token is to be chosen: the sampling order and its parameters, as a record."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from gpt2studio.errors import UsageError

STAGES = (
    *("bans", "bias", "no_repeat", "repetition", "presence", "frequency", "dry", "temperature"),
    *("top_k", "top_p", "min_p", "typical", "top_a", "tail_free", "epsilon", "eta", "xtc", "mirostat"),
)
"""Every stage there is, in the order that is used unless the person changes it."""

_IDS = 1 << 31
"""No vocabulary has so many tokens."""

FIRST_STAGES = ("bias", "repetition", "presence", "frequency", "temperature", "top_k", "top_p", "min_p", "typical")
"""The stages of the first releases: this order, wherever it was written down, leaves none of the later ones out."""


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
    banned_tokens: tuple[int, ...] = ()
    """Token ids that are never drawn. Neutral: none."""
    banned_texts: tuple[str, ...] = ()
    """Texts that never come to stand, whatever tokens would spell them. Neutral: none."""
    no_repeat_ngram: int = 0
    """No stretch of so many tokens comes twice in the text. Neutral: 0."""
    dry_multiplier: float = 0.0
    """DRY: what is taken off a token that would go on with a repetition, for the shortest that counts. Neutral: 0."""
    dry_base: float = 1.75
    """Each token more of the repetition takes off this many times as much."""
    dry_length: int = 2
    """Tokens of a repetition that are still free."""
    dry_breakers: tuple[str, ...] = ("\n", ":", '"', "*")
    """No repetition reaches over a token that has one of these in it."""
    dynamic_range: float = 0.0
    """Dynamic temperature: as far below and above the temperature as the model's certainty may move it. Neutral: 0."""
    dynamic_exponent: float = 1.0
    """Above 1, only great uncertainty raises it."""
    top_a: float = 0.0
    """Keep tokens at least a times as likely as the square of the likeliest one's probability. Neutral: 0."""
    tail_free: float = 1.0
    """Cut the tail where the sorted probabilities stop bending: z of all bends stay. Neutral: 1."""
    epsilon_cutoff: float = 0.0
    """Keep tokens at least this likely. Neutral: 0."""
    eta_cutoff: float = 0.0
    """The same, less where the model expects much: min(ε, √ε · e^−entropy). Neutral: 0."""
    xtc_probability: float = 0.0
    """XTC: how often all tokens above the threshold but the least likely of them are cut. Neutral: 0."""
    xtc_threshold: float = 0.1
    """Above a half it never acts."""
    mirostat_tau: float = 0.0
    """Mirostat 2: the surprise, in bits, that a continuation is steered to. Neutral: 0."""
    mirostat_eta: float = 0.1
    """How fast it steers."""
    wildness: float = 0.3
    """Of the stitcher alone, where with the temperature it is all that acts: 0 copies long and from near, 1 little and
    from anywhere."""
    top_p_replaces_top_k: bool = False
    """The rule of nshepperd's and gpt-2-simple's tools: where top-p is set, top-k does not apply."""
    order: tuple[str, ...] = STAGES
    """The stages in the order in which they act; a stage left out does not act."""

    def __post_init__(self) -> None:
        """Refuse numbers that mean nothing, with a word on what would."""
        if self.order == FIRST_STAGES:
            object.__setattr__(self, "order", STAGES)
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
            *self._later_checks(),
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
            if not (token.isdecimal() and len(token) <= len(str(_IDS)) and int(token) < _IDS):
                raise UsageError(f"“{token}” is not a token id.", "A bias goes from token ids to numbers.")

    def _later_checks(self) -> tuple[tuple[bool, str, str], ...]:
        return (
            (all(0 <= token < _IDS for token in self.banned_tokens), "banned token", "id of 0 or more"),
            (all(self.banned_texts), "banned text", "of one character or more"),
            (self.no_repeat_ngram >= 0, "n-gram length", "of 2 tokens or more; 0 is off"),
            (0 <= self.dry_multiplier <= 100, "DRY multiplier", "between 0 (off) and 100"),
            (1 <= self.dry_base <= 10, "DRY base", "between 1 and 10"),
            (self.dry_length >= 1, "DRY length", "of 1 token or more"),
            (all(self.dry_breakers), "DRY breaker", "of one character or more"),
            (0 <= self.dynamic_range <= 10, "dynamic range", "between 0 (off) and 10"),
            (0 < self.dynamic_exponent <= 10, "dynamic exponent", "above 0, at most 10"),
            (0 <= self.top_a <= 1, "top-a", "between 0 (off) and 1"),
            (0 < self.tail_free <= 1, "tail-free z", "above 0, at most 1 (off)"),
            (0 <= self.epsilon_cutoff < 1, "epsilon cut-off", "between 0 (off) and below 1"),
            (0 <= self.eta_cutoff < 1, "eta cut-off", "between 0 (off) and below 1"),
            (0 <= self.xtc_probability <= 1, "XTC probability", "between 0 (off) and 1"),
            (0 <= self.xtc_threshold <= 1, "XTC threshold", "between 0 and 1"),
            (0 <= self.mirostat_tau <= 100, "mirostat surprise", "between 0 (off) and 100 bits"),
            (0 < self.mirostat_eta <= 1, "mirostat rate", "above 0, at most 1"),
        )

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
    *("banned_tokens", "banned_texts", "no_repeat_ngram", "dry_multiplier", "dynamic_range", "top_a", "tail_free"),
    *("epsilon_cutoff", "eta_cutoff", "xtc_probability", "mirostat_tau"),
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
