"""From the command line to the studio: what is asked for by name must be there, the rest gives way."""

import errno
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from gpt2studio.app.memory import Memory, MemoryFile
from gpt2studio.app.opening import _model, open_studio, parting_word
from gpt2studio.app.options import StudioOptions
from gpt2studio.errors import NotFoundError
from gpt2studio.paths import shipped
from gpt2studio.runs.recipe import Recipe, Texts
from gpt2studio.runs.registry import Runs
from gpt2studio.settings import Settings
from gpt2studio.stories.filestory import FileStory
from gpt2studio.stories.story import Story
from gpt2studio.wire.process import EngineProcess
from tests.app.studios import FAKE, places

STARTED: list[EngineProcess] = []


def start(arguments: Sequence[str], command: Sequence[str]) -> EngineProcess:
    STARTED.append(EngineProcess.start((), FAKE))
    return STARTED[-1]


@pytest.mark.parametrize("options", [StudioOptions(model="no such model"), StudioOptions(story="no such story")])
async def test_what_was_asked_for_by_name_and_is_not_there_is_a_fault(
    options: StudioOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GPT2STUDIO_HOME", str(tmp_path))
    with pytest.raises(NotFoundError):
        await open_studio(options, start)
    assert not STARTED[-1].alive


async def test_a_disk_that_can_only_be_read_is_not_what_ends_the_studio(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, missing_ok: bool = False) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    monkeypatch.setenv("GPT2STUDIO_HOME", str(tmp_path))
    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(NotFoundError):
        await open_studio(StudioOptions(story="no such story"), start)


def test_who_leaves_a_file_that_is_not_saved_is_told_so(tmp_path: Path) -> None:
    file = tmp_path / "chapter1.md"
    file.write_text("One.\n")
    with closing(FileStory.of(tmp_path / "journals", file)) as story:
        assert parting_word(story) == ""
        story.edit(0, 0, "Zero. ")
        assert "chapter1.md is not saved" in parting_word(story)
        story.save()
        assert parting_word(story) == ""


def test_who_leaves_a_story_is_told_nothing_since_it_is_kept(tmp_path: Path) -> None:
    with closing(Story.create(tmp_path)) as story:
        story.edit(0, 0, "Once.")
        assert parting_word(story) == ""


def test_a_setting_or_a_memory_that_means_nothing_any_more_gives_way_and_is_told(tmp_path: Path) -> None:
    here = places(tmp_path)
    memory = MemoryFile(here.state / "app.json")
    memory.change(Memory(model=str(tmp_path / "gone")))
    complaints: list[str] = []
    choice = _model(StudioOptions(dtype="float32"), Settings(model="nothing", device="cpu"), memory, here, complaints)
    assert (choice.name, choice.path) == ("storyteller", shipped("models") / "storyteller")
    assert (choice.dtype, choice.device) == ("float32", "cpu")
    assert len(complaints) == 2
    assert all("storyteller writes instead" in complaint for complaint in complaints)


def test_a_model_of_the_studios_own_is_found_without_looking_into_files(tmp_path: Path) -> None:
    here = places(tmp_path)
    own = here.models / "mine"
    own.mkdir(parents=True)
    (own / "config.json").write_text("{}")
    choice = _model(StudioOptions(model="mine"), Settings(), MemoryFile(tmp_path / "x"), here, [])
    assert choice.path == own


def test_a_run_has_its_own_name_on_another_day_and_a_step_of_it_the_runs(tmp_path: Path) -> None:
    here, memory = places(tmp_path), MemoryFile(tmp_path / "x")
    recipe = Recipe(model="/models/toy", parent="toy", texts=Texts(paths=("/a.txt",)))
    saved = Runs(here.runs).create("pier", recipe).checkpoints / "step-000060"
    saved.mkdir(parents=True)
    for name in ("config.json", "studio.json"):
        (saved / name).write_text("{}")
    memory.change(Memory(model="pier"))
    choice = _model(StudioOptions(), Settings(), memory, here, [])
    assert (choice.name, choice.path) == ("pier", saved)
    memory.change(Memory(model=str(saved)))
    choice = _model(StudioOptions(), Settings(), memory, here, [])
    assert (choice.name, choice.path) == ("pier@60", saved)
