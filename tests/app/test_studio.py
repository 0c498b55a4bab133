"""The studio around the page: keys, help, palette, models, settings, layout."""

import subprocess
import sys
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.command import CommandPalette

from gpt2studio.app.commands import BY_ID, COMMANDS, STOCK, TRAINING, bindings, key_name, keymap, keys_in_force
from gpt2studio.app.help import HelpScreen
from gpt2studio.app.keys import chosen_keys, key_of
from gpt2studio.app.memory import Memory, MemoryFile, remember, remembered
from gpt2studio.app.models.screen import ModelsScreen
from gpt2studio.app.palette import _NEEDS, carry_out
from gpt2studio.app.studio import Studio
from gpt2studio.app.train.screen import TrainScreen
from gpt2studio.app.write.screen import WriteScreen
from gpt2studio.library.adopt import adopt
from tests.app.studios import Setup, opened, places
from tests.formats.tiny import write_tiny


def test_every_command_has_an_action_and_no_key_has_two_but_escape() -> None:
    writing = [command for command in COMMANDS if command.id not in (*TRAINING, *STOCK)]
    for command in writing:
        assert hasattr(WriteScreen, f"action_{command.id}") or hasattr(Studio, f"action_{command.id}"), command.id
    for id in TRAINING:
        assert hasattr(TrainScreen, f"action_{id}"), id
    for id in STOCK:
        assert hasattr(ModelsScreen, f"action_{id}"), id
    stocking = [key for command in COMMANDS if command.id in STOCK for key in command.keys.split(",")]
    assert len(stocking) == len(set(stocking))
    keys = [key for command in writing for key in command.keys.split(",") if key]
    assert {key for key in keys if keys.count(key) > 1} == {"escape"}
    assert sum(command.footer for command in writing if command.id != "write") <= 7
    assert all(isinstance(binding, Binding) and binding.id in BY_ID for binding in bindings())


def test_keys_that_a_person_chose_are_in_force_and_taken_from_others() -> None:
    chosen = {"continue": "ctrl+g", "retry": "f5", "rename": "ctrl+t", "fly": "x"}
    known, faults = chosen_keys(chosen)
    assert "fly" not in keymap(known)
    assert "there is no command “fly”" in faults["fly"]
    force = {command.id: keys for command, keys in keys_in_force(known)}
    assert force["continue"] == ("ctrl+g",)
    assert force["retry"] == ("f5",)
    assert force["rename"] == ("ctrl+t",)
    assert force["undo"] == ("ctrl+z",)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("ctrl+j", "ctrl+j"),
        ("Ctrl+J", "ctrl+j"),
        ("f5", "f5"),
        ("F5", "f5"),
        ("G", "G"),
        ("?", "?"),
        ("alt+up", "alt+up"),
        ("shift + f9", "shift+f9"),
        ("Esc", "escape"),
        ("question_mark", "question_mark"),
        ("slash", "slash"),
        ("hyphen_minus", "hyphen_minus"),
        ("ctrl+zz", ""),
        ("strg+j", ""),
        ("f99", ""),
        ("ctrl+", ""),
    ],
)
def test_a_key_is_known_however_it_is_written_and_one_that_is_none_is_not(written: str, key: str) -> None:
    assert key_of(written) == key


def test_every_key_of_the_studios_own_can_be_chosen() -> None:
    assert all(key_of(key) == key for command in COMMANDS for key in command.keys.split(",") if key)


def test_a_command_keeps_its_keys_where_those_that_it_was_given_are_none() -> None:
    usable, faults = chosen_keys({"continue": "ctrl+zz", "retry": "f99,f12", "undo": "", "undi": "f1"})
    assert usable == {"retry": "f12", "undo": ""}
    assert faults["continue"] == "there is no key “ctrl+zz” for “continue”; it keeps ctrl+j,f5"
    assert faults["retry"] == "there is no key “f99” for “retry”"
    assert faults["undi"] == "there is no command “undi”; is it “undo”?"


def test_a_key_that_another_command_had_is_told_unless_both_were_given_keys_or_it_is_another_screens() -> None:
    faults = chosen_keys({"continue": "ctrl+g,ctrl+zz", "rename": "f3", "zoom": "e"})[1]
    assert faults["continue"] == (
        "there is no key “ctrl+zz” for “continue”; “continue” takes “ctrl+g” from “candidates”, which keeps f7"
    )
    assert faults["rename"] == "“rename” takes “f3” from “models”, which keeps none"
    assert set(faults) == {"continue", "rename"}
    assert not chosen_keys({"continue": "ctrl+g", "candidates": "f12"})[1]
    assert not chosen_keys({"pause": "u", "go_on": "u"})[1]
    assert chosen_keys({"undo": "f5", "redo": "f5", "continue": "f12"})[1] == {
        "redo": "“redo” takes “f5” from “undo”, which keeps none"
    }


