"""The Models screen: models are fetched, brought in, taken out, checked, named and removed there."""

import dataclasses
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList, Static

from gpt2studio.app.dialogs.ask import AskScreen
from gpt2studio.app.dialogs.confirm import ConfirmScreen
from gpt2studio.app.engine.model_choice import ModelChoice
from gpt2studio.app.models import find_models
from gpt2studio.app.models.download import DownloadScreen
from gpt2studio.app.models.export_model import ExportScreen
from gpt2studio.app.models.find_models import FindModelsScreen
from gpt2studio.app.models.import_model import ImportScreen
from gpt2studio.app.models.jobs import State
from gpt2studio.app.models.screen import ModelsScreen
from gpt2studio.app.models.stock import DOWNLOAD, Import
from gpt2studio.formats.checkpoint import open_checkpoint
from gpt2studio.formats.tensorflow_write import write_openai
from gpt2studio.formats.vocabulary import Vocabulary
from gpt2studio.library.adopt import adopt
from gpt2studio.library.provenance import Provenance, read_provenance, write_provenance
from gpt2studio.runs.recipe import Recipe, Texts
from gpt2studio.runs.registry import Runs
from gpt2studio.settings import Settings
from tests.app.studios import Bench, Setup, opened, places
from tests.formats.tiny import SHAPE, numbers_of, tensors, write_tiny, write_vocabulary
from tests.library.hub import REPOSITORY, Hub, served


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    folder = write_tiny(tmp_path / "published")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    with served(Hub(files={path.name: path.read_bytes() for path in folder.iterdir()})) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        yield hub


@asynccontextmanager
async def at_models(tmp_path: Path, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Bench]:
    """A studio with the Models screen in view."""
    async with opened(Setup(tmp_path / "home", size=size)) as bench:
        await bench.pilot.press("f3")
        await bench.until(lambda: bool(bench.studio.stock.models))
        await bench.pilot.pause()
        assert isinstance(bench.studio.screen, ModelsScreen)
        yield bench


def installed(tmp_path: Path, name: str) -> Path:
    """A small model among those of the studio."""
    return adopt(write_tiny(tmp_path / f"source-of-{name}"), name, places(tmp_path / "home"))


def said(bench: Bench) -> str:
    """What the dialog says below its fields."""
    found = bench.studio.screen.query("#said")
    return str(found.first(Static).content) if found else ""


async def look_at(bench: Bench, name: str) -> None:
    bench.studio.models.pane.look_at(name)
    await bench.pilot.pause()
    assert bench.studio.models.model is not None
    assert bench.studio.models.model.name == name


async def at_end(bench: Bench, kind: str, name: str) -> State:
    """How that work ended."""
    await bench.until(lambda: (job := bench.studio.stock.jobs.find(kind, name)) is not None and not job.active)
    job = bench.studio.stock.jobs.find(kind, name)
    assert job is not None
    await bench.until(lambda: job.words[:20] in bench.screen_text())
    return job.state


async def fetch(bench: Bench, name: str) -> None:
    """Through both dialogs, as a person goes."""
    await bench.pilot.press("d")
    await bench.until(lambda: isinstance(bench.studio.screen, FindModelsScreen))
    bench.studio.screen.query_one(Input).value = REPOSITORY
    await bench.pilot.pause()
    await bench.pilot.press("enter")
    await bench.until(lambda: isinstance(bench.studio.screen, DownloadScreen))
    await bench.shows("free on the disk")
    bench.studio.screen.query_one(Input).value = name
    await bench.pilot.press("enter")
    await bench.until(lambda: isinstance(bench.studio.screen, ModelsScreen))


async def test_a_model_of_the_hub_is_fetched_through_cuts_and_written_with(tmp_path: Path, hub: Hub) -> None:
    hub.faults["model.safetensors"] = ["cut:100", "cut:300"]
    async with at_models(tmp_path) as bench:
        await fetch(bench, "tales")
        job = bench.studio.stock.jobs.find(DOWNLOAD, "tales")
        assert job is not None
        assert await at_end(bench, DOWNLOAD, "tales") is State.DONE
        assert hub.asked("model.safetensors") == ["", "bytes=100-", "bytes=400-"]
        await bench.until(lambda: any(model.name == "tales" for model in bench.studio.stock.models))
        await look_at(bench, "tales")
        await bench.shows("the hub: someone/tales")
        await bench.pilot.press("enter")
        assert bench.studio.link.state.choice is not None
        assert bench.studio.link.state.choice.name == "tales"


