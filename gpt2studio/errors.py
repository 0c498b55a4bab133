"""Faults that a person can understand: what happened, and what to do next.

StudioError
├── UsageError         what was asked for makes no sense
├── NotFoundError      a model, story or file that is not there
├── FormatError        a file that is damaged, or not what it was taken for
├── EngineError        the engine could not do what was asked, or is gone
│   └── UnforeseenError    for a reason that nobody foresaw
└── WireError          a line that is no message
"""


class StudioError(Exception):
    """A fault to show to a person: one line what happened, one line what to do next."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(StudioError):
    """What was asked for makes no sense: a temperature below zero, say."""


class NotFoundError(StudioError):
    """Something that was named is not there."""


class FormatError(StudioError):
    """A file is damaged, cut short, or not what it was taken for."""


class EngineError(StudioError):
    """The engine could not do what was asked, or is gone."""


class UnforeseenError(EngineError):
    """The engine failed as nobody foresaw; the message may name what only the person at the machine may know."""


class WireError(StudioError):
    """A line between processes is not a message that this side understands."""
