"""The model writing into the story: what was asked for last, paced, kept as it comes."""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import partial
from typing import Any

from textual.worker import Worker

from gpt2studio.app.engine.link import EngineDied, EngineLink
from gpt2studio.app.write.desk import Desk
from gpt2studio.app.write.holding import held_in
from gpt2studio.app.write.joining import parting
from gpt2studio.app.write.orders import Doing, Order, Progress
from gpt2studio.app.write.pace import Pacer
from gpt2studio.app.write.under_way import Stream, UnderWay
from gpt2studio.errors import StudioError
from gpt2studio.stories.records import TokenRecord
from gpt2studio.wire.lines import to_plain
from gpt2studio.wire.messages import Continue, Ended, Finished, Loaded, Preparing, Started, Token
from gpt2studio.wire.sampling import Sampling

FRAME = 1 / 30
"""Seconds between two changes of the text on screen."""

CALM_FRAME = 1 / 12
"""The same while the person types: what they write comes first."""

_TYPING = 0.5
"""Seconds after an edit for which the person is taken to go on."""

_AHEAD = 2
"""Characters that say how what follows joins."""

_SPELT = 8
"""Tokens after which a single character must be complete."""


Spawn = Callable[[Callable[[], Coroutine[Any, Any, None]]], Worker[None]]
"""Has work done beside the app's own, and gives what can cancel it."""


