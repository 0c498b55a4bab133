"""What may be asked of an engine, and what it answers: one record a line.

A request carries an id that its client chose; every answer to it carries the same id. One request gets any
number of answers on the way and exactly one that closes it: the classes whose ``CLOSES`` is true.
Text is always whole characters; offsets count code points; log-probabilities are natural logarithms of the
model's own distribution, before any sampling stage, in float32. Where a request has a style, what is told is of the
mix: it takes the place of the model's own distribution in everything, ranks and alternatives too.
"""

from gpt2studio.wire.messages.answers import (
    ANSWERS,
    Device,
    Distribution,
    Ended,
    Failed,
    Finished,
    Greeting,
    Loaded,
    Loading,
    PartScored,
    Preparing,
    Scored,
    Started,
    Token,
    Unloaded,
)
from gpt2studio.wire.messages.message import Answer, Message, Request
from gpt2studio.wire.messages.places import Alternative, Draw, Drawn, Source, Stage
from gpt2studio.wire.messages.requests import REQUESTS, STITCH, Continue, Hello, Load, Next, Score, Stop, Unload

__all__ = [
    "ANSWERS",
    "REQUESTS",
    "STITCH",
    "Alternative",
    "Answer",
    "Continue",
    "Device",
    "Distribution",
    "Draw",
    "Drawn",
    "Ended",
    "Failed",
    "Finished",
    "Greeting",
    "Hello",
    "Load",
    "Loaded",
    "Loading",
    "Message",
    "Next",
    "PartScored",
    "Preparing",
    "Request",
    "Score",
    "Scored",
    "Source",
    "Stage",
    "Started",
    "Stop",
    "Token",
    "Unload",
    "Unloaded",
]