async def test_a_key_given_to_a_command_of_the_page_is_taken_from_one_that_works_everywhere(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('pace = 0\n[keys]\nrename = "f3"\n')
    async with opened(Setup(tmp_path)) as bench:
        assert f"{tmp_path / 'settings.toml'}, line 3: “rename” takes “f3” from “models”" in bench.told
        await bench.pilot.press("f3")
        await bench.shows("title")


async def test_escape_leaves_a_pane_though_stop_was_given_another_key(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('pace = 0\n[keys]\nstop = "f12"\n')
    async with opened(Setup(tmp_path)) as bench:
        await bench.pilot.press("ctrl+l", "escape")
        await bench.until(lambda: bench.write.prompt_line.has_focus)


async def test_of_six_rows_the_text_has_some(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, size=(20, 6))) as bench:
        await bench.ready()
        await bench.line("Once")
        assert "Once" in bench.screen_text()
        assert "Continue" in bench.screen_text()
        await bench.pilot.press("ctrl+g")
        await bench.shows("Candidates")


async def test_a_command_that_was_left_without_keys_is_not_at_the_foot(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('pace = 0\n[keys]\nmodels = ""\n')
    async with opened(Setup(tmp_path)) as bench:
        await bench.shows("f4 Train")
        assert "Models" not in bench.screen_text()


def test_a_character_that_is_written_with_is_no_key_of_the_page() -> None:
    usable, faults = chosen_keys({"undo": "z,f12", "quit": "?", "zoom": "Z"})
    assert usable == {"undo": "f12", "zoom": "Z"}
    assert faults["undo"] == "“z” is for typing, not for “undo”"
    assert faults["quit"] == "“?” is for typing, not for “quit”; it keeps ctrl+q"
    assert set(faults) == {"undo", "quit"}


def test_keys_are_named_as_people_read_them() -> None:
    assert [key_name(key) for key in ("ctrl+j", "f5", "alt+up", "escape")] == ["Ctrl+J", "F5", "Alt+↑", "Esc"]
    assert [key_name(key) for key in ("v", "f", "V", "alt+m")] == ["v", "f", "V", "Alt+M"]


async def test_a_key_bound_in_the_settings_works_and_the_old_one_does_not(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('length = 3\npace = 0\n[keys]\ncontinue = "ctrl+g"\nrename = "f7"\n')
    async with opened(Setup(tmp_path)) as bench:
        await bench.ready()
        await bench.pilot.press("f5")
        await bench.idle()
        assert bench.text == ""
        await bench.pilot.press("ctrl+g")
        await bench.pilot.pause()
        await bench.idle()
        assert bench.text
        await bench.pilot.press("f7")
        await bench.shows("title")


async def test_bad_settings_are_told_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("pace = 0\nlength = 'long'\n")
    async with opened(Setup(tmp_path)) as bench:
        assert bench.write.writing_settings.length == 64
        assert bench.write.writing_settings.pace == 0
        assert f"{tmp_path / 'settings.toml'}, line 2: “length” must be" in bench.told


async def test_a_theme_and_keys_that_there_are_not_are_told_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('theme = "nosuch"\n[keys]\ncontinue = "ctrl+zz"\n')
    async with opened(Setup(tmp_path)) as bench:
        file = tmp_path / "settings.toml"
        assert f"{file}, line 1: there is no theme “nosuch”; dusk is used. There are: contrast, dusk" in bench.told
        assert f"{file}, line 3: there is no key “ctrl+zz” for “continue”" in bench.told
        await bench.shows("^j Continue")


async def test_help_lists_every_command_with_its_keys(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, size=(120, 160))) as bench:
        await bench.pilot.press("f1")
        assert isinstance(bench.studio.screen, HelpScreen)
        text = bench.screen_text()
        assert all(command.help in text for command in COMMANDS)
        assert "Ctrl+J · F5" in text
        assert "stop.  (continue)" in text
        assert "Tab, Enter · Alt+A  Replace" in text
        await bench.pilot.press("escape")
        assert isinstance(bench.studio.screen, WriteScreen)


@pytest.mark.parametrize(
    ("keys", "first"),
    [
        (("f3",), "On the Models screen"),
        (("f4",), "On the Train screen"),
        (("ctrl+l",), "In the sampling and the alternatives"),
        (("f10",), "In the tree of branches"),
        (("ctrl+f",), "While finding"),
        ((), "Writing"),
    ],
)
async def test_help_opens_at_the_keys_of_where_the_person_is(tmp_path: Path, keys: tuple[str, ...], first: str) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.ready()
        for key in keys:
            await bench.pilot.press(key)
            await bench.pilot.pause()
        await bench.pilot.press("f1")
        await bench.shows(first)


async def test_the_palette_has_every_command_and_runs_it_on_the_page(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.ready()
        listed = {each.title: each.callback for each in bench.studio.get_system_commands(bench.studio.screen)}
        assert {command.label for command in COMMANDS if command.id not in ("palette", "leave")} <= listed.keys()
        await bench.pilot.press("f3")
        await listed["Continue"]()
        await bench.pilot.pause()
        await bench.idle()
        assert isinstance(bench.studio.screen, WriteScreen)
        assert bench.text


async def test_the_palette_begins_with_what_was_used_last_and_with_this_screens_commands(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:

        def first(count: int) -> list[str]:
            entries = bench.studio.get_system_commands(bench.studio.screen)
            return [each.title for each in list(entries)[:count]]

        assert first(2) == ["Continue", "Stop"]
        await carry_out(bench.studio, "sampling")
        assert first(2) == ["Sampling", "Continue"]
        await bench.pilot.press("f3")
        await bench.until(lambda: isinstance(bench.studio.screen, ModelsScreen))
        assert first(3) == ["Sampling", "Use", "Download"]
        await bench.pilot.press("ctrl+p")
        await bench.until(lambda: isinstance(bench.studio.screen, CommandPalette))
        await bench.shows("Use")


@pytest.mark.parametrize(("typed", "other"), [("export", "Models"), ("rename", "Models"), ("save", "Train")])
async def test_what_is_typed_in_the_palette_means_this_screens_command_first(
    tmp_path: Path, typed: str, other: str
) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.pilot.press("ctrl+p", *typed)
        await bench.shows(f"({other})")
        await bench.pilot.press("enter")
        await bench.until(lambda: not isinstance(bench.studio.screen, CommandPalette))
        await bench.pilot.pause()
        assert bench.studio.current_mode == "write"


async def test_a_command_that_the_run_in_view_does_not_allow_says_what_it_takes(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.until(lambda: bench.studio.runs.looked)
        await carry_out(bench.studio, "begin_run")
        await bench.until(lambda: "It takes a run that waits, or has not begun. There is no run yet" in bench.told)
        assert isinstance(bench.studio.screen, TrainScreen)


def test_every_command_that_may_not_be_allowed_says_what_it_takes() -> None:
    assert set(_NEEDS) == set(TRAINING) - {"new_run", "run_log"}


async def test_another_model_is_chosen_on_the_models_screen(tmp_path: Path) -> None:
    adopt(write_tiny(tmp_path / "source"), "other", places(tmp_path / "home"))
    async with opened(Setup(tmp_path / "home")) as bench:
        await bench.ready()
        await bench.pilot.press("f3")
        assert isinstance(bench.studio.screen, ModelsScreen)
        await bench.shows("other")
        while bench.studio.models.model is None or bench.studio.models.model.name != "other":
            await bench.pilot.press("down")
        await bench.pilot.press("enter")
        await bench.until(lambda: bench.studio.link.state.loaded is not None)
        assert bench.studio.link.state.choice is not None
        assert bench.studio.link.state.choice.name == "other"
        assert isinstance(bench.studio.screen, WriteScreen)
        assert bench.studio.memory.memory.model.endswith("other")
        await bench.shows("other · cpu")


async def test_a_model_that_cannot_be_loaded_is_told_once_and_the_text_stays(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, model="broken")) as bench:
        await bench.until(lambda: bench.told.count("That model is broken.") == 1)
        assert "not loaded" in str(bench.write.model_line.content)
        await bench.pilot.press(*"Hi", "enter")
        await bench.until(lambda: not bench.write.writer.busy)
        await bench.pilot.pause()
        assert bench.text == "Hi"
        assert bench.told.count("That model is broken.") == 2


@pytest.mark.parametrize(("width", "docks"), [(119, False), (120, True)])
async def test_docks_stand_beside_the_page_where_there_is_room(tmp_path: Path, width: int, docks: bool) -> None:
    async with opened(Setup(tmp_path, size=(width, 30))) as bench:
        text = bench.screen_text()
        assert ("Sampling" in text.splitlines()[0]) is docks
        assert ("Models" in text.splitlines()[0]) is docks
        await bench.pilot.press("ctrl+l")
        assert "Sampling" in bench.screen_text().splitlines()[0]
        assert bench.write.sampling_panel.has_focus
        await bench.pilot.press("escape")
        assert bench.write.prompt_line.has_focus
        assert ("Sampling" in bench.screen_text().splitlines()[0]) is docks


async def test_docks_that_were_hidden_stay_hidden(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, size=(130, 30))) as bench:
        bench.write.action_docks()
        await bench.pilot.pause()
        assert "Sampling" not in bench.screen_text().splitlines()[0]
    async with opened(Setup(tmp_path, size=(130, 30))) as bench:
        assert "Sampling" not in bench.screen_text().splitlines()[0]


async def test_the_theme_chosen_is_there_the_next_time(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        assert bench.studio.theme == "dusk"
        bench.studio.theme = "paper"
        await bench.pilot.pause()
    async with opened(Setup(tmp_path)) as bench:
        assert bench.studio.theme == "paper"


async def test_the_list_of_themes_begins_with_our_own_and_marks_the_one_that_is_worn(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        bench.studio.theme = "ember"
        bench.studio.action_change_theme()
        await bench.shows("● ember")
        listed = bench.screen_text().split()
        assert listed.index("contrast") < listed.index("dusk") < listed.index("paper")
        assert "nord" not in listed or listed.index("terminal") < listed.index("nord")
        await bench.pilot.press(*"pap", "enter")
        await bench.until(lambda: bench.studio.theme == "paper")


async def test_a_dial_turned_stays_with_the_story(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        bench.manuscript.focus()
        await bench.pilot.press("x", "ctrl+l", "down", "left")
        turned = bench.write.writing_settings
    async with opened(Setup(tmp_path)) as bench:
        assert bench.write.writing_settings == turned
        assert bench.write.writing_settings.sampling.temperature != 0.9 or turned.sampling.top_k != 40


async def test_ctrl_c_copies_and_never_ends_the_app(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        bench.manuscript.focus()
        await bench.pilot.press(*"word", "shift+home", "ctrl+c")
        assert bench.studio.clipboard == "word"
        await bench.pilot.press("f3", "ctrl+c", "ctrl+c")
        assert bench.studio.is_running


async def test_what_the_model_does_not_see_is_dim_and_a_strange_script_is_told(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, size=(100, 24))) as bench:
        bench.write.prompt_line.value = "你好"
        await bench.pilot.press("enter")
        await bench.pilot.pause()
        await bench.idle()
        await bench.shows("hardly seen this script")


def test_a_damaged_memory_is_as_good_as_none(tmp_path: Path) -> None:
    path = tmp_path / "app.json"
    assert remembered(path) == Memory()
    path.write_text('{"story": 3, "docks": false, "lines": ["a", 4], "more": 1}')
    assert remembered(path) == Memory(docks=False, lines=("a",))
    path.write_text("[")
    assert remembered(path) == Memory()
    remember(path, Memory(story="s").with_line("x").with_line("y").with_line("x"))
    assert remembered(path).lines == ("y", "x")


def test_a_memory_that_cannot_be_written_is_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where a folder should be")
    kept = MemoryFile(tmp_path / "state" / "app.json")
    kept.change(Memory(story="s"))
    assert kept.memory.story == "s"


def test_the_app_is_imported_without_what_takes_long() -> None:
    heavy = ("torch", "numpy", "regex", "safetensors", "huggingface_hub", "gpt2studio.engine", "gpt2studio.text")
    code = f"import sys, gpt2studio.app.studio; print([name for name in {heavy!r} if name in sys.modules])"
    root = Path(__file__).parents[2]
    run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


async def test_a_persons_presets_stand_among_the_others_and_bad_ones_are_told_of(tmp_path: Path) -> None:
    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "verse.toml").write_text("top_p = 0.5")
    (tmp_path / "presets" / "worse.toml").write_text("top_p = [bold]")
    async with opened(Setup(tmp_path, size=(120, 40))) as bench:
        await bench.pilot.press("ctrl+l", "P")
        assert bench.write.sampling_panel.settings.sampling.top_p == 0.5
        await bench.shows("verse")
        assert "worse.toml" in bench.told


async def test_of_many_mistakes_in_the_settings_a_few_are_told_and_where_the_others_are(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('pace = "x"\nlength = "x"\ntheme = 3\ndtype = "int4"\n')
    async with opened(Setup(tmp_path)) as bench:
        assert "line 1" in bench.told
        assert "And 2 more: gpt2studio doctor" in bench.told
        assert "line 4" not in bench.told
