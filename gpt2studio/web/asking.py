"""A body of OpenAI's completions interface, checked and read as what it asks for."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gpt2studio.text.tokenizer import Tokenizer
from gpt2studio.text.utf8 import sound
from gpt2studio.web.limits import Limits
from gpt2studio.web.refusals import Refused
from gpt2studio.wire.messages import Continue
from gpt2studio.wire.sampling import NEUTRAL, Sampling

MOST_ALTERNATIVES = 20
MOST_STOPS = 4
_LEAST_TOP_P = 1e-9
"""A nucleus of 0 holds one token, as everywhere."""
_FIELDS = frozenset(
    {
        *("model", "prompt", "suffix", "max_tokens", "temperature", "top_p", "n", "best_of", "stop", "seed", "user"),
        *("stream", "stream_options", "logprobs", "echo", "presence_penalty", "frequency_penalty", "logit_bias"),
    }
)
"""OpenAI's."""
_OWN_FIELDS = frozenset({"top_k", "min_p", "typical_p", "repetition_penalty", "penalty_range", "heal"})
"""What GPT-2's own users know; other servers of this interface have most of them too."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A text to go on from."""

    text: str
    special: bool = False
    """Whether ``<|endoftext|>`` in it is the end token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A checked request."""

    prompts: tuple[Prompt, ...]
    way: Continue
    """How to go on from each; its text is empty."""
    n: int = 1
    """How many of the candidates are wanted: those of the highest mean log-probability."""
    logprobs: int | None = None
    echo: bool = False
    stream: bool = False
    usage_in_stream: bool = False
    user: str = ""

    @property
    def rows(self) -> int:
        """Continuations in all."""
        return len(self.prompts) * self.way.candidates


def read_asked(body: Mapping[str, Any], models: Sequence[str], tokenizer: Tokenizer, limits: Limits) -> Asked:
    """What the body asks for, of the first of these models by any of their names.

    Raises Refused, naming the field, where it makes no sense or asks for too much.
    """
    fields = _Fields(body)
    fields.known(models)
    n = fields.whole("n", 1, 1, limits.choices)
    best_of = fields.whole("best_of", n, 1, limits.choices)
    stream = fields.yes("stream")
    if best_of < n or (stream and best_of > n):
        raise Refused("best_of must be at least n, and equal to it when streaming.", param="best_of")
    logprobs = None if body.get("logprobs") is None else fields.whole("logprobs", 0, 0, MOST_ALTERNATIVES)
    prompts = _prompts(body.get("prompt"), tokenizer, limits)
    if len(prompts) * best_of > limits.choices:
        raise Refused(f"One request can have {limits.choices} completions in all.", param="n")
    echo, heal = fields.yes("echo"), fields.yes("heal")
    if heal and echo and logprobs is not None:
        raise Refused("A healed border has no log-probabilities to echo: leave out heal, echo or logprobs.")
    if echo and logprobs is not None:
        tokens = sum(len(tokenizer.encode(prompt.text, special=prompt.special)) for prompt in prompts)
        most = limits.echoed // (best_of * (1 + logprobs))
        if tokens > most:
            message = f"The prompts have {tokens:,} tokens; with so many log-probabilities, {most:,} can be echoed."
            raise Refused(message, param="logprobs", code="context_length_exceeded")
    way = Continue(
        id="",
        sampling=_sampling(fields, len(tokenizer.vocabulary)),
        seed=fields.whole("seed", secrets.randbelow(2**31), -(2**63), 2**63 - 1),
        candidates=best_of,
        length=fields.whole("max_tokens", 16, 0, limits.length),
        stop=_stops(body.get("stop")),
        heal=heal,
        alternatives=logprobs or 0,
    )
    return Asked(
        prompts=prompts,
        way=way,
        n=n,
        logprobs=logprobs,
        echo=echo,
        stream=stream,
        usage_in_stream=_usage_in_stream(body.get("stream_options")),
        user=fields.text("user")[:64],
    )