async def test_a_download_that_the_end_of_the_app_cut_off_is_listed_and_goes_on(tmp_path: Path, hub: Hub) -> None:
    hub.faults["model.safetensors"] = ["stall:200"]
    async with at_models(tmp_path) as bench:
        await fetch(bench, "tales")
        await bench.until(hub.stalling.is_set)
        bench.studio.stock.jobs.all[0].stop(State.PAUSED)
        hub.closing.set()
        await bench.until(lambda: not bench.studio.stock.jobs.active)
        assert "paused" in bench.studio.stock.jobs.all[0].words
    async with at_models(tmp_path) as bench:
        await bench.shows("Download tales")
        await bench.shows("paused")
        assert not any(model.name == "tales" for model in bench.studio.stock.models)
        await bench.pilot.press("p")
        assert await at_end(bench, DOWNLOAD, "tales") is State.DONE
        assert "bytes=200-" in hub.asked("model.safetensors")


async def test_what_is_wrong_with_a_download_is_told_in_the_pane(tmp_path: Path, hub: Hub) -> None:
    hub.faults["model.safetensors"] = ["page", "page"]
    async with at_models(tmp_path) as bench:
        await fetch(bench, "tales")
        assert await at_end(bench, DOWNLOAD, "tales") is State.FAILED
        await bench.shows("✗ Download tales")
        await bench.until(lambda: "web page" in bench.told)
        assert not any(model.name == "tales" for model in bench.studio.stock.models)


async def test_thrown_away_work_leaves_nothing_behind(tmp_path: Path, hub: Hub) -> None:
    hub.faults["model.safetensors"] = ["page"]
    async with at_models(tmp_path) as bench:
        await fetch(bench, "tales")
        await at_end(bench, DOWNLOAD, "tales")
        await bench.pilot.press("tab", "delete")
        await bench.until(lambda: isinstance(bench.studio.screen, ConfirmScreen))
        await bench.pilot.press("y")
        await bench.until(lambda: not bench.studio.stock.jobs.all)
        assert not (tmp_path / "home" / "models" / ".downloads" / "tales").exists()


