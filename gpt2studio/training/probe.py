"""What a run will take, found out by two of its steps."""

import tempfile
import time
from pathlib import Path

from gpt2studio.errors import StudioError
from gpt2studio.runs.events import Probed
from gpt2studio.training import checkpoint, memory
from gpt2studio.training.parts import Parts
from gpt2studio.training.session import Session


def probe(parts: Parts) -> Probed:
    """Take two steps and write one checkpoint, which is thrown away; the second step's time counts.

    Raises StudioError where memory does not suffice for a single window.
    """
    session = Session(parts, lambda event: None)
    steps = list(session.trial(2))
    if not steps:
        raise StudioError("The probe took no step.", "Try it again.")
    with tempfile.TemporaryDirectory(dir=parts.run.path) as folder:
        size = checkpoint.size(checkpoint.save(Path(folder), session.snapshot()))
    return Probed(
        time=time.time(),
        seconds_per_step=min(step.seconds for step in steps),
        memory=memory.at_peak(parts.network.device),
        checkpoint=size,
        micro_batch=steps[-1].micro_batch,
        checkpointing=steps[-1].checkpointing,
    )
