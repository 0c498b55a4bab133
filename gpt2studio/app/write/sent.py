"""What was sent to the model for a continuation, from the story's journal."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gpt2studio.app.common.wording import count
from gpt2studio.errors import StudioError
from gpt2studio.stories.story import Story
from gpt2studio.wire.held import NOTHING, Held
from gpt2studio.wire.lines import build
from gpt2studio.wire.sampling import NEUTRAL

_SET_BY = {
    "bans": ("banned_tokens", "banned_texts"),
    "no_repeat": ("no_repeat_ngram",),
    "repetition": ("repetition_penalty",),
    "presence": ("presence_penalty",),
    "frequency": ("frequency_penalty",),
    "dry": ("dry_multiplier",),
    "temperature": ("temperature", "dynamic_range"),
    "typical": ("typical_p",),
    "epsilon": ("epsilon_cutoff",),
    "eta": ("eta_cutoff",),
    "xtc": ("xtc_probability",),
    "mirostat": ("mirostat_tau",),
}
"""Of each stage the parameters that turn it on; the others' have the stage's own name."""


@dataclass(frozen=True, slots=True)
class Sent:
    """All that the model was given."""

    facts: tuple[tuple[str, str], ...]
    """What and its value, in words."""
    parts: tuple[tuple[str, str], ...]
    """What the model read, in order, each with what it is: memory, story or note."""
    hidden: str
    """The beginning of the story that it did not see."""
    window_known: bool
    """Whether it is known where the window began."""


def sent(story: Story, node: int) -> Sent:
    """What was sent for the continuation at this node."""
    kept = story.request(node)
    prompt, start = story.prompt_of(node), story.window_of(node)
    try:
        held: Held = build(Held, kept.get("held", {}))
    except StudioError:
        held = NOTHING
    seen = max(start or 0, 0)
    at, inset = held.inset(prompt)
    parts = [("memory", held.opening), ("story", prompt[seen : max(at, seen)])]
    if at >= seen:
        parts.append(("note", inset))
    parts.append(("story", prompt[max(at, seen) :]))
    there = tuple((kind, text) for kind, text in parts if text)
    return Sent(tuple(_facts(kept, held)), there, prompt[:seen], start is not None)


def _facts(kept: Mapping[str, Any], held: Held) -> list[tuple[str, str]]:
    """Model, seed and sampling as they were."""
    model = " · ".join(str(kept[name]) for name in ("model_name", "device", "dtype") if kept.get(name))
    sampling = kept.get("sampling", {})
    neutral = {name: getattr(NEUTRAL, name, None) for name in sampling}
    acting = [
        f"{name.replace('_', '-')} {value:g}"
        for name, value in sampling.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and value != neutral[name]
    ]
    facts = [
        ("model", model or "not known"),
        ("seed", f"{kept.get('seed', 0)}" + (f", candidate {n}" if (n := kept.get("first_candidate", 0)) else "")),
        ("length", f"{count(int(kept.get('length', 0)))} tokens" if kept.get("length") else "without a limit"),
        ("sampling", ", ".join(acting) or "neutral"),
    ]
    on = [str(stage).replace("_", "-") for stage in sampling.get("order", ()) if _is_on(str(stage), sampling)]
    if len(on) > 1:
        facts.append(("order", " → ".join(on)))
    if held.note:
        facts.append(("note", f"{held.words} words before the end"))
    return facts


def _is_on(stage: str, sampling: Mapping[str, Any]) -> bool:
    """Whether a stage can change anything."""
    values = [(sampling.get(name), getattr(NEUTRAL, name, None)) for name in _SET_BY.get(stage, (stage,))]
    return any(value != neutral and (value or neutral) for value, neutral in values if value is not None)