async def test_a_download_begins_at_the_small_gpt2_and_says_what_fits(
    tmp_path: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(find_models, "total_memory", lambda: 3_000_000_000)
    async with at_models(tmp_path, (80, 24)) as bench:
        await bench.pilot.press("d")
        await bench.shows("GPT-2, small, by OpenAI")
        screen = bench.studio.screen
        assert isinstance(screen, FindModelsScreen)
        rows = {each.name: each.figures for each in screen._rows}
        assert screen._rows[screen.query_one(OptionList).highlighted or 0].name == "124M"
        assert rows["124M"].endswith("· fits")
        assert rows["1558M"].endswith("· does not fit")


async def test_the_hub_is_searched_by_words(tmp_path: Path, hub: Hub) -> None:
    async with at_models(tmp_path, (80, 24)) as bench:
        await bench.pilot.press("slash")
        await bench.shows("GPT-2, small, by OpenAI")
        await bench.pilot.press(*"tales", "enter")
        await bench.shows("someone/tales")
        await bench.shows("7 fetched it")
        hub.api_status = 401
        await bench.pilot.press("x", "enter")
        await bench.shows("asks for a token")
        await bench.pilot.press("escape")
        assert isinstance(bench.studio.screen, ModelsScreen)


async def test_an_import_says_what_it_found_and_copies_it(tmp_path: Path) -> None:
    write_openai(tmp_path / "run1", SHAPE, tensors(), Vocabulary(*write_vocabulary(tmp_path / "vocabulary")))
    async with at_models(tmp_path) as bench:

        def bring(wanted: Import | None) -> None:
            assert wanted is not None
            bench.studio.stock.bring_in(wanted)

        bench.studio.push_screen(ImportScreen(tmp_path / "run1", bench.studio.stock), bring)
        await bench.until(lambda: "a TensorFlow checkpoint" in said(bench))
        assert "2 layers of 8, 2 heads" in said(bench)
        await bench.pilot.press("enter")
        assert await at_end(bench, "Import", "run1") is State.DONE
    assert numbers_of(open_checkpoint(tmp_path / "home" / "models" / "run1")) == {
        tensor.name: bytes(tensor.data) for tensor in tensors()
    }


async def test_what_lacks_a_vocabulary_asks_for_a_model_that_has_it(tmp_path: Path) -> None:
    folder = write_tiny(tmp_path / "somewhere" / "bare")
    like = write_tiny(tmp_path / "elsewhere" / "like")
    for name in ("vocab.json", "merges.txt"):
        (folder / name).unlink()
    async with at_models(tmp_path) as bench:
        bench.studio.push_screen(ImportScreen(folder, bench.studio.stock))
        await bench.until(lambda: "comes without a vocabulary" in said(bench))
        await bench.pilot.press("enter")
        assert isinstance(bench.studio.screen, ImportScreen)
        bench.studio.screen.query(Input).last().value = str(like)
        await bench.until(lambda: "Hugging Face's layout" in said(bench))
        assert "its vocabulary is that of" in said(bench)


async def test_an_export_never_replaces_what_is_there(tmp_path: Path) -> None:
    installed(tmp_path, "tales")
    (tmp_path / "there").mkdir()
    async with at_models(tmp_path) as bench:
        await look_at(bench, "tales")
        await bench.pilot.press("e")
        await bench.until(lambda: isinstance(bench.studio.screen, ExportScreen))
        line = bench.studio.screen.query_one(Input)
        line.value = str(tmp_path / "there")
        await bench.pilot.press("enter")
        await bench.until(lambda: "is there already" in said(bench))
        line.value = str(tmp_path / "out")
        await bench.pilot.press("right", "enter")  # for the tools of 2019
        assert await at_end(bench, "Export", "tales") is State.DONE
    assert numbers_of(open_checkpoint(tmp_path / "out")) == {each.name: bytes(each.data) for each in tensors()}
    assert (tmp_path / "out" / "hparams.json").is_file()


async def test_a_model_is_renamed_noted_and_removed(tmp_path: Path) -> None:
    installed(tmp_path, "tales")
    path = installed(tmp_path, "sequel")
    write_provenance(path, dataclasses.replace(read_provenance(path) or Provenance(), parent="tales"))
    async with at_models(tmp_path) as bench:
        await look_at(bench, "tales")
        await bench.pilot.press("r")
        await bench.until(lambda: isinstance(bench.studio.screen, AskScreen))
        bench.studio.screen.query_one(Input).value = "legends"
        await bench.pilot.press("enter")
        await bench.until(lambda: bench.studio.models.model is not None and bench.studio.models.model.name == "legends")
        await bench.pilot.press("n")
        await bench.until(lambda: isinstance(bench.studio.screen, AskScreen))
        await bench.pilot.press(*"good", "enter")
        await bench.shows("Note      good")
        await bench.shows("made from it: sequel")
        await bench.pilot.press("delete")
        await bench.until(lambda: isinstance(bench.studio.screen, ConfirmScreen))
        await bench.shows("Made from it, and whole without it: sequel.")
        await bench.pilot.press("enter")  # is no yes
        assert (tmp_path / "home" / "models" / "legends").is_dir()
        await bench.pilot.press("delete")
        await bench.until(lambda: isinstance(bench.studio.screen, ConfirmScreen))
        await bench.pilot.press("y")
        await bench.until(lambda: all(model.name != "legends" for model in bench.studio.stock.models))
        assert not (tmp_path / "home" / "models" / "legends").exists()


async def test_a_model_that_a_run_needs_stays_under_its_name(tmp_path: Path) -> None:
    path = installed(tmp_path, "tales")
    recipe = Recipe(model=str(path), parent="tales", texts=Texts(paths=("/x",)))
    Runs(places(tmp_path / "home").runs).create("sitcom", recipe)
    async with at_models(tmp_path) as bench:
        await look_at(bench, "tales")
        await bench.pilot.press("delete")
        await bench.until(lambda: "these runs cannot go on: “sitcom”" in bench.told)
        await bench.pilot.press("r")
        await bench.until(lambda: isinstance(bench.studio.screen, ConfirmScreen))
        await bench.shows("these runs cannot go on: “sitcom”")
    assert path.is_dir()


async def test_what_a_command_line_has_brought_is_there_when_the_screen_comes_back(tmp_path: Path) -> None:
    async with at_models(tmp_path) as bench:
        await bench.pilot.press("f2")
        installed(tmp_path, "sagas")
        await bench.pilot.press("f3")
        await bench.shows("sagas")


async def test_what_is_not_the_studios_own_stays(tmp_path: Path) -> None:
    async with at_models(tmp_path) as bench:
        await look_at(bench, "storyteller")
        await bench.pilot.press("delete")
        await bench.until(lambda: "It cannot be removed" in bench.told)
        await bench.pilot.press("r")
        await bench.shows("It cannot be renamed")
        assert isinstance(bench.studio.screen, ConfirmScreen)
        await bench.pilot.press(*"nanny")  # a name that is typed on is no command
        assert isinstance(bench.studio.screen, ConfirmScreen)
        await bench.pilot.press("enter")
        assert isinstance(bench.studio.screen, ModelsScreen)


async def test_a_check_says_whether_the_model_is_whole(tmp_path: Path) -> None:
    path = installed(tmp_path, "tales")
    async with at_models(tmp_path) as bench:
        await look_at(bench, "tales")
        await bench.pilot.press("v")
        assert await at_end(bench, "Verify", "tales") is State.DONE
        await bench.shows("State     Whole: model.safetensors")
        data = bytearray((path / "model.safetensors").read_bytes())
        data[-1] ^= 1
        (path / "model.safetensors").unlink()
        (path / "model.safetensors").write_bytes(data)
        await bench.pilot.press("v")
        await bench.until(lambda: "is damaged: it is not as it came" in bench.told)


async def test_families_stand_together_when_asked_for(tmp_path: Path) -> None:
    for name in ("a-child", "tales", "z-grandchild"):
        installed(tmp_path, name)
    folder = tmp_path / "home" / "models"
    write_provenance(folder / "a-child", Provenance(parent="tales"))
    write_provenance(folder / "z-grandchild", Provenance(parent="a-child"))
    async with at_models(tmp_path) as bench:
        await bench.pilot.press("t")
        lines = [line for line in bench.screen_text().splitlines() if "installed" in line]
        assert [line[:30].split("  From")[0].strip("│ ").split("   ")[0] for line in lines] == [
            "tales",
            "└ a-child",
            "└ z-grandchild",
        ]
        await look_at(bench, "z-grandchild")
        await bench.shows("made from a-child")


async def test_work_is_told_of_beside_the_page(tmp_path: Path, hub: Hub) -> None:
    hub.faults["model.safetensors"] = ["stall:200"]
    async with at_models(tmp_path) as bench:
        await fetch(bench, "tales")
        await bench.until(hub.stalling.is_set)
        await bench.pilot.press("f2")
        await bench.until(lambda: "download tales" in str(bench.write.model_line.content))
        hub.closing.set()


async def test_the_speed_of_writing_is_remembered_with_the_model(tmp_path: Path) -> None:
    installed(tmp_path, "tales")
    async with at_models(tmp_path) as bench:
        await look_at(bench, "tales")
        await bench.pilot.press("enter")
        await bench.ready()
        bench.studio.who_writes.note_speed(64, 52.0)
        await bench.pilot.press("f3")
        await bench.until(lambda: "measured here: 52 tokens/s" in str(bench.studio.models.card.line("Writing")))


async def test_the_speed_of_one_model_is_not_told_of_the_next(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, settings=Settings(pace=0, length=40))) as bench:
        told: list[tuple[int, float]] = []
        bench.write.on_written = lambda tokens, speed: told.append((tokens, speed))
        await bench.ready()
        await bench.line("Once")
        assert "tokens/s" in str(bench.write.model_line.content)
        assert len(told) == 1
        bench.studio.who_writes.choose(ModelChoice("tales", tmp_path / "models" / "tales"))
        await bench.until(lambda: str(bench.write.model_line.content).startswith("tales · cpu"))
        assert "tokens/s" not in str(bench.write.model_line.content)
        assert len(told) == 1


