"""The pane of models: what it says of each, and choosing one."""

from pathlib import Path

from textual import on
from textual.app import App, ComposeResult
from textual.content import Content
from textual.widgets import OptionList, Static

from gpt2studio.app.models.pane import ModelsPane
from gpt2studio.library.installed import InstalledModel

STORYTELLER = InstalledModel(
    name="storyteller",
    path=Path("/models/storyteller"),
    label="a toy of [red]fairy tales[/red]",
    parameters=7_098_368,
    size=14_386_130,
    dtype="float16",
    n_positions=1024,
    vocab_size=8192,
    origin="shipped",
)
MEDIUM = InstalledModel(
    name="openai-community/gpt2-medium", path=Path("/cache"), parameters=354_823_168, origin="Hugging Face cache"
)
BROKEN = InstalledModel(name="run1[/]", path=Path("/run1"), label="damaged", note="hparams.json is cut short.")


class Host(App[None]):
    """A screen with nothing but the pane, which remembers what was chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.pane = ModelsPane()
        self.chosen: list[InstalledModel] = []

    def compose(self) -> ComposeResult:
        yield self.pane

    @on(ModelsPane.Chosen)
    def _chosen(self, event: ModelsPane.Chosen) -> None:
        assert event.control is self.pane
        self.chosen.append(event.model)

    @property
    def options(self) -> OptionList:
        return self.pane.query_one(OptionList)

    def rows(self) -> list[str]:
        prompts = [self.options.get_option_at_index(index).prompt for index in range(self.options.option_count)]
        assert all(isinstance(prompt, Content) for prompt in prompts)
        return [str(prompt) for prompt in prompts]


async def test_in_the_dock_each_model_has_a_line_with_name_and_size() -> None:
    host = Host()
    async with host.run_test(size=(26, 10)) as pilot:
        host.pane.show([STORYTELLER, MEDIUM, BROKEN], "storyteller")
        await pilot.pause()
        assert host.rows() == [
            "● storyteller       7.1M",
            "  openai-community… 355M",
            "  run1[/]        damaged",
        ]
        assert not host.pane.query_one("#columns").display


async def test_at_full_size_it_is_a_table_with_titles() -> None:
    host = Host()
    async with host.run_test(size=(120, 20)) as pilot:
        host.pane.show([STORYTELLER, MEDIUM, BROKEN], "openai-community/gpt2-medium")
        await pilot.pause()
        storyteller, medium, broken = host.rows()
        line, label = storyteller.splitlines()
        assert line.split() == ["storyteller", "7.1M", "1,024", "8,192", "float16", "14.4", "MB", "shipped"]
        assert label.strip() == STORYTELLER.label
        assert medium.startswith("● openai-community/gpt2-medium")
        assert broken.splitlines()[1].strip() == BROKEN.note
        titles = str(host.pane.query_one("#columns", Static).content)
        assert titles.index("On disk") + len("On disk") == line.index("MB") + len("MB")
        assert titles.index("From") == line.index("shipped")


async def test_at_80_columns_the_table_keeps_the_columns_that_matter_most() -> None:
    host = Host()
    async with host.run_test(size=(80, 20)) as pilot:
        host.pane.show([STORYTELLER, MEDIUM, BROKEN], "storyteller")
        await pilot.pause()
        titles = str(host.pane.query_one("#columns", Static).content)
        assert titles.split() == ["Model", "Parameters", "On", "disk", "From"]
        assert max(len(line) for row in host.rows() for line in row.splitlines()) <= 80


async def test_enter_chooses_the_highlighted_model() -> None:
    host = Host()
    async with host.run_test(size=(26, 10)) as pilot:
        host.pane.show([STORYTELLER, MEDIUM], "storyteller")
        host.options.focus()
        await pilot.press("down", "enter")
        assert host.chosen == [MEDIUM]


async def test_a_click_chooses_the_model_under_it() -> None:
    host = Host()
    async with host.run_test(size=(26, 10)) as pilot:
        host.pane.show([STORYTELLER, MEDIUM], "storyteller")
        await pilot.pause()
        await pilot.click(host.options, offset=(4, 1))
        assert host.chosen == [MEDIUM]


async def test_the_highlight_begins_at_the_model_in_use_and_stays_as_models_come() -> None:
    host = Host()
    async with host.run_test(size=(26, 10)) as pilot:
        host.pane.show([STORYTELLER, MEDIUM, BROKEN], MEDIUM.name)
        assert host.options.highlighted == 1
        host.options.focus()
        await pilot.press("down")
        host.pane.show([BROKEN, STORYTELLER, MEDIUM], MEDIUM.name)
        assert host.options.highlighted == 0


async def test_without_models_there_is_a_word_on_what_to_do() -> None:
    host = Host()
    async with host.run_test(size=(80, 10)) as pilot:
        host.pane.show([], "")
        await pilot.pause()
        assert not host.options.display
        assert "--model PATH" in str(host.pane.query_one("#nothing", Static).content)


async def test_models_shown_before_the_pane_is_on_screen_are_there() -> None:
    host = Host()
    host.pane.show([STORYTELLER], "storyteller")
    async with host.run_test(size=(26, 10)):
        assert host.rows()[0].startswith("● storyteller")


async def test_a_wider_pane_becomes_a_table_and_a_narrower_one_a_list() -> None:
    host = Host()
    async with host.run_test(size=(26, 10)) as pilot:
        host.pane.show([STORYTELLER], "storyteller")
        await pilot.resize_terminal(120, 10)
        assert "float16" in host.rows()[0]
        await pilot.resize_terminal(30, 10)
        assert host.rows() == ["● storyteller           7.1M"]
