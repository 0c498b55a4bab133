"""The list in a pane: no frame of its own, and one look wherever there is one."""

from typing import ClassVar

from textual.widgets import OptionList


class PaneList(OptionList):
    """An option list that fills its pane; what it is given is text, not markup."""

    DEFAULT_CSS: ClassVar[str] = """
    PaneList {
        height: 1fr;
        background: transparent;
        border: none;
        padding: 0;
        text-wrap: nowrap;
        &:focus { border: none; background-tint: $background 0%; }
        & > .option-list--option-highlighted {
            background: $boost;
            color: $foreground;
            text-style: none;
        }
        &:focus > .option-list--option-highlighted, &.-led > .option-list--option-highlighted {
            background: $block-cursor-blurred-background;
            color: $foreground;
            text-style: none;
        }
    }
    """

    def __init__(self, *, led: bool = False) -> None:
        """*led*: its keys go to a line above it, which has the focus."""
        super().__init__(markup=False, classes="-led" if led else None)