class _Fields:
    """The body's values, each of the type that it must have; null is as good as missing."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._body = body

    def known(self, models: Sequence[str]) -> None:
        for name in self._body:
            if name not in _FIELDS and name not in _OWN_FIELDS:
                raise Refused(f"Unrecognized request argument supplied: {name[:64]}", param=name[:64])
        if self._body.get("suffix"):
            raise Refused("GPT-2 cannot write towards a suffix.", param="suffix")
        asked = self.text("model", models[0])
        if asked not in models:
            raise Refused(
                f"The model {asked[:100]!r} is not served here; {models[0]!r} is.",
                404,
                param="model",
                code="model_not_found",
            )

    def text(self, name: str, default: str = "") -> str:
        value = self._body.get(name)
        if value is not None and not isinstance(value, str):
            raise Refused(f"{name} must be a string.", param=name)
        return default if value is None else sound(value)

    def yes(self, name: str) -> bool:
        value = self._body.get(name)
        if value is not None and not isinstance(value, bool):
            raise Refused(f"{name} must be true or false.", param=name)
        return bool(value)

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        value = self._body.get(name)
        if value is None:
            return default
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise Refused(f"{name} must be a whole number from {least} to {most}.", param=name)
        return value

    def number(self, name: str, default: float, least: float, most: float) -> float:
        value = self._body.get(name)
        if value is None:
            return default
        if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
            raise Refused(f"{name} must be a number from {least:g} to {most:g}.", param=name)
        return float(value)

    def biases(self, tokens: int) -> dict[str, float]:
        given = self._body.get("logit_bias")
        if given is None:
            return {}
        if not isinstance(given, dict) or len(given) > 1024:
            raise Refused(
                "logit_bias must be an object of at most 1024 token ids, each with a number.", param="logit_bias"
            )
        for token, value in given.items():
            good = token.isascii() and token.isdecimal() and len(token) < 10 and int(token) < tokens
            if not good or not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) <= 100:
                raise Refused(
                    f"logit_bias goes from token ids below {tokens} to numbers from -100 to 100.", param="logit_bias"
                )
        return {str(int(token)): float(value) for token, value in given.items()}


def _sampling(fields: _Fields, tokens: int) -> Sampling:
    """OpenAI's parameters, neutral where they are not given, and those that GPT-2's own users know."""
    repetition = fields.number("repetition_penalty", 1.0, 0.01, 10.0)
    return Sampling(
        temperature=fields.number("temperature", NEUTRAL.temperature, 0, 2),
        top_p=max(fields.number("top_p", NEUTRAL.top_p, 0, 1), _LEAST_TOP_P),
        top_k=fields.whole("top_k", NEUTRAL.top_k, 0, tokens),
        min_p=fields.number("min_p", NEUTRAL.min_p, 0, 1),
        typical_p=max(fields.number("typical_p", NEUTRAL.typical_p, 0, 1), _LEAST_TOP_P),
        repetition_penalty=repetition,
        presence_penalty=fields.number("presence_penalty", 0.0, -2, 2),
        frequency_penalty=fields.number("frequency_penalty", 0.0, -2, 2),
        # OpenAI's penalties count what was sampled; a repetition penalty has always counted the prompt too.
        penalty_range=fields.whole("penalty_range", 0 if repetition == 1 else NEUTRAL.penalty_range, 0, 1 << 20),
        bias=fields.biases(tokens),
    )


def _stops(given: Any) -> tuple[str, ...]:
    stops = [] if given is None else [given] if isinstance(given, str) else given
    if not isinstance(stops, list) or len(stops) > MOST_STOPS or not all(isinstance(each, str) for each in stops):
        raise Refused(f"stop must be a string, or a list of at most {MOST_STOPS} strings.", param="stop")
    if any(not 0 < len(each) <= 1000 for each in stops):
        raise Refused("A stop text must have from 1 to 1000 characters.", param="stop")
    return tuple(map(sound, stops))


def _usage_in_stream(given: Any) -> bool:
    if given is None:
        return False
    if not isinstance(given, dict) or not isinstance(given.get("include_usage", False), bool):
        raise Refused("stream_options must be an object; include_usage is true or false.", param="stream_options")
    return bool(given.get("include_usage"))


def _prompts(given: Any, tokenizer: Tokenizer, limits: Limits) -> tuple[Prompt, ...]:
    """The prompts: a string, strings, a list of tokens or lists of tokens; none: from nothing."""
    if given is None:
        return (Prompt(""),)
    if isinstance(given, str):
        given = [given]
    if not isinstance(given, list) or not given:
        raise Refused("prompt must be a string, or a list of strings or tokens that is not empty.", param="prompt")
    if all(isinstance(each, int) for each in given):
        given = [given]
    if len(given) > limits.choices:
        raise Refused(f"One request can have {limits.choices} prompts.", param="prompt")
    prompts = tuple(_prompt(each, tokenizer, limits) for each in given)
    if sum(len(prompt.text) for prompt in prompts) > limits.prompt:
        raise _too_long(limits)
    return prompts


def _prompt(given: Any, tokenizer: Tokenizer, limits: Limits) -> Prompt:
    if isinstance(given, str):
        return Prompt(sound(given))
    size = len(tokenizer.vocabulary)
    ids: list[Any] = given if isinstance(given, list) else [None]
    if not all(isinstance(each, int) and not isinstance(each, bool) and 0 <= each < size for each in ids):
        raise Refused(f"A prompt must be a string, or token ids below {size}.", param="prompt")
    text = tokenizer.decode(ids)
    if len(text) > limits.prompt:
        raise _too_long(limits)
    for special in (False, True):
        if tokenizer.encode(text, special=special) == ids:
            return Prompt(text, special)
    raise Refused("These tokens are not how this model's tokenizer writes any text.", param="prompt")


def _too_long(limits: Limits) -> Refused:
    return Refused(f"A prompt can have {limits.prompt} characters.", param="prompt", code="context_length_exceeded")
