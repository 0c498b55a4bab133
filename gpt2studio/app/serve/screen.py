"""The Serve screen: the link for friends, who is there, and how to begin and end it."""

from dataclasses import replace
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from gpt2studio.app.common.key_bar import KeyBar
from gpt2studio.app.common.shown import shown
from gpt2studio.app.common.wording import counted, speed
from gpt2studio.app.dialogs.ask import AskScreen
from gpt2studio.app.engine.link import EngineLink
from gpt2studio.app.engine.model_choice import Kind
from gpt2studio.app.serve.serving import Serving, ServingState, Standing

_CHOSEN, _OTHER = "● ", "○ "


class ServeScreen(Screen[None]):
    """Serves the model that writes, in a browser."""

    CSS_PATH = "serve.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "begin", "Serve"),
        Binding("s", "end", "Stop"),
        Binding("c", "copy", "Copy"),
        Binding("n", "network", "Network"),
        Binding("p", "port", "Port"),
        Binding("escape", "leave", "Back"),
    ]

    def __init__(self, serving: Serving, link: EngineLink) -> None:
        super().__init__()
        self._serving = serving
        self._link = link
        self._box = Vertical(id="serve")
        self._box.border_title = "Serve this model"
        self._text = Static("", id="served", markup=False)
        self._how = Static("", id="how", markup=False)
        self._shown = ""

    def compose(self) -> ComposeResult:
        """How it stands, and to whom it is open."""
        with self._box:
            yield self._text
            yield self._how
        yield KeyBar()

    def on_mount(self) -> None:
        """Show what is, and what changes."""
        self._serving.on_change.append(self._changed)
        self._changed(self._serving.state)

    def on_unmount(self) -> None:
        """Follow no more."""
        if self._changed in self._serving.on_change:
            self._serving.on_change.remove(self._changed)

    def on_screen_resume(self) -> None:
        """Another model may write by now."""
        self._changed(self._serving.state)

    def _changed(self, state: ServingState) -> None:
        choice = self._link.state.choice
        name = shown(choice.name) if choice is not None else "no model"
        live = choice is not None and choice.kind is Kind.LIVE
        self._text.update(_standing(state, name, live))
        self._how.update(_how(state))
        if state.link != self._shown:
            self._shown, self._box.border_subtitle = state.link, ""
        self.refresh_bindings()

    # --- what a person can have done ---------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What makes no sense now is not offered."""
        match action:
            case "begin":
                return not self._serving.running
            case "end":
                return self._serving.running
            case "copy":
                return self._serving.state.standing is Standing.ON
        return True

    async def action_begin(self) -> None:
        """Serve."""
        await self._serving.start(self._serving.state.where)

    async def action_end(self) -> None:
        """Serve no more."""
        await self._serving.stop()

    def action_copy(self) -> None:
        """Put the link on the clipboard, that of the terminal's own machine too."""
        self.app.copy_to_clipboard(self._serving.state.link)
        self._box.border_subtitle = "Copied, where the terminal allows it"

    async def action_network(self) -> None:
        """This machine alone, or everybody in its network who has the link."""
        where = self._serving.state.where
        await self._move(network=not where.network)

    @work
    async def action_port(self) -> None:
        """Another port."""
        port = self._serving.state.where.port
        hint = "empty: 5000, or the next that is free"
        answer = await self.app.push_screen_wait(AskScreen("Port", "" if port is None else str(port), hint))
        if answer is None:
            return
        if answer and not (answer.isascii() and answer.isdecimal() and 0 < int(answer) < 1 << 16):
            self.notify("Ports go from 1 to 65535.", title="That is no port.", severity="error", markup=False)
            return
        await self._move(port=int(answer) if answer else None)

    async def _move(self, **values: bool | int | None) -> None:
        where = replace(self._serving.state.where, **values)  # type: ignore[arg-type]
        if self._serving.running:
            await self._serving.start(where)
        else:
            self._serving.prepare(where)

    def action_leave(self) -> None:
        """Back to where the person was."""
        self.dismiss()


def _standing(state: ServingState, name: str, live: bool) -> Content:
    """How it stands, in a few lines."""
    lines: list[Content] = []
    match state.standing:
        case Standing.OFF:
            lines = [
                Content.assemble(("Nobody is served.", "$text-muted")),
                Content(f"Key s opens a page on which friends type, and {name} goes on as they watch."),
            ]
        case Standing.STARTING:
            lines = [Content.assemble(("Starting…", "$text-muted"))]
        case Standing.ON:
            lines = [
                Content.assemble((state.link, "bold $text-accent")),
                Content(f"Whoever opens it can write with {name}. Your own writing comes first."),
                Content(""),
                Content(_figures(state)),
            ]
        case Standing.FAILED:
            trouble = state.trouble
            lines = [
                Content.assemble((shown(trouble.message) if trouble else "It has ended.", "$text-error")),
                Content(shown(trouble.hint) if trouble else ""),
                Content("S starts it again."),
            ]
    if live and state.standing is Standing.ON:
        lines.append(Content.assemble((f"{name} is being trained: friends are told to come later.", "$text-warning")))
    return Content("\n").join(lines)


def _figures(state: ServingState) -> str:
    parts = [
        counted(state.visitors, "visitor"),
        f"{state.running} writing" + (f", {state.waiting} waiting" if state.waiting else ""),
        speed(state.tokens_per_second),
        f"{counted(state.tokens, 'token')} in all",
    ]
    return " · ".join(parts)


def _how(state: ServingState) -> Content:
    """To whom it is open, and on which port."""
    where = state.where
    port = str(where.port) if where.port is not None else "5000, or the next that is free"
    return Content("\n").join(
        [
            _option(not where.network, "This machine alone"),
            _option(where.network, "Everybody in this network who has the link"),
            Content.assemble(("  Port ", "$text-muted"), port),
        ]
    )


def _option(chosen: bool, text: str) -> Content:
    return Content.assemble((_CHOSEN if chosen else _OTHER, "$accent"), (text, "" if chosen else "$text-muted"))