class Writer:
    """Carries out orders to go on, the latest in place of the one before."""

    def __init__(self, desk: Desk, link: EngineLink, spawn: Spawn) -> None:
        self._desk = desk
        self._link = link
        self._spawn = spawn
        self._run: UnderWay | None = None
        self._worker: Worker[None] | None = None
        self._typed = -_TYPING
        self.progress = Progress()
        self.candidates: list[int] = []
        """The continuations that the person was given to choose among last, by their nodes."""
        self.on_progress: Callable[[Progress], None] = lambda progress: None
        desk.on_edit = self._edited

    @property
    def busy(self) -> bool:
        """Whether an order is being carried out."""
        return self._run is not None

    @property
    def open_node(self) -> int | None:
        """The continuation that is being written into the text."""
        if self._run is None or len(self._run.streams) == 1:
            return self._run.node if self._run is not None else None
        return self._desk.story.open_generation

    def go_on(self, order: Order) -> None:
        """Carry out this order, and no other."""
        self.stop()
        pace = order.settings.pace
        streams = [Stream(Pacer(pace, time.monotonic)) for _ in range(order.candidates)]
        self.candidates = []
        self._run = UnderWay(order, streams, order.at)
        self._worker = self._spawn(partial(self._carry_out, self._run))

    def stop(self, finish: str = "stopped") -> None:
        """End what is under way within a token, keeping what came."""
        run, worker, self._worker = self._run, self._worker, None
        if run is not None:
            self._end(run, finish)
        if worker is not None:
            worker.cancel()

    def keep_only(self, node: int) -> None:
        """Of several candidates go on with this one alone; if it has all come, with none."""
        run = self._run
        if run is None:
            return
        for stream in run.streams:
            if stream.node != node:
                self._close(run, stream, "stopped")
        if all(stream.over for stream in run.streams):
            self.stop()

    def forget_end(self) -> None:
        """How the last continuation ended is of no interest any more."""
        if not self.busy:
            self.progress = replace(self.progress, finish="")

    def forget_all(self) -> None:
        """Another story is on the desk."""
        self.stop()
        self.candidates = []
        self.progress = Progress(speed=self.progress.speed)

    # --- one order ---------------------------------------------------------------------------------------------------

    async def _carry_out(self, run: UnderWay) -> None:
        try:
            self._tell(Doing.WAITING, run)
            loaded = await self._link.ready()
            request = self._begin(run, loaded)
            self._tell(Doing.READING, run)
            await self._stream(run, request)
        except EngineDied:  # of which the link tells
            self._show(run, everything=True)
            self._end(run, "interrupted")
        except StudioError as error:
            self._end(run, "failed")
            if error is not self._link.state.trouble:
                self._desk.complain(error)
        else:
            self._end(run, run.finish)

    def _begin(self, run: UnderWay, loaded: Loaded) -> Continue:
        """Open the continuations in the story; what to ask of the engine."""
        story, order = self._desk.story, run.order
        request = Continue(
            id=self._link.new_id(),
            sampling=_chosen(order.token) if order.token is not None else order.settings.sampling,
            seed=self._seed(order.settings.seed),
            length=_SPELT if order.single else order.settings.length,
            candidates=order.candidates,
            style=order.settings.style,
            held=held_in(story),
            pace=float(order.settings.pace),
        )
        self._desk.break_step()
        for number, stream in enumerate(run.streams):
            alone = replace(request, candidates=1, first_candidate=number)
            kept = {**to_plain(alone), **_about(loaded), "model_name": self._model_name()}
            del kept["id"], kept["text"], kept["pace"]
            stream.node = story.begin(run.at, kept, retry_of=order.retry_of, current=order.candidates == 1)
            self._desk.mirror(story.moved)
        made = story.last_generation
        if run.node is None:
            self.candidates = [stream.node for stream in run.streams if stream.node is not None]
        elif made is not None:
            run.at = made.at
        if order.retry_of is not None:
            self._desk.manuscript.cursor_offset = run.at
        text = self._desk.manuscript.plain_document.text
        end = made.end if run.node is not None and made is not None else run.at
        run.before, run.after = text[: run.at][-1:], text[end : end + _AHEAD]
        return replace(request, text=text[: run.at])

    async def _stream(self, run: UnderWay, request: Continue) -> None:
        """Show tokens as they come, no faster than the pace."""
        reading = asyncio.create_task(self._read(run, request))
        try:
            while not reading.done() or any(len(stream.pacer) for stream in run.streams):
                await asyncio.sleep(CALM_FRAME if time.monotonic() - self._typed < _TYPING else FRAME)
                self._show(run)
                if all(stream.over for stream in run.streams):
                    return
            await reading
        finally:
            reading.cancel()

    async def _read(self, run: UnderWay, request: Continue) -> None:
        async with contextlib.aclosing(self._link.ask(request)) as answers:
            async for answer in answers:
                match answer:
                    case Preparing():
                        self._tell(Doing.READING, run, preparing=answer)
                    case Started():
                        self._tell(Doing.WRITING, run, answer)
                    case Token():
                        run.arrivals.append(time.monotonic())
                        run.streams[answer.candidate].pacer.put(_record(answer))
                        if run.order.single and answer.text:
                            return
                    case Ended():
                        stream = run.streams[answer.candidate]
                        stream.finish, stream.tail, stream.done = answer.finish, answer.text, True
                        run.finish = answer.finish
                    case Finished():
                        self._tell(Doing.WRITING, run, speed=answer.tokens_per_second)

    def _show(self, run: UnderWay, everything: bool = False) -> None:
        """Put the tokens that are due into the story."""
        if run is not self._run or not run.begun:
            return
        for stream in run.streams:
            due = stream.take(everything)
            if due and stream.node is not None and not stream.over:
                self._desk.mirror([self._desk.story.extend(stream.node, due)])
            if stream.done and not stream.pacer and len(run.streams) > 1:
                self._close(run, stream, stream.finish)
        self._tell(self.progress.doing, run)

    def _end(self, run: UnderWay, finish: str) -> None:
        if run is not self._run:
            return
        self._run = None
        for stream in run.streams:
            self._close(run, stream, stream.finish if stream.done and not stream.pacer else finish)
        self._desk.break_step()
        self._tell(Doing.IDLE, run, finish=finish)

    @property
    def _window_start(self) -> int:
        """Where the part of the text began that the model saw this time; -1 where it has seen nothing yet."""
        return self.progress.seen.window_start if self.progress.doing is Doing.WRITING and self.progress.seen else -1

    def _close(self, run: UnderWay, stream: Stream, finish: str) -> None:
        """End a continuation in the story, once, set apart from what follows it there."""
        tail = stream.tail if stream.done and not stream.pacer else ""
        if not stream.over and stream.node is not None and stream.node in self._desk.story.open_generations:
            gap = parting(run.before, tail or stream.last, run.after)
            ended = self._desk.story.end(stream.node, finish, tail + gap, self._window_start)
            self._desk.mirror([ended])
            manuscript = self._desk.manuscript
            if gap and ended is not None and manuscript.cursor_offset == ended.at + len(tail + gap):
                manuscript.cursor_offset -= len(gap)  # what comes next comes before it
        stream.over = True

    def _edited(self, at: int, removed: str, inserted: str) -> None:
        """Keep the place while the person writes elsewhere; give up where they have overwritten it."""
        self._typed = time.monotonic()
        run = self._run
        if run is None:
            return
        if not run.begun:
            if at <= run.at:
                run.at = at + len(inserted) + max(0, run.at - at - len(removed))
        elif run.node is not None and run.node not in self._desk.story.open_generations:
            self.stop("overwritten")

    def _tell(
        self,
        doing: Doing,
        run: UnderWay,
        seen: Started | None = None,
        finish: str = "",
        speed: float | None = None,
        preparing: Preparing | None = None,
    ) -> None:
        if doing is not Doing.IDLE and run is not self._run:
            return  # a line that was already on its way when the person stopped this
        self.progress = Progress(
            doing,
            finish,
            sum(stream.tokens for stream in run.streams) // len(run.streams),
            sum(stream.words for stream in run.streams) // len(run.streams),
            speed if speed is not None else run.speed or self.progress.speed,
            seen or self.progress.seen,
            preparing,
        )
        self.on_progress(self.progress)

    def _seed(self, pinned: int | None) -> int:
        """What the draws follow: fresh, or from the pinned seed and the continuation's number."""
        if pinned is None:
            return secrets.randbits(32)
        return pinned + self._desk.story.generations

    def _model_name(self) -> str:
        choice = self._link.state.choice
        return choice.name if choice is not None else ""


def _record(token: Token) -> TokenRecord:
    return TokenRecord(token.token, token.text, token.logprob, token.rank, source=token.source)


def _chosen(token: int) -> Sampling:
    """Sampling that can draw nothing but this token."""
    return Sampling(temperature=0.0, top_k=0, bias={str(token): 1e4}, order=("bias", "temperature"))


def _about(loaded: Loaded) -> dict[str, Any]:
    """What of the model it takes to make a continuation again."""
    return {
        "model": loaded.model,
        "n_positions": loaded.n_positions,
        "device": loaded.device,
        "dtype": loaded.dtype,
    }
