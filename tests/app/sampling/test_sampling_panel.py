"""The sampling panel under a person's hands."""

from dataclasses import replace

import pytest
from textual import on
from textual.app import App, ComposeResult
from textual.events import Key, MouseScrollUp

from gpt2studio.app.sampling.dials import DIALS
from gpt2studio.app.sampling.more_dials import MORE
from gpt2studio.app.sampling.panel import SamplingPanel
from gpt2studio.app.sampling.writing_settings import WritingSettings
from gpt2studio.wire.sampling import NEUTRAL, PARAMETERS, PRESETS, Sampling


class Host(App[None]):
    """A screen with nothing but the panel, which remembers what it was told."""

    def __init__(self, width: int = 24, height: int = 16, settings: WritingSettings | None = None) -> None:
        super().__init__()
        self.panel = SamplingPanel(settings)
        self.size_of_panel = width, height
        self.told: list[WritingSettings] = []

    def compose(self) -> ComposeResult:
        yield self.panel

    def on_mount(self) -> None:
        self.panel.styles.width, self.panel.styles.height = self.size_of_panel
        self.panel.focus()

    @on(SamplingPanel.Changed)
    def _changed(self, event: SamplingPanel.Changed) -> None:
        assert event.control is self.panel
        self.told.append(event.settings)

    def choose(self, field: str) -> None:
        self.panel.chosen = row_of(field)

    def lines(self) -> list[str]:
        return [self.panel.render_line(y).text for y in range(self.panel.size.height)]


def row_of(field: str) -> int:
    return next(row for row, dial in enumerate(DIALS, 1) if dial.field == field)


async def test_every_dial_has_a_row_in_24_columns_and_16_rows() -> None:
    host = Host()
    async with host.run_test():
        lines = host.lines()
        assert [len(line) for line in lines] == [24] * 16
        for dial, line in zip(DIALS, lines[1:], strict=False):
            assert dial.label.split()[-1] in line
        assert lines[0].split() == ["preset", "GPT-2"]
        assert lines[1].startswith("4 temperature  0.90 ━")
        assert lines[3].split()[:3] == ["6", "top-p", "off"]
        assert lines[14].strip()  # a word on the chosen dial


async def test_arrows_choose_a_dial_and_turn_it() -> None:
    host = Host()
    async with host.run_test() as pilot:
        await pilot.press("right")
        assert host.told[-1].sampling.temperature == 0.95
        await pilot.press("left", "left")
        assert host.told[-1].sampling.temperature == 0.85
        await pilot.press("shift+left")
        assert host.told[-1].sampling.temperature == 0.65
        await pilot.press("down", "right")
        assert host.told[-1].sampling.top_k == 50
        assert host.panel.settings == host.told[-1]
        assert len(host.told) == 5


async def test_a_turn_at_the_end_of_a_dial_tells_nothing() -> None:
    host = Host(settings=WritingSettings(Sampling(temperature=0)))
    async with host.run_test() as pilot:
        await pilot.press("left", "shift+left")
        assert host.told == []


async def test_settings_from_outside_are_shown_and_not_told() -> None:
    host = Host()
    async with host.run_test() as pilot:
        host.panel.settings = WritingSettings(Sampling(temperature=1.25), seed=2**40)
        await pilot.pause()
        assert host.told == []
        assert "1.25" in host.lines()[1]
        assert str(host.panel.settings.seed) in "".join(host.lines())
        assert host.lines()[0].split() == ["preset", "your", "own"]


async def test_a_number_is_typed_in_place() -> None:
    host = Host()
    async with host.run_test() as pilot:
        host.choose("top_p")
        await pilot.press("0", ".", "9", "1", "2")
        assert "0.912▏" in host.lines()[row_of("top_p")]
        assert host.told == []
        await pilot.press("backspace", "enter")
        assert host.told[-1].sampling.top_p == 0.91


async def test_choosing_another_dial_takes_the_number_typed() -> None:
    host = Host()
    async with host.run_test() as pilot:
        host.choose("seed")
        await pilot.press("enter", "4", "2", "down")
        assert host.told == [WritingSettings(seed=42)]
        assert host.panel.chosen == row_of("seed") + 1


