"""A run's events in words, a line each, as the tools of 2019 had them."""

from gpt2studio.runs.events import (
    Device,
    Event,
    Failed,
    Finished,
    HeldOut,
    Noted,
    Paused,
    Prepared,
    RateChanged,
    Resumed,
    Sampled,
    Saved,
    Stepped,
    WentOn,
)
from gpt2studio.runs.progress import Progress
from gpt2studio.wire.terminal import visible


def told(event: Event, progress: Progress) -> str:
    """The event as a line, *progress* being what the run has come to with it; empty for one without a line.

    A line holds what people and models wrote, and has to be made visible before it is shown.
    """
    counter = f"[{progress.step} | {progress.elapsed:.2f}]"
    match event:
        case Stepped():
            return f"{counter} loss={event.loss:.2f} avg={progress.average:.2f}"
        case HeldOut():
            return f"{counter} validation loss = {event.held_out_loss:.2f}"
        case Saved():
            best = " (the best so far)" if event.best else ""
            return f"{counter} saved {event.path}{best}"
        case Prepared():
            return _data_line(event)
        case Device():
            return _device_line(event)
        case _:
            return _rarely(event)


def printed(event: Event, progress: Progress, every: int = 1) -> str:
    """What is printed of the event where a run is followed, each *every*-th step; safe to show, empty for nothing."""
    match event:
        case Stepped() if event.step % max(1, every):
            return ""
        case Sampled():
            copying = f"[copying] {said}\n" if (said := copied(event)) else ""
            return visible(f"======== SAMPLE {event.number + 1} ========\n{event.prompt}{event.text}\n{copying}")
        case Failed():  # who follows the run says it when it ends
            return ""
        case _:
            return visible(told(event, progress))


def copied(event: Sampled) -> str:
    """How much of a sample stands in the training texts; empty where that was not measured."""
    if event.copied_tokens is None or event.copied_share is None:
        return ""
    share = f"{event.copied_share:.0%} of its 8-token stretches stand in the training texts"
    return f"{share}; the longest stretch that does has {event.copied_tokens} tokens: {stretch(event.copied_text)}"


def stretch(text: str, room: int = 60) -> str:
    """A stretch of text on one line, its middle left out where it is long."""
    text = " ".join(text.split())
    return f"“{text if len(text) <= room else f'{text[: room // 2].rstrip()} … {text[-room // 2 :].lstrip()}'}”"


def _rarely(event: Event) -> str:
    match event:
        case Resumed():
            return f"Going on from step {event.step}."
        case Paused():
            return f"Paused at step {event.step}."
        case WentOn():
            return "Going on."
        case RateChanged():
            return f"The learning rate is {event.learning_rate:g} from step {event.step} on."
        case Noted() | Failed():
            return f"{event.message} {event.hint}".strip()
        case Finished():
            return _ending(event)
    return ""


def _ending(event: Finished) -> str:
    if event.reason == "failed":  # why has been told
        return f"The run ended at step {event.step}." if event.step else ""
    return f"Finished at step {event.step}: {_REASONS.get(event.reason, event.reason)}."


_REASONS = {
    "steps": "all steps are done",
    "time": "the time is over",
    "early stop": "the held-out loss no longer falls",
}


def _data_line(event: Prepared) -> str:
    texts = f"{event.documents:,} {'text' if event.documents == 1 else 'texts'}"
    text = f"The dataset has {event.tokens:,} tokens in {texts}: {event.windows:,} windows"
    held_out = f"; {event.held_out_tokens:,} more are held out" if event.held_out_tokens else "; none is held out"
    repeated = f" {event.duplicates:,} texts stand there twice." if event.duplicates else ""
    shared = f" {event.overlap:.0%} of the held-out text stands in the rest as well." if event.overlap > 0.005 else ""
    return f"{text}{held_out}.{repeated}{shared}"


def _device_line(event: Device) -> str:
    trained = (
        f"{event.trained:,} of {event.parameters:,}" if event.trained != event.parameters else f"{event.trained:,}"
    )
    processes = f", {event.processes} processes" if event.processes > 1 else ""
    return f"Training {trained} parameters on {event.label} in {event.dtype}{processes}: {event.steps:,} steps."
