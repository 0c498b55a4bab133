"""The serving line: on every screen, while the model is served, where friends find it and how many are there."""

from textual.content import Content
from textual.widgets import Static

from gpt2studio.app.common.wording import counted, speed
from gpt2studio.app.serve.serving import Serving, ServingState, Standing


class ServingLine(Static):
    """One line; none while nothing is served."""

    DEFAULT_CSS = """
    ServingLine {
        display: none;
        height: 1;
        padding: 0 1;
        background: $footer-background;
        color: $text-muted;
        text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    ServingLine.-served { display: block; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._serving: Serving | None = None

    def on_mount(self) -> None:
        """Follow the app's server."""
        serving = getattr(self.app, "serving", None)
        if isinstance(serving, Serving):
            self._serving = serving
            serving.on_change.append(self._changed)
            self._changed(serving.state)

    def on_unmount(self) -> None:
        """Follow it no more."""
        if self._serving is not None and self._changed in self._serving.on_change:
            self._serving.on_change.remove(self._changed)

    def _changed(self, state: ServingState) -> None:
        self.set_class(state.standing is Standing.ON, "-served")
        self.update(Content.assemble(("◉ ", "$accent"), said(state)))


def said(state: ServingState) -> str:
    """Where, to whom, and how fast."""
    parts = [f"Served at {state.address}", counted(state.visitors, "visitor")]
    if state.tokens_per_second:
        parts.append(speed(state.tokens_per_second))
    return " · ".join(parts)