async def test_escape_gives_up_the_number_and_is_then_left_to_others() -> None:
    class Counting(Host):
        BINDINGS = [("escape", "count", "Count")]
        counted = 0

        def action_count(self) -> None:
            self.counted += 1

    host = Counting()
    async with host.run_test() as pilot:
        await pilot.press("3", "escape")
        assert host.told == []
        assert host.panel.typed is None
        assert host.counted == 0
        await pilot.press("escape")
        assert host.counted == 1


async def test_keys_that_come_all_at_once_act_in_their_order() -> None:
    host = Host()
    async with host.run_test() as pilot:
        for key, character in (("down", None), ("7", "7"), ("0", "0"), ("down", None), ("0", "0"), ("full_stop", ".")):
            host.post_message(Key(key, character))
        for character in ("9", "0", "\r"):
            host.post_message(Key("enter" if character == "\r" else character, character))
        await pilot.pause()
        await pilot.press("n", "n")
        assert [(told.sampling.top_k, told.sampling.top_p) for told in host.told] == [(70, 1.0), (70, 0.9), (0, 1.0)]


async def test_a_number_that_means_nothing_stays_out_and_is_explained() -> None:
    host = Host()
    async with host.run_test() as pilot:
        host.choose("top_p")
        await pilot.press("7", "down")
        assert host.told == []
        assert host.panel.chosen == row_of("top_p")
        assert "Give a top-p" in "".join(host.lines()[14:])
        await pilot.press("left")
        assert host.panel.fault == ""


async def test_a_fault_is_a_notice_where_the_panel_is_too_short_for_it() -> None:
    host = Host(height=8)
    async with host.run_test() as pilot:
        host.choose("top_p")
        await pilot.press("2", "enter")
        assert any("Give a top-p" in notice.message for notice in host._notifications)


async def test_delete_sets_the_dial_back() -> None:
    settings = WritingSettings(Sampling(temperature=0.3, min_p=0.1), length=7, seed=3)
    host = Host(settings=settings)
    async with host.run_test() as pilot:
        for field in ("temperature", "min_p", "length", "seed"):
            host.choose(field)
            await pilot.press("delete")
        assert host.told[-1] == WritingSettings(Sampling(temperature=1.0))


async def test_n_sets_every_stage_neutral_and_leaves_the_rest() -> None:
    host = Host(settings=WritingSettings(Sampling(temperature=0.3, top_p=0.5), length=7))
    async with host.run_test() as pilot:
        await pilot.press("n")
        assert host.told == [WritingSettings(NEUTRAL, length=7)]


async def test_p_goes_through_the_presets_and_back() -> None:
    host = Host()
    async with host.run_test() as pilot:
        names = []
        for _ in PRESETS:
            await pilot.press("p")
            names.append(host.lines()[0].replace("preset", "").strip())
        assert names == [*list(PRESETS)[1:], next(iter(PRESETS))]
        await pilot.press("P")
        assert host.told[-1].sampling == list(PRESETS.values())[-1]


async def test_p_from_settings_of_ones_own_takes_the_first_preset() -> None:
    host = Host(settings=WritingSettings(Sampling(temperature=0.123), length=7))
    async with host.run_test() as pilot:
        host.panel.presets = {"mine": Sampling(top_k=3), "other": Sampling(top_k=4)}
        await pilot.press("p")
        assert host.told == [WritingSettings(Sampling(top_k=3), length=7)]


async def test_brackets_move_the_chosen_stage_in_the_order() -> None:
    host = Host()
    async with host.run_test() as pilot:
        host.choose("top_k")
        await pilot.press("left_square_bracket")
        order = host.told[-1].sampling.order
        assert order.index("top_k") == order.index("temperature") - 1
        assert [line[0] for line in host.lines()[1:4]] == ["5", "4", "6"]
        await pilot.press("right_square_bracket")
        assert host.told[-1] == WritingSettings()


async def test_what_is_no_stage_cannot_be_moved() -> None:
    host = Host()
    async with host.run_test() as pilot:
        host.choose("length")
        await pilot.press("left_square_bracket", "right_square_bracket")
        assert host.told == []


