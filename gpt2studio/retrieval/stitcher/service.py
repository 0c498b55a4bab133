"""The stitcher as a service: the engine's requests in, answers out, a step at a time."""

import os
import sqlite3
import sys
import time
import traceback

import numpy as np

from gpt2studio import __version__
from gpt2studio.errors import EngineError, StudioError
from gpt2studio.paths import places
from gpt2studio.retrieval.stitcher.jobs import SEEN, Continuation, Job, Question, Scoring
from gpt2studio.retrieval.stitcher.model import StitchModel, open_model
from gpt2studio.retrieval.stitcher.turns import Turns
from gpt2studio.wire.messages import (
    Continue,
    Device,
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

DTYPE = "text"
"""What stands where other models tell the number type of their weights."""


class Service:
    """Holds the texts of one model and goes on with many texts at once."""

    broken = False
    """Whether only a new process could go on: never."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._jobs: dict[tuple[Client, str], Job] = {}
        self._model: StitchModel | None = None
        self._loaded: Loaded | None = None
        self._turns = Turns()

    @property
    def busy(self) -> bool:
        """Whether a step would do something."""
        return bool(self._jobs)

    @property
    def rest(self) -> float:
        """Seconds for which no step would do anything: all that is under way is read more slowly than it comes."""
        return max(0.0, min((job.due for job in self._jobs.values()), default=0.0) - time.perf_counter())

    def receive(self, client: Client, request: Request) -> None:
        """Take a request on; what is quick is answered at once, the rest by steps."""
        try:
            self._receive(client, request)
        except Exception as error:
            self._tell(client, [_failed(request.id, error)])

    def step(self) -> None:
        """Do the next piece of everything that is under way; of guests' requests, what the person's leave time for."""
        for (client, id), job in self._turns.next(self._wanted()):
            began = time.perf_counter()
            try:
                answers = job.work()
            except Exception as error:
                job.closed = True
                answers = [_failed(id, error)]
            job.pieces += 1
            self._turns.took(job, time.perf_counter() - began)
            if answers:
                self._tell(client, answers)
            if job.closed:
                self._jobs.pop((client, id), None)

    def _wanted(self) -> list[tuple[tuple[Client, str], Job]]:
        now = time.perf_counter()
        return [(key, job) for key, job in self._jobs.items() if job.due <= now]

    def serves(self, client: Client) -> bool:
        """Whether something that this client asked for is under way."""
        return any(key[0] == client for key in self._jobs)

    def part(self, client: Client) -> None:
        """Drop everything that this client asked for: it is gone."""
        for key in [key for key in self._jobs if key[0] == client]:
            del self._jobs[key]

    def _receive(self, client: Client, request: Request) -> None:
        if (client, request.id) in self._jobs:
            # Under the id it would close the request that runs.
            self._tell(client, [Failed(id="", message=f"Request “{request.id}” is already under way.")])
        elif isinstance(request, Stop):
            if (job := self._jobs.pop((client, request.request), None)) is not None:
                self._tell(client, job.stop())
        elif isinstance(request, Hello):
            self._tell(client, [_greeting(request.id, self._loaded)])
        elif isinstance(request, Load):
            self._load(client, request)
        elif isinstance(request, Unload):
            self._unload("The model was let go.")
            self._tell(client, [Unloaded(id=request.id)])
        else:
            self._jobs[client, request.id] = self._job(request)

    def _job(self, request: Request) -> Job:
        if self._model is None:
            raise EngineError("No model is loaded.", "Load one first.")
        if isinstance(request, Continue):
            return Continuation(request, self._model)
        if isinstance(request, Next):
            return Question(request, self._model)
        assert isinstance(request, Score)
        return Scoring(request, self._model)

    def _load(self, client: Client, request: Load) -> None:
        began = time.perf_counter()

        def report(what: str, done: int, total: int) -> None:
            if total:
                self._tell(client, [Loading(id=request.id, done=done, total=total)])
            else:
                print(what, file=sys.stderr, flush=True)

        model = open_model(request.model, places(), report)
        self._unload("Another model was loaded in the meantime.")
        self._model = model
        end_token = model.lexicon.tokenizer.vocabulary.end_token
        self._loaded = Loaded(
            id=request.id,
            model=request.model,
            parameters=0,
            n_positions=SEEN,
            vocabulary=model.lexicon.border,
            end_token=-1 if end_token is None else end_token,
            device="cpu",
            dtype=DTYPE,
            weights=model.whole.weight,
            seconds=time.perf_counter() - began,
        )
        self._tell(client, [self._loaded])

    def _unload(self, why: str) -> None:
        for client, id in self._jobs:
            self._tell(client, [Failed(id=id, message=why, hint="Ask again.")])
        self._jobs.clear()
        self._model = self._loaded = None


def _failed(id: str, error: Exception) -> Failed:
    """The fault as an answer; one that is no fault of the person's goes to stderr too, whole."""
    if isinstance(error, StudioError):
        return Failed(id=id, message=error.message, hint=error.hint)
    traceback.print_exception(error, file=sys.stderr)
    text = str(error).strip().partition("\n")[0]
    message = f"The stitcher failed: {text or type(error).__name__}."
    return Failed(id=id, message=message, hint="Try it again.", unforeseen=True)


def _greeting(id: str, held: Loaded | None) -> Greeting:
    backend = f"SQLite {sqlite3.sqlite_version}, NumPy {np.__version__}"
    cpu = Device(name="cpu", label="CPU", memory=0)
    return Greeting(id=id, version=__version__, backend=backend, pid=os.getpid(), devices=(cpu,), holds=held)
