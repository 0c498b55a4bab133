"""The engine as a service: requests in, answers out, one step at a time, without any input or output of its own."""

import os
import sys
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch

from gpt2studio import __version__
from gpt2studio.engine.allocating import give_back, ran_out
from gpt2studio.engine.batch import Batch, Row
from gpt2studio.engine.cache import Cache, slots_that_fit
from gpt2studio.engine.continuation import Continuation
from gpt2studio.engine.device import device_of, devices, dtype_of
from gpt2studio.engine.jobs import Job, Seated
from gpt2studio.engine.knocking import Knocking
from gpt2studio.engine.load import Model, load, opened
from gpt2studio.engine.preparing import PATIENCE, Styled, Waiting
from gpt2studio.engine.question import Question, Redraw
from gpt2studio.engine.sampling import Values
from gpt2studio.engine.scoring import Scoring
from gpt2studio.engine.styles import Styles
from gpt2studio.errors import EngineError, StudioError
from gpt2studio.retrieval.blend import Blend
from gpt2studio.wire.messages import (
    Answer,
    Continue,
    Failed,
    Greeting,
    Hello,
    Load,
    Loaded,
    Loading,
    Next,
    Request,
    Score,
    Stop,
    Unload,
    Unloaded,
)
from gpt2studio.wire.service import Client, Tell


