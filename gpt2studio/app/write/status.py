"""What is going on, in words for the borders and the foot of the Write screen."""

from gpt2studio.app.common.wording import count, counted, speed
from gpt2studio.app.engine.link import EngineState, Phase
from gpt2studio.app.engine.model_choice import Kind
from gpt2studio.app.write.orders import Doing, Progress
from gpt2studio.wire.messages import Preparing

STRANGE = 0.5
"""Share of characters that the vocabulary only spells byte by byte from which a person should know it."""

STITCHED = "search and stitch"
"""What a model without parameters is made by, in place of a number type."""

_ENDS = {
    "stopped": "stopped",
    "end": "the model ended the text",
    "interrupted": "the engine ended; what came is kept",
    "overwritten": "stopped: you wrote over its place",
}


def doing(progress: Progress, engine: EngineState, roads: tuple[int, int]) -> str:
    """What the model is at, or how it ended and where in the branches this is."""
    match progress.doing:
        case Doing.WAITING:
            return f"waiting for the model · {loading(engine)}"
        case Doing.READING:
            return _preparing(progress.preparing) if progress.preparing is not None else "reading"
        case Doing.WRITING:
            return f"writing · {counted(progress.tokens, 'token')}"
    said = [_ENDS[progress.finish]] if progress.finish in _ENDS else []
    if roads[1] > 1:
        said.append(f"branch {roads[0]} of {roads[1]}")
    return " · ".join(said)


def _preparing(texts: Preparing) -> str:
    """How far the texts of the style are."""
    share = f" {texts.done / texts.total:.0%}" if texts.total else ""
    return f"making your texts ready: {texts.what.lower()}{share}"


def model(engine: EngineState, progress: Progress, live_step: int | None = None) -> str:
    """Which model writes, on what, in which number type, and how fast; of live weights, at which step they are."""
    name = engine.choice.name if engine.choice is not None else "no model"
    if engine.choice is not None and engine.choice.kind is Kind.LIVE:
        name += f", step {count(live_step)}, live" if live_step is not None else ", live"
    if engine.loaded is None:
        return f"{name} · {loading(engine)}"
    parts = [name, engine.loaded.device, engine.loaded.dtype] if engine.loaded.parameters else [name, STITCHED]
    if progress.speed:
        parts.append(speed(progress.speed))
    return " · ".join(parts)


def loading(engine: EngineState) -> str:
    """How far the engine is with its model."""
    match engine.phase:
        case Phase.LOADING:
            return f"loading {engine.share:.0%}"
        case Phase.FAILED:
            return "not loaded"
        case Phase.STARTING if engine.choice is not None and engine.choice.kind is Kind.LIVE:
            return "its trainer answers when its step is done"
        case Phase.STARTING:
            return "starting again" if engine.trouble is not None else "starting"
        case Phase.READY:
            return "ready"


def about_script(progress: Progress) -> str:
    """A word where the model has hardly seen the script that the text is in."""
    if progress.seen is None or progress.seen.single_bytes < STRANGE:
        return ""
    return "this model has hardly seen this script: it spells it byte by byte"
