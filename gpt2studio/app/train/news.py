"""What a person is told of runs, wherever in the studio they are."""

from dataclasses import dataclass
from typing import Literal

from gpt2studio.app.common.shown import shown
from gpt2studio.app.common.wording import count, counted
from gpt2studio.app.engine.model_choice import ModelChoice
from gpt2studio.app.train.watch import News, Turn
from gpt2studio.app.train.wording import trouble
from gpt2studio.runs.events import Noted, Saved
from gpt2studio.runs.standing import Standing
from gpt2studio.wire.terminal import visible


@dataclass(frozen=True, slots=True)
class Note:
    """A notice."""

    title: str
    text: str
    severity: Literal["information", "warning", "error"] = "information"


def notes(news: News, writing: ModelChoice | None) -> list[Note]:
    """What is worth a notice; *writing* is the model that writes now."""
    found = [note for turn in news.turns if (note := _turned(turn, writing)) is not None]
    for name, events in news.events.items():
        for event in events:
            if isinstance(event, Noted):
                found.append(Note(shown(name), visible(f"{event.message} {event.hint}".strip()), "warning"))
    return found


def has_new_model(news: News) -> bool:
    """Whether a run has left something that can be written with, or has gone with it."""
    saved = any(isinstance(event, Saved) for events in news.events.values() for event in events)
    return saved or news.listed or any(turn.before.live and not turn.now.live for turn in news.turns)


def _turned(turn: Turn, writing: ModelChoice | None) -> Note | None:
    run, now, progress = turn.run, turn.now, turn.run.progress
    name = shown(run.name)
    lives = writing is not None and writing.lives_in(run.run.path)
    if now is Standing.RUNNING and turn.before is Standing.PAUSED and lives:
        return Note(f"{name} goes on", "It still writes here, with its weights of the moment.")
    if now.live or not turn.before.live:
        return None
    if now is Standing.COMPLETE:
        best = progress.best
        how = f"; the best held-out loss is {best.held_out_loss:.2f}, at step {count(best.step)}" if best else ""
        return Note(f"{name} is complete", f"{counted(progress.step, 'step')}{how}. F4, w writes with it.")
    if wrong := trouble(progress, now):
        return Note(f"{name}: {now.value} at step {count(progress.step)}", wrong, "error")
    return Note(f"{name}: {now.value} at step {count(progress.step)}", "F4: r goes on with it, w writes with it.")
