"""The row of keys: as they are, and not made anew for nothing."""

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets._footer import FooterKey

from gpt2studio.app.common.key_bar import KeyBar
from tests.app.waiting import until


class Keys(Screen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [("g", "go", "Go"), ("s", "stop", "Stop")]
    writes = False

    def compose(self) -> ComposeResult:
        yield KeyBar()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "stop" or self.writes


async def test_keys_stay_until_others_work() -> None:
    app: App[None] = App()
    async with app.run_test() as pilot:
        screen = Keys()
        await app.push_screen(screen)

        def keys() -> list[FooterKey]:
            return list(screen.query(FooterKey))

        def said() -> list[str]:
            return [key.description for key in keys()]

        await until(pilot, lambda: said() == ["Go"])
        before = keys()
        screen.refresh_bindings()
        await pilot.pause(0.1)
        assert keys() == before
        screen.writes = True
        screen.refresh_bindings()
        await until(pilot, lambda: said() == ["Go", "Stop"])
        await pilot.resize_terminal(12, 5)  # "g Go s Stop" just fits
        await pilot.pause()
        assert said() == ["Go", "Stop"]
        await pilot.resize_terminal(9, 5)
        await until(pilot, lambda: said() == ["Stop"])  # the last is help, on other screens
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: said() == ["Go", "Stop"])
        screen.writes = False
        screen.refresh_bindings()
        await until(pilot, lambda: said() == ["Go"])
