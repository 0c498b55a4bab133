"""A trainer's life: from the lock on a run to the line that says how it ended."""

import contextlib
import errno
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import FrameType

from gpt2studio import __version__
from gpt2studio.errors import StudioError
from gpt2studio.formats.checkpoint import open_checkpoint
from gpt2studio.paths import places
from gpt2studio.runs.checkpoints import Checkpoint, going_on, last_resumable, list_checkpoints
from gpt2studio.runs.corpus import RECORD, adopt, read_corpus
from gpt2studio.runs.defaults import Facts, settled, windows_in
from gpt2studio.runs.directory import RunDirectory
from gpt2studio.runs.events import Encoding, Event, Failed, Finished, Noted, Prepared, Resumed, Started
from gpt2studio.runs.launch import ENDING, heeded
from gpt2studio.runs.preparing import prepare
from gpt2studio.runs.recipe import Recipe, write_recipe
from gpt2studio.runs.registry import Runs
from gpt2studio.training import checkpoint
from gpt2studio.training.controls import Controls
from gpt2studio.training.parts import assemble, choose_device, device_event, with_micro_batch
from gpt2studio.training.probe import probe
from gpt2studio.training.session import Session
from gpt2studio.training.workers import Workers

INTERRUPTED = 130

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Trainer:
    """One launch of a trainer on a run."""

    def __init__(self, path: Path, *, micro_batch: int = 0, probe: bool = False) -> None:
        self._run = RunDirectory(path)
        self._micro_batch = micro_batch
        self._probe = probe
        self._session: Session | None = None
        self._first = True
        """Whether no trainer has worked on the run before."""
        self._since = 0.0
        """When it was asked to end."""
        self._leads = os.environ.get("RANK", "0") == "0"

    def work(self) -> int:
        """Work until the end; the exit status."""
        if not self._leads:
            # The leading process decides for all of them.
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
            self._follow()
            return 0
        with self._run.lock as lock:
            if not lock.acquire_soon():
                print(f"Another trainer works on {self._run.path}.", file=sys.stderr)
                return 1
            self._run.log.mend()
            self._first = not self._run.log.read()[0]
            self._heed_signals()
            return self._lead()

    def _lead(self) -> int:
        try:
            self._tell(Started(time=time.time(), version=__version__, pid=os.getpid()))
            reason = self._train()
            self._finish(reason)
        except KeyboardInterrupt:
            reason = "interrupted"
            self._finish(reason)
        except Exception as error:
            reason = self._fail(error)
        return INTERRUPTED if reason == "interrupted" else 1 if reason in ("failed", "disk full", "diverged") else 0

    def _train(self) -> str:
        """Work on the run, or probe it; why that ended."""
        run = self._run
        last = going_on(list_checkpoints(run.checkpoints), run.name)
        recipe = self._prepared(run.recipe, last)
        workers = Workers.meet(choose_device(recipe.computing))
        parts = assemble(run, recipe, last, workers)
        parts = replace(parts, state=with_micro_batch(parts.state, self._micro_batch))
        # Nothing goes before all that the run goes on with has been read.
        checkpoint.clean(run.checkpoints, parts.state.step, Runs(run.path.parent).begun_from())
        if not self._first:
            self._tell(Resumed(time=time.time(), step=parts.state.step))
        self._tell(device_event(parts, time.time()))
        if self._probe:
            self._tell(probe(parts))
            return "steps"
        self._session = Session(parts, self._tell)
        with contextlib.closing(Controls(self._session, self._tell)) as controls:
            self._drive(self._session, controls.act)
        workers.part()
        return self._session.reason

    def _follow(self) -> None:
        """Compute along with the leading process: it has prepared everything when all have met."""
        run = self._run
        workers = Workers.meet(choose_device(run.recipe.computing))
        last = last_resumable(list_checkpoints(run.checkpoints))
        parts = assemble(run, run.recipe, last, workers)
        parts = replace(parts, state=with_micro_batch(parts.state, self._micro_batch))
        self._drive(Session(parts, lambda event: None), lambda: None)
        workers.part()

    def _drive(self, session: Session, rest: Callable[[], None]) -> None:
        for _ in session.run():
            rest()

    def _prepared(self, recipe: Recipe, last: Checkpoint | None) -> Recipe:
        """The recipe with nothing left open, and its texts as tokens in the run."""
        model = open_checkpoint(last.path if last else Path(recipe.model))
        if not (self._run.data / RECORD).is_file():
            corpus_folder = prepare(recipe.texts, model.vocabulary, places().state / "tokens", _seldom(self._encoded))
            adopt(corpus_folder, model.vocabulary, self._run.data)
        corpus = read_corpus(self._run.data)
        facts = Facts(
            parameters=model.shape.parameters,
            n_positions=model.shape.n_positions,
            n_embd=model.shape.n_embd,
            tokens=corpus.tokens,
            held_out_tokens=corpus.held_out_tokens,
        )
        complete = settled(recipe, facts)
        if complete != recipe:
            write_recipe(self._run.recipe_path, complete)
        assert complete.schedule.window is not None
        self._tell(
            Prepared(
                time=time.time(),
                documents=corpus.documents,
                tokens=corpus.tokens,
                held_out_tokens=corpus.held_out_tokens,
                windows=windows_in(corpus.tokens, complete.schedule.window),
                window=complete.schedule.window,
                digest=corpus.digest,
                duplicates=corpus.duplicates,
                overlap=corpus.overlap,
            )
        )
        for note in corpus.notes:
            self._tell(Noted(time=time.time(), message=note))
        return complete

    def _encoded(self, done: int, total: int) -> None:
        self._tell(Encoding(time=time.time(), done=done, total=total))

    def _tell(self, event: Event) -> None:
        self._run.log.append(event)

    def _finish(self, reason: str) -> None:
        state = self._session.state if self._session else None
        self._tell(
            Finished(
                time=time.time(),
                step=state.step if state else 0,
                loss=state.loss if state else None,
                reason=reason,
            )
        )

    def _fail(self, error: Exception) -> str:
        """Say what went wrong, having saved what there is where it can be saved; the reason of the end."""
        traceback.print_exception(error, file=sys.stderr)
        full = _disk_is_full(error)
        if full:
            message = f"The disk of {self._run.path} is full."
            saved = last_resumable(list_checkpoints(self._run.checkpoints)) is not None
            kept = "The last checkpoint is whole." if saved else "No checkpoint has been saved yet."
            hint = f"{kept} Make room, then: gpt2studio train --resume {self._run.name}"
        elif isinstance(error, StudioError):
            message, hint = error.message, error.hint
        else:
            text = str(error).strip().partition("\n")[0]
            message, hint = f"The trainer failed: {text or type(error).__name__}.", f"See {self._run.output}."
        if self._session and not full:
            with contextlib.suppress(Exception):
                self._session.keep()
        # With a full disk even this line may not fit; the exit status says it all the same.
        with contextlib.suppress(OSError):
            self._tell(Failed(time=time.time(), message=message, hint=hint))
            self._finish("disk full" if full else "failed")
        return "disk full" if full else "failed"

    def _heed_signals(self) -> None:
        for number in heeded(ENDING):
            signal.signal(number, self._interrupt)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        """Once: end with a checkpoint. Twice: end at once, with the last one."""
        if not self._since:
            self._since = time.monotonic()
            if self._session is None:
                raise KeyboardInterrupt
            self._session.wish = "interrupted"
        # A terminal's Ctrl+C may come twice, passed on by the program that started this one.
        elif time.monotonic() - self._since > 1.0:
            os._exit(INTERRUPTED)


def _disk_is_full(error: BaseException | None) -> bool:
    """Whether a full disk is at the bottom of this."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        error = error.__cause__ or error.__context__
    return False


def _seldom(tell: Callable[[int, int], None], pause: float = 0.2) -> Callable[[int, int], None]:
    """The same, called a few times a second, and at the end."""
    last = 0.0

    def told(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if done >= total or now - last >= pause:
            last = now
            tell(done, total)

    return told
