"""What a person can have done to the run in view, key by key."""

from abc import abstractmethod
from collections.abc import Coroutine
from typing import Any

from textual import work
from textual.screen import Screen

from gpt2studio.app.common.shown import shown
from gpt2studio.app.common.wording import count
from gpt2studio.app.dialogs.ask import AskScreen
from gpt2studio.app.dialogs.confirm import ConfirmScreen
from gpt2studio.app.train import steering
from gpt2studio.app.train.view import RunView
from gpt2studio.app.train.watch import WatchedRun
from gpt2studio.app.train.wording import rate
from gpt2studio.errors import StudioError, UsageError
from gpt2studio.runs.control import ChangeRate, EndRun, GoOn, Pause, SampleNow, SaveNow
from gpt2studio.runs.standing import Standing
from gpt2studio.wire.messages import Request

_LIVE = (Standing.RUNNING, Standing.PAUSED)
_APPLIES: dict[str, tuple[Standing, ...]] = {
    "pause": (Standing.RUNNING,),
    "go_on": (Standing.PAUSED,),
    "resume": tuple(each for each in Standing if each not in (*_LIVE, Standing.NEW)),
    "sample_now": _LIVE,
    "save_now": _LIVE,
    "stop_run": _LIVE,
    "change_rate": _LIVE,
    "remove_run": tuple(each for each in Standing if each not in _LIVE),
}
"""At which standings of a run a command has something to do; one that is not here always has."""

_SAID = {SaveNow: "saved at step", SampleNow: "sampled at step"}
"""What is said of what does not show by itself."""


class SteerScreen(Screen[None]):
    """Steers the run in view. Nothing here waits for a trainer: what it answers is told when it comes."""

    view: RunView

    @property
    @abstractmethod
    def run_in_view(self) -> WatchedRun | None:
        """The run that is shown."""

    @abstractmethod
    def complain(self, error: StudioError) -> None:
        """Tell the person of a fault, and what to do next."""

    @abstractmethod
    async def look_again(self) -> None:
        """Show at once what has become of the runs."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A command is offered while the run in view is such that it has something to do."""
        run = self.run_in_view
        if action in _APPLIES:
            return run is not None and run.standing in _APPLIES[action]
        if action == "write_with":
            return run is not None and (run.alive or bool(run.progress.checkpoints))
        if action in ("zoom", "log_axis"):
            return run is not None
        if action in ("open_sample", "sample_previous", "sample_next"):
            return bool(self.view.samples.shown_samples)
        return True

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        self.run_worker(self._told(work), group="steering")

    async def _told(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except StudioError as error:
            self.complain(error)
        await self.look_again()

    async def _ask(self, run: WatchedRun, request: Request) -> None:
        done = await steering.tell(run.run, request)
        if said := _SAID.get(type(request)):
            self.notify(f"{run.name} {said} {count(done.step)}.", markup=False, timeout=3)

    def _tell(self, request: Request) -> None:
        if (run := self.run_in_view) is not None:
            self._do(self._ask(run, request))

    def action_pause(self) -> None:
        """Have it wait, weights in memory."""
        self._tell(Pause(id="1"))

    def action_go_on(self) -> None:
        """End the pause."""
        self._tell(GoOn(id="1"))

    def action_sample_now(self) -> None:
        """Have it write its samples."""
        self._tell(SampleNow(id="1"))

    def action_save_now(self) -> None:
        """Have it save a checkpoint."""
        self._tell(SaveNow(id="1"))

    def action_stop_run(self) -> None:
        """Have it save a checkpoint and end."""
        self._tell(EndRun(id="1"))

    @work(group="asking")
    async def action_change_rate(self) -> None:
        """Ask for another learning rate."""
        run = self.run_in_view
        if run is None:
            return
        curve = run.progress.curve
        now = rate(curve.rates[-1]) if curve else ""
        hint = "a step may be a tenth or ten times as long · Esc leaves it"
        answer = await self.app.push_screen_wait(AskScreen(f"The learning rate of {run.name} from now on", now, hint))
        if answer and answer != now:
            try:
                self._do(self._ask(run, ChangeRate(id="1", learning_rate=_number(answer))))
            except StudioError as error:
                self.complain(error)

    @work(group="asking")
    async def action_resume(self) -> None:
        """Go on with a run that has ended; ask for what has to be known first."""
        run = self.run_in_view
        if run is None:
            return
        now, ground = run.standing, await steering.footing(run.run)
        try:
            match now:
                case Standing.COMPLETE:
                    hint = "it was complete · Enter begins · Esc"
                    answer = await self._number_of(f"How many more steps for {run.name}?", "100", hint)
                    if answer:
                        self._do(steering.resume(run.run, more_steps=answer))
                case Standing.KILLED if ground.micro_batch > 1:
                    title = f"From step {ground.step}, windows at once (it had {ground.micro_batch})"
                    hint = "half need less memory, the result is the same · Esc"
                    answer = await self._number_of(title, str(ground.micro_batch // 2), hint)
                    if answer:
                        self._do(steering.resume(run.run, micro_batch=answer))
                case _:
                    self._do(steering.resume(run.run))
        except StudioError as error:
            self.complain(error)

    async def _number_of(self, question: str, usual: str, hint: str) -> int | None:
        answer = await self.app.push_screen_wait(AskScreen(question, usual, hint))
        return round(_number(answer)) if answer else None

    @work(group="asking")
    async def action_remove_run(self) -> None:
        """Take the run away, once the person is sure."""
        run = self.run_in_view
        if run is None:
            return
        words = f"Its checkpoints and samples go with it: {run.run.path}"
        if await self.app.push_screen_wait(ConfirmScreen(f"Remove {shown(run.name)} for good?", words, "removes it")):
            self._do(steering.remove(run.run))

    # --- looking -----------------------------------------------------------------------------------------------------

    def action_log_axis(self) -> None:
        """Equal heights for equal ratios, and back."""
        self.view.chart.logarithmic = not self.view.chart.logarithmic

    def action_zoom(self) -> None:
        """Less of the steps, then all of them again."""
        self.view.zoom()

    def action_run_log(self) -> None:
        """The log in place of the samples, and back."""
        self.view.log_first = not self.view.log_first

    def action_sample_previous(self) -> None:
        """What it wrote before."""
        self.view.samples.turn(-1)

    def action_sample_next(self) -> None:
        """What it wrote after that."""
        self.view.samples.turn(1)


def _number(text: str) -> float:
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise UsageError(f"“{text}” is no such number.", "Give one above 0: 100, or 2e-4.")
    return number