class Service:
    """Holds one model and goes on with many texts at once."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._jobs: dict[tuple[Client, str], Job] = {}
        self._model: Model | None = None
        self._batch: Batch | None = None
        self._loaded: Loaded | None = None
        self._styles: Styles | None = None
        self.broken = False
        """Whether the device is in a state that only a new process can leave."""

    @property
    def held(self) -> Loaded | None:
        """What there was to say of the model that is held."""
        return self._loaded

    @property
    def busy(self) -> bool:
        """Whether a step would do something."""
        return bool(self._jobs)

    @property
    def rest(self) -> float:
        """Seconds for which no step would do anything: all that is under way is read more slowly than it comes."""
        batch = self._batch
        if batch is None or not batch.rows:
            return 0.0
        return min([batch.rest, *(job.rest(batch) for job in self._jobs.values())])

    def receive(self, client: Client, request: Request) -> None:
        """Take a request on; what is quick is answered at once, the rest by steps."""
        try:
            self._receive(client, request)
        except Exception as error:
            self._tell(client, [self._failed(request.id, error)])

    def step(self) -> None:
        """Do the next piece of everything that is under way."""
        self._look_after_waiting()
        self._let_guests_in()
        self._seat()
        self._advance()
        # One after another: they share a cache. What can wait comes after all that cannot, or while that rests.
        going_on = self._batch is not None and bool(self._batch.rows) and not self._batch.rest
        scorings = [(client, job) for (client, _), job in self._jobs.items() if isinstance(job, Scoring)]
        able = [(client, job) for client, job in scorings if not (job.yields and going_on)]
        working = min(able, key=lambda each: each[1].yields, default=None)
        if working is not None:
            self._attempt(*working, working[1].work)

    def serves(self, client: Client) -> bool:
        """Whether something that this client asked for is under way."""
        return any(key[0] == client for key in self._jobs)

    def part(self, client: Client) -> None:
        """Drop everything that this client asked for: it is gone."""
        for key in [key for key in self._jobs if key[0] == client]:
            self._jobs.pop(key).release()

    def hold(self, model: Model, slots: int) -> None:
        """Hold this model from now on, with room for so many texts at once."""
        self._model = model
        cache = Cache(model.shape, slots, model.device, model.stream)
        self._batch = Batch(model.network, cache, model.tokens_a_step)
        self._close_styles()
        self._styles = Styles(model.language.tokenizer.vocabulary)

    def _receive(self, client: Client, request: Request) -> None:
        if isinstance(request, Stop):
            self._stop(client, request)
        elif (client, request.id) in self._jobs:
            # Under the id it would close the request that runs.
            self._tell(client, [Failed(id="", message=f"Request “{request.id}” is already under way.")])
        elif isinstance(request, Hello):
            self._tell(client, [_greeting(request.id, self.held)])
        elif isinstance(request, Load):
            self._load(client, request)
        elif isinstance(request, Unload):
            self._unload("The model was let go.")
            self._tell(client, [Unloaded(id=request.id)])
        else:
            assert isinstance(request, Continue | Next | Score)
            self._jobs[client, request.id] = self._begun(request)

    def _begun(self, request: Styled) -> Job:
        if request.style.weight:
            return self._waiting(request)
        if isinstance(request, Continue) and request.guest:
            return Knocking(request)
        return self._job(request)

    def _waiting(self, request: Styled) -> Waiting:
        if self._styles is None:
            raise EngineError("No model is loaded.", "Load one first.")
        # A text that is scored is not searched for itself.
        story = "" if isinstance(request, Score) else request.text
        return Waiting(request, self._styles.prepare(request.style, story))

    def _job(self, request: Styled, blend: Blend | None = None) -> Job:
        if self._model is None or self._batch is None:
            raise EngineError("No model is loaded.", "Load one first.")
        if isinstance(request, Continue):
            return Continuation(request, self._model, self._batch, blend)
        if isinstance(request, Next):
            kind = Question if request.draw is None else Redraw
            return kind(request, self._model, self._batch, blend)
        return Scoring(request, self._model, blend)

    def _stop(self, client: Client, request: Stop) -> None:
        job = self._jobs.pop((client, request.request), None)
        if job is not None:
            self._tell(client, job.stop())

    def _load(self, client: Client, request: Load) -> None:
        began = time.perf_counter()
        files = opened(Path(request.model))
        device = device_of(request.device)
        dtype = dtype_of(request.dtype, device, files.checkpoint.shape.parameters)
        self._unload("Another model was loaded in the meantime.")
        told = 0.0

        def progress(done: int, total: int) -> None:
            nonlocal told
            if done == total or time.perf_counter() - told > 0.05:
                told = time.perf_counter()
                self._tell(client, [Loading(id=request.id, done=done, total=total)])

        model = load(files, dtype, device, progress)
        self.hold(model, slots_that_fit(model.shape, model.stream, model.device))
        end_token = model.language.end_token
        self._loaded = Loaded(
            id=request.id,
            model=request.model,
            parameters=model.shape.parameters,
            n_positions=model.shape.n_positions,
            vocabulary=len(model.language.token_bytes),
            end_token=-1 if end_token is None else end_token,
            device=str(model.device),
            dtype=str(model.dtype).removeprefix("torch."),
            weights=model.weights,
            seconds=time.perf_counter() - began,
        )
        self._tell(client, [self._loaded])

    def _unload(self, why: str) -> None:
        for (client, id), job in self._jobs.items():
            job.release()
            self._tell(client, [Failed(id=id, message=why, hint="Ask again.")])
        self._jobs.clear()
        self._close_styles()
        self._model = self._batch = self._loaded = None
        give_back()

    def _close_styles(self) -> None:
        if self._styles is not None:
            self._styles.close()
        self._styles = None

    def _look_after_waiting(self) -> None:
        """Let requests begin whose texts are ready by now."""
        waiting = [(client, job) for (client, _), job in self._jobs.items() if isinstance(job, Waiting)]
        idle = len(waiting) == len(self._jobs)
        for client, job in waiting:
            self._attempt(client, job, partial(job.look, PATIENCE if idle else 0.0))
            if job.preparation.wait(0.0):
                self._attempt(client, job, partial(self._begin, client, job))

    def _begin(self, client: Client, job: Waiting | Knocking) -> list[Answer]:
        blend = job.preparation.result() if isinstance(job, Waiting) else None
        begun = self._job(job.request, blend)
        del self._jobs[client, job.id]  # what began before it comes before it: few texts can be half scored
        self._jobs[client, job.id] = begun
        return []

    def _let_guests_in(self) -> None:
        """Let requests of guests begin, where that may cost something."""
        knocking = [(client, job) for (client, _), job in self._jobs.items() if isinstance(job, Knocking)]
        for client, job in knocking:
            batch, began = self._batch, time.perf_counter()
            if batch is not None and not batch.guests_may_cost:
                return
            self._attempt(client, job, partial(self._begin, client, job))
            if batch is not None:
                batch.guests_cost(time.perf_counter() - began)

    def _seat(self) -> None:
        """Give rows that are free to requests that wait: to guests last, then to those with the fewest rows first."""
        while (batch := self._batch) is not None:
            waiting = [(client, job) for client, job in self._seated() if job.waits and batch.has_room(job.guest)]
            if not waiting:
                batch.recall()
                return
            client, job = min(waiting, key=lambda each: (each[1].guest, each[1].rows))
            self._attempt(client, job, job.seat)

    def _seated(self) -> list[tuple[Client, Seated]]:
        return [(client, job) for (client, _), job in self._jobs.items() if isinstance(job, Seated)]

    def _advance(self) -> None:
        if self._batch is None or not self._batch.rows:
            return
        batch, rows, began = self._batch, list(self._batch.rows), time.perf_counter()
        try:
            ready = batch.step()
        except Exception as error:
            batch.forget(rows)
            for client, job in self._seated():
                if job.rows:
                    self._fail(client, job, error)
            return
        for row, logits in ready:
            values = logits.numpy()
            owner = next(((client, job) for client, job in self._seated() if job.owns(row)), None)
            if owner is not None:  # it may have failed by another of its rows
                self._attempt(*owner, partial(self._take, owner[1], row, values))
        batch.took(time.perf_counter() - began)

    def _take(self, job: Seated, row: Row, values: Values) -> list[Answer]:
        """What the job makes of these logits, if they are any."""
        if not np.isfinite(values.min() + values.max()):
            assert self._batch is not None
            self._batch.clear(row)  # infinite keys would spoil any text that has the place after it
            raise EngineError("The model computed what is no number.", "Load it as float32, or check its files.")
        return job.take(row, values)

    def _attempt(self, client: Client, job: Job, act: Callable[[], list[Answer]]) -> None:
        try:
            answers = act()
        except Exception as error:
            self._fail(client, job, error)
            return
        if answers:
            self._tell(client, answers)
        if job.closed:
            self._jobs.pop((client, job.id), None)

    def _fail(self, client: Client, job: Job, error: Exception) -> None:
        job.release()
        self._jobs.pop((client, job.id), None)
        self._tell(client, [self._failed(job.id, error)])

    def _failed(self, id: str, error: Exception) -> Failed:
        """The fault as an answer; one that is no fault of the person's goes to stderr too, whole."""
        if isinstance(error, StudioError):
            return Failed(id=id, message=error.message, hint=error.hint)
        traceback.print_exception(error, file=sys.stderr)
        text = str(error).strip().partition("\n")[0]
        if ran_out(error):
            return Failed(id=id, message="There is not enough memory.", hint="Use a shorter text or a smaller model.")
        if "CUDA error" in text:
            self.broken = True
            print("The GPU cannot go on after that; the engine ends.", file=sys.stderr)
        message = f"The engine failed: {text or type(error).__name__}."
        return Failed(id=id, message=message, hint="Try it again.", unforeseen=True)


def _greeting(id: str, held: Loaded | None) -> Greeting:
    backend = f"PyTorch {torch.__version__.partition('+')[0]}"
    return Greeting(id=id, version=__version__, backend=backend, pid=os.getpid(), devices=devices(), holds=held)
