"""Stylesheets that are parsed once.

Textual parses every stylesheet of the app anew whenever a screen is opened for the first time, four times over. That is
a tenth of a second on a fast machine, and the person waits for it.
"""

from textual.cache import LRUCache
from textual.css.stylesheet import Stylesheet

_MOST = 1024
"""Stylesheets whose rules are kept: more than an app has."""


class ParsedOnce(Stylesheet):
    """Keeps the rules of what it has parsed for as long as the variables in them stay the same."""

    def __init__(self, *, variables: dict[str, str] | None = None) -> None:
        super().__init__(variables=variables)
        self._parse_cache = LRUCache(_MOST)

    def set_variables(self, variables: dict[str, str]) -> None:
        """Use these from now on; where they are other ones, what was parsed is forgotten."""
        if variables != self._variables:
            super().set_variables(variables)

    def reparse(self) -> None:
        """Take up what has changed. Where that is faulty it raises, and the rules stay as they were."""
        self.parse()