async def test_names_and_cards_with_terminal_codes_are_shown_as_they_are(tmp_path: Path) -> None:
    path = installed(tmp_path, "tales")
    (path / "card.toml").write_text('name = "x"\ntitle = "[red]\\u001b[2J"\nabout = "\\u001b]0;pwned\\u0007"\n')
    write_provenance(path, Provenance(note="\x1b[31m[bold]", origin="hub:\x1b[5m"))
    path.rename(path.with_name("bad\x1b[2Jname"))
    async with at_models(tmp_path) as bench:
        bench.studio.models.pane.query_one(OptionList).highlighted = 1
        await bench.pilot.pause()
        text = bench.screen_text()
        assert "\x1b" not in text
        assert "bad␛[2Jname" in text
        assert "[red]␛[2J" in text
        assert "␛[31m[bold]" in text


async def test_a_model_that_cannot_be_opened_is_named_for_what_it_is_and_does_not_write(tmp_path: Path) -> None:
    path = installed(tmp_path, "tales")
    (path / "model.safetensors").unlink()
    (path / "model.safetensors").write_bytes((2**63).to_bytes(8, "little") + b"{}")
    async with at_models(tmp_path) as bench:
        await look_at(bench, "tales")
        assert "not a file of weights" in str(bench.studio.models.card.line("Damaged"))
        await bench.pilot.press("enter")
        await bench.until(lambda: "It cannot be written with" in bench.told)
        assert bench.studio.link.state.choice is not None
        assert bench.studio.link.state.choice.name != "tales"
        await bench.pilot.press("e")
        await bench.until(lambda: "So it cannot be exported" in bench.told)