async def test_a_stage_left_out_of_the_order_has_no_number() -> None:
    host = Host(settings=WritingSettings(Sampling(order=("top_k",))))
    async with host.run_test():
        assert host.lines()[1].startswith("– ")
        assert host.lines()[2].startswith("1 ")


async def test_a_click_chooses_a_dial_and_on_its_bar_sets_it() -> None:
    host = Host()
    async with host.run_test() as pilot:
        await pilot.click(host.panel, offset=(3, row_of("top_k")))
        assert host.panel.chosen == row_of("top_k")
        assert host.told == []
        await pilot.click(host.panel, offset=(23, row_of("top_k")))
        assert host.told[-1].sampling.top_k == 0
        await pilot.click(host.panel, offset=(20, row_of("temperature")))
        assert host.told[-1].sampling.temperature == 0


@pytest.mark.parametrize(("column", "turned"), [(22, 0.95), (2, 0.9)])
async def test_the_wheel_turns_the_dial_only_over_its_value(column: int, turned: float) -> None:
    host = Host()
    async with host.run_test() as pilot:
        host.panel.post_message(MouseScrollUp(host.panel, column, row_of("temperature"), 0, -1, 0, False, False, False))
        await pilot.pause()
        assert host.panel.settings.sampling.temperature == turned


async def test_a_short_panel_scrolls_to_the_chosen_dial() -> None:
    host = Host(height=6)
    async with host.run_test() as pilot:
        await pilot.press("end")
        await pilot.pause()
        assert "pace" in host.lines()[5]
        assert host.panel.show_vertical_scrollbar
        assert {len(line) for line in host.lines()} == {23}
        await pilot.press("home")
        await pilot.pause()
        assert "preset" in host.lines()[0]


async def test_what_the_chosen_dial_does_is_said_whole_though_there_are_more_dials_than_rows() -> None:
    host = Host(width=32, height=17)
    async with host.run_test(size=(40, 20)) as pilot:
        await pilot.press("m")
        for dial in host.panel.dials:
            host.panel.action_choose(1 if dial is not host.panel.dials[0] else 0)
            await pilot.pause()
            lines = host.lines()
            assert dial.about in " ".join(line.strip() for line in lines)
            assert any(dial.label.split()[-1] in line for line in lines)
        assert await pilot.click(host.panel, offset=(3, 16))
        assert host.panel.chosen == len(host.panel.dials)  # what is said is no dial


async def test_rows_are_as_wide_as_the_panel() -> None:
    host = Host(settings=replace(WritingSettings(), seed=2**63 - 1))
    async with host.run_test(size=(200, 20)) as pilot:
        for width in (1, 8, 18, 24, 31, 60, 200):
            host.panel.styles.width = width
            host.choose("seed")
            await pilot.press("1", "2")
            assert {host.panel.render_line(y).cell_length for y in range(16)} == {width}


async def test_the_dials_that_few_people_turn_are_folded_away_until_they_are_asked_for_or_act() -> None:
    host = Host(width=30, height=40)
    async with host.run_test() as pilot:
        assert not any("mirostat" in line for line in host.lines())
        host.choose("top_p")
        await pilot.press("m")
        assert [dial.field for dial in host.panel.dials][-len(MORE) :] == [dial.field for dial in MORE]
        assert any("mirostat" in line for line in host.lines())
        assert host.panel.chosen == row_of("top_p")
        await pilot.press("end", "up", "up", "right")
        assert host.told[-1].sampling.xtc_probability == 0.05
        await pilot.press("m")
        assert [dial.field for dial in host.panel.dials] == [*(dial.field for dial in DIALS), "xtc_probability"]
        assert host.panel.dials[host.panel.chosen - 1].field == "xtc_probability"
        host.panel.settings = WritingSettings(sampling=Sampling(dry_multiplier=0.8))
        assert [dial.field for dial in host.panel.dials][len(DIALS) :] == ["dry_multiplier"]


def test_every_folded_dial_rests_where_it_changes_nothing() -> None:
    neutral = WritingSettings(sampling=NEUTRAL)
    assert [dial.field for dial in MORE if not dial.is_neutral(neutral)] == []
    for dial in MORE:
        assert dial.field in PARAMETERS or dial.field == "xtc_threshold"
        assert dial.reset(dial.turned(neutral, 1)) == neutral
