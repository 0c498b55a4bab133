"""The form of a new run: what it counts and measures, what it refuses, and how it begins a run."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input, Static

from gpt2studio.app.dialogs.pick_file import PickFileScreen
from gpt2studio.app.engine.model_choice import ModelChoice
from gpt2studio.app.memory import MemoryFile
from gpt2studio.app.train.new import starting as run_starting
from gpt2studio.app.train.new import study as run_study
from gpt2studio.app.train.new.fields import AFTER, MODEL, NAME, RATE, STEPS, TEXTS, WHEN
from gpt2studio.app.train.new.filling import Filled, NewRunRoom
from gpt2studio.app.train.new.rows import FormRow
from gpt2studio.app.train.new.screen import NewRunScreen
from gpt2studio.app.train.new.starting import EXAMPLE
from gpt2studio.errors import StudioError
from gpt2studio.library.installed import InstalledModel
from gpt2studio.paths import shipped
from gpt2studio.runs.counting import Answer, Looked
from gpt2studio.runs.events import Device, Prepared, Probed
from gpt2studio.runs.launch import Launch
from gpt2studio.runs.probe import DoesNotFit, Needs
from gpt2studio.runs.queue import Queue
from gpt2studio.runs.recipe import Recipe, Texts
from gpt2studio.runs.registry import Runs
from tests.app.studios import places
from tests.app.train.test_run_draft import COUNTED
from tests.app.waiting import until

STORYTELLER = InstalledModel(
    name="storyteller", path=shipped("models") / "storyteller", parameters=7_098_368, memory_to_train=10**9
)
OTHER = InstalledModel(name="other", path=Path("/models/other"), parameters=124_000_000)
OTHER_CHOICE = ModelChoice(OTHER.name, OTHER.path)


@dataclass
class Machine:
    """What stands in for the processes that count, measure and train."""

    asked: list[Texts] = field(default_factory=list)
    fault: StudioError | None = None
    probed: list[Recipe] = field(default_factory=list)
    started: list[str] = field(default_factory=list)

    async def counted(self, texts: Texts, model: Path) -> AsyncGenerator[Answer, None]:
        self.asked.append(texts)
        if self.fault is not None:
            raise self.fault
        yield Looked(files=1, size=66_500, first=texts.paths[0], text="MARGO: [b]You[/b] are Toby.\x1b[2J\nTOBY: Yes.")
        yield COUNTED


class Probing:
    """A probe that answers when the test says so."""

    machine: Machine

    def __init__(self, folder: Path, tell: object) -> None:
        self.tell, self.number, self.running = tell, 0, False

    def start(self, recipe: Recipe) -> None:
        self.stop()
        self.running = True
        self.machine.probed.append(recipe)

    def stop(self) -> None:
        self.number += 1
        self.running = False


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine()
    Probing.machine = made
    monkeypatch.setattr(run_study, "counted", made.counted)
    monkeypatch.setattr(run_study, "Probing", Probing)
    monkeypatch.setattr(run_study, "_CALM", 0.0)
    monkeypatch.setattr(run_starting, "start", lambda run, launch: _started(made, run.name, launch))
    monkeypatch.setattr(Queue, "keep", lambda self: None)
    return made


def _started(machine: Machine, name: str, launch: Launch) -> None:
    assert launch.detach
    machine.started.append(name)


@dataclass
class Form:
    pilot: Pilot[None]
    screen: NewRunScreen
    runs: Runs
    begun: list[str | None]

    def text(self, id: str) -> str:
        return str(self.screen.query_one(f"#{id}", Static).content)

    def shown(self, id: str) -> str:
        row = next(row for row in self.screen.query(FormRow) if row.field == id)
        return str(getattr(row.control, "placeholder", "") or getattr(row.control, "content", ""))

    async def counted(self) -> None:
        await until(self.pilot, lambda: self.screen.study.counted is not None)
        await self.pilot.pause()

    async def type(self, id: str, text: str) -> None:
        self.screen.form.focus_field(id)
        await until(self.pilot, lambda: self.screen.form.field_in_view == id)
        await self.pilot.press(*text)
        await self.pilot.pause()


@asynccontextmanager
async def form(
    home: Path, *, busy: bool = False, filled: Filled | None = None, choice: ModelChoice | None = None
) -> AsyncIterator[Form]:
    app: App[None] = App()
    here = places(home)
    begun: list[str | None] = []
    room = NewRunRoom(
        places=here,
        memory=MemoryFile(here.state / "app.json"),
        models=lambda: (STORYTELLER, OTHER),
        choice=choice or ModelChoice("storyteller", STORYTELLER.path),
        busy=busy,
        filled=filled or Filled(),
    )
    async with app.run_test(size=(80, 24)) as pilot:
        screen = NewRunScreen(room)
        await app.push_screen(screen, begun.append)
        await pilot.pause()
        yield Form(pilot, screen, Runs(here.runs), begun)


def needs(recipe: Recipe, **probed: object) -> Needs:
    measured = Probed(
        time=0.0, seconds_per_step=0.5, memory=10**9, checkpoint=10**8, micro_batch=4, checkpointing=False
    )
    return Needs(
        recipe=recipe,
        data=Prepared(time=0, documents=1, tokens=9, held_out_tokens=1, windows=1, window=9, digest=""),
        device=Device(
            time=0,
            device="cpu",
            label="CPU, 2 threads",
            memory=0,
            dtype="float32",
            processes=1,
            parameters=7,
            trained=7,
            steps=58,
            tokens_per_step=4096,
        ),
        probed=replace(measured, **probed),  # type: ignore[arg-type]
        memory_there=16 * 10**9,
        disk_there=10**10,
    )


async def test_one_key_starts_the_shipped_model_on_the_shipped_script(tmp_path: Path, machine: Machine) -> None:
    async with form(tmp_path) as it:
        await it.pilot.press("f5")
        await until(it.pilot, lambda: bool(it.begun))
        assert it.begun == ["run1"]
        assert machine.started == ["run1"]
        recipe = it.runs.find("run1").recipe
        assert recipe.texts.paths == (str(EXAMPLE),)
        assert (recipe.parent, recipe.model) == ("storyteller", str(STORYTELLER.path))


async def test_who_writes_with_a_run_begins_the_next_where_that_run_began(tmp_path: Path, machine: Machine) -> None:
    base = tmp_path / "tales"
    base.mkdir()
    recipe = Recipe(model=str(base), parent="tales", texts=Texts(paths=("/t",)))
    run = Runs(places(tmp_path).runs).create("play", recipe)
    saved = ModelChoice("play@best", run.checkpoints / "step-000100")
    for choice, begun_from in ((saved, "tales"), (ModelChoice.live(run.path), "tales"), (OTHER_CHOICE, "other")):
        async with form(tmp_path, choice=choice) as it:
            assert it.shown(MODEL) == begun_from
    base.rmdir()
    async with form(tmp_path, choice=saved) as it:
        assert it.shown(MODEL) == "storyteller"


async def test_defaults_and_the_text_are_shown_once_they_are_counted(tmp_path: Path, machine: Machine) -> None:
    async with form(tmp_path) as it:
        await it.counted()
        assert it.shown(STEPS) == "58"
        assert it.shown(RATE) == "0.0005"
        assert "22,739 tokens in 23 windows" in it.text("text")
        assert "MARGO: [b]You[/b] are Toby.␛[2J" in it.text("text")
        await it.type(STEPS, "100")
        await until(it.pilot, lambda: it.shown("samples.every") == "20")


async def test_what_it_takes_is_measured_and_what_does_not_fit_comes_with_what_would(
    tmp_path: Path, machine: Machine
) -> None:
    async with form(tmp_path) as it:
        await it.counted()
        await until(it.pilot, lambda: bool(machine.probed))
        study = it.screen.study
        found = needs(study.whole or machine.probed[0])
        study._told(study._probing.number, found)
        await it.pilot.pause()
        assert "Memory   1.0 GB of 16 GB" in it.text("takes")
        assert "58 steps, 29 s" in it.text("takes")
        study._told(study._probing.number, needs(found.recipe, memory=15 * 10**9, checkpoint=10**10))
        await it.pilot.pause()
        assert "too much memory. Under More, Micro-batch 2 or Checkpointing or Train: LoRA need less." in it.text(
            "takes"
        )
        assert "With Keep 1" in it.text("takes")
        study._told(study._probing.number, DoesNotFit("There is not enough memory.", "--lora"))
        study._told(study._probing.number - 1, found)
        await it.pilot.pause()
        assert "Under More" in it.text("takes")
        assert "--lora" not in it.text("takes")


async def test_another_number_has_it_measured_anew_and_another_name_does_not(tmp_path: Path, machine: Machine) -> None:
    async with form(tmp_path) as it:
        await it.counted()
        await until(it.pilot, lambda: len(machine.probed) == 1)
        await it.type("name", "x")
        await it.type("schedule.batch_size", "2")
        await until(it.pilot, lambda: len(machine.probed) == 2)
        assert machine.probed[1].schedule.batch_size == 2
        assert len(machine.asked) == 1


async def test_what_means_nothing_is_marked_and_start_goes_there(tmp_path: Path, machine: Machine) -> None:
    async with form(tmp_path) as it:
        await it.type(STEPS, "abc")
        it.screen.form.focus_field(TEXTS)
        await it.pilot.press("f5")
        await it.pilot.pause()
        assert not machine.started
        assert it.screen.form.field_in_view == STEPS
        assert "✗ Steps: “abc” is no whole number." in it.text("advice")
        await it.pilot.press("backspace", "backspace", "backspace", "5", "f5")
        await until(it.pilot, lambda: machine.started == ["run1"])


async def test_a_text_that_cannot_be_learned_from_is_told_and_not_started(tmp_path: Path, machine: Machine) -> None:
    machine.fault = StudioError("/texts/a.bin, line 1: byte 0x89 is not UTF-8.", "Save it as UTF-8.")
    async with form(tmp_path) as it:
        await until(it.pilot, lambda: it.screen.study.fault is not None)
        await it.pilot.press("down", "f5")
        assert it.screen.form.field_in_view == TEXTS
        assert "byte 0x89" in it.text("advice")
        assert not machine.started


async def test_a_taken_name_is_refused_until_it_is_to_go_on(tmp_path: Path, machine: Machine) -> None:
    async with form(tmp_path) as it:
        await it.pilot.press("f5")
        await until(it.pilot, lambda: bool(it.begun))
    async with form(tmp_path) as it:
        await it.type("name", "run1")
        await it.pilot.press("f5")
        await it.pilot.pause()
        assert "There is a run “run1” already." in it.text("advice")
        await it.pilot.press("down", "right", "f5")
        await until(it.pilot, lambda: machine.started == ["run1", "run1"])
    async with form(tmp_path) as it:
        await it.type("name", "other")
        await it.pilot.press("f5")
        await it.pilot.pause()
        assert "There is a model “other” already." in it.text("advice")


@pytest.mark.parametrize("name", ["bad/name", "a@b", ".", "x" * 300])
async def test_a_name_that_no_run_can_have_is_marked_and_not_started(
    tmp_path: Path, machine: Machine, name: str
) -> None:
    async with form(tmp_path) as it:
        it.screen.form.focus_field(NAME)
        it.screen.form.fill({NAME: name})
        await until(it.pilot, lambda: "cannot be a run's name" in it.text("advice"))
        await it.pilot.press("down", "right")  # to go on from the latest there is nothing either
        await it.pilot.press("f5")
        await it.pilot.pause()
        assert it.screen.form.field_in_view == NAME
        assert not machine.started


async def test_while_a_run_is_under_way_the_next_waits_unless_told_otherwise(tmp_path: Path, machine: Machine) -> None:
    async with form(tmp_path, busy=True) as it:
        assert it.screen.form.value(WHEN) == AFTER
        assert it.screen.form.border_subtitle == "begins when the other runs have ended"
        await it.pilot.press("f5")
        await until(it.pilot, lambda: bool(it.begun))
        assert machine.started == []
        assert [run.name for run in Queue(it.runs).waiting()] == ["run1"]


async def test_a_start_that_a_person_chose_stays_chosen(tmp_path: Path, machine: Machine) -> None:
    kept = Filled()
    async with form(tmp_path, busy=True, filled=kept) as it:
        it.screen.form.focus_field(WHEN)
        await until(it.pilot, lambda: it.screen.form.field_in_view == WHEN)
        await it.pilot.press("right", "escape")
    async with form(tmp_path, busy=True, filled=kept) as it:
        assert it.screen.form.border_subtitle == ""
        await it.pilot.press("f5")
        await until(it.pilot, lambda: machine.started == ["run1"])


async def test_what_was_filled_in_is_there_when_the_form_is_opened_again(tmp_path: Path, machine: Machine) -> None:
    kept = Filled()
    async with form(tmp_path, filled=kept) as it:
        await it.type(STEPS, "77")
        await it.pilot.press("escape")
        assert it.begun == [None]
    async with form(tmp_path, filled=kept) as it:
        assert it.screen.form.value(STEPS) == "77"
        await it.pilot.press("f5")
        await until(it.pilot, lambda: bool(it.begun))
        assert it.runs.find("run1").recipe.schedule.steps == 77


async def test_a_text_is_remembered_once_a_run_learns_from_it_and_backspace_brings_the_example_back(
    tmp_path: Path, machine: Machine
) -> None:
    async with form(tmp_path) as it:
        it.screen._take_texts(TEXTS, ("/texts/a.txt", "/texts/b.txt"))
        await it.pilot.pause()
        assert it.shown(TEXTS) == "2 texts: a.txt, b.txt"
        assert it.screen.room.memory.memory.texts == ()
        await it.pilot.press("f5")
        await until(it.pilot, lambda: bool(it.begun))
    async with form(tmp_path) as it:
        assert it.shown(TEXTS) == "2 texts: a.txt, b.txt"
        await it.pilot.press("backspace")
        assert it.shown(TEXTS) == EXAMPLE.name


async def test_a_path_typed_over_the_text_opens_one_dialog_with_all_of_it(tmp_path: Path, machine: Machine) -> None:
    async with form(tmp_path) as it:
        control = it.screen.form.pick(TEXTS)
        for character in "abc":
            control.post_message(control.Opened(TEXTS, character))
        await until(it.pilot, lambda: isinstance(it.pilot.app.screen, PickFileScreen))
        await it.pilot.pause()
        assert it.pilot.app.screen.query_one(Input).value == "abc"
        await it.pilot.press("escape")
        assert it.pilot.app.screen is it.screen


async def test_a_disk_without_room_for_a_checkpoint_is_told(
    tmp_path: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_starting, "free_disk", lambda folder: 1_000_000)
    async with form(tmp_path) as it:
        await it.counted()
        await it.pilot.press("f5")
        await until(it.pilot, lambda: bool(it.pilot.app._notifications))
        assert "no room for a checkpoint" in next(iter(it.pilot.app._notifications)).title
        assert machine.started == []
        assert not it.runs.all()


async def test_the_arrows_walk_through_the_fields_and_the_rest_unfolds(tmp_path: Path, machine: Machine) -> None:
    async with form(tmp_path) as it:
        await it.pilot.press(*["down"] * 8, "enter", "down")
        assert it.screen.form.field_in_view == WHEN
        assert it.shown(WHEN) == "‹ now ›"
        await it.pilot.press("up", "up")
        assert it.screen.form.field_in_view == "keeping.every"
        assert it.shown(WHEN) == "now"
