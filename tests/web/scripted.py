"""An engine that says what a script says, a token at a time: ``python -m tests.web.scripted SECONDS LOG``.

It writes the kind of every request to LOG, so that a test can see what reached it.
"""

import queue
import sys
import threading
import time
from pathlib import Path

from gpt2studio.wire.lines import from_line, to_line
from gpt2studio.wire.messages import (
    REQUESTS,
    Answer,
    Continue,
    Ended,
    Failed,
    Finished,
    Load,
    Loaded,
    Request,
    Score,
    Started,
    Stop,
    Token,
)

FAULT = "what nobody foresaw"
"""The text at which it fails."""

DEADLY = "what no engine survives"
"""The text of which it dies when it has begun with it."""

WORDS = (" the", " fox", " <script>alert(1)</script>", " <|endoftext|>", " 雪", " 🦊", "\n", "\n", " & so")


def script(candidate: int, length: int) -> str:
    """What this candidate comes to."""
    return "".join(WORDS[(candidate + n) % len(WORDS)] for n in range(length))


def main(pace: float, log: Path) -> None:
    inbox: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(inbox,), daemon=True).start()
    running: dict[str, tuple[Continue, int]] = {}
    while True:
        while not running or not inbox.empty():
            request = inbox.get()
            if request is None:
                return
            _note(log, request.KIND)
            _take(request, running)
        for request_id, (request, told) in list(running.items()):
            _step(request, told)
            if told == 0:
                _note(log, "step")
            running[request_id] = (request, told + 1)
            if told + 1 >= request.length:
                _finish(request, "length")
                del running[request_id]
        time.sleep(pace)


def _note(log: Path, word: str) -> None:
    with log.open("a") as file:
        file.write(f"{word}\n")


def _read(inbox: "queue.SimpleQueue[Request | None]") -> None:
    for line in sys.stdin.buffer:
        inbox.put(from_line(line, REQUESTS))
    inbox.put(None)


def _take(request: Request, running: dict[str, tuple[Continue, int]]) -> None:
    if isinstance(request, Load):
        _say(
            Loaded(
                id=request.id,
                model=request.model,
                parameters=1,
                n_positions=64,
                vocabulary=8192,
                end_token=0,
                device="cpu",
                dtype="float32",
                weights=1,
                seconds=0.0,
            )
        )
    elif isinstance(request, Continue) and request.text == FAULT:
        _say(Failed(id=request.id, message="The engine failed: No such file: '/home/mary/x'.", unforeseen=True))
    elif isinstance(request, Continue):
        _say(
            Started(
                id=request.id,
                tokens=len(request.text.split()),
                window_start=0,
                window_tokens=1,
                reused=0,
                single_bytes=0.0,
            )
        )
        if request.text == DEADLY:
            sys.exit(1)
        running[request.id] = (request, 0)
    elif isinstance(request, Score) and request.text == DEADLY:
        sys.exit(1)
    elif isinstance(request, Stop) and request.request in running:
        _finish(running.pop(request.request)[0], "stopped")


def _step(request: Continue, told: int) -> None:
    for candidate in range(request.candidates):
        text = WORDS[(candidate + told) % len(WORDS)]
        _say(Token(id=request.id, candidate=candidate, token=5, text=text, logprob=-1.0, rank=1))


def _finish(request: Continue, how: str) -> None:
    for candidate in range(request.candidates):
        _say(Ended(id=request.id, candidate=candidate, finish=how))
    _say(Finished(id=request.id, tokens=1, seconds=1.0, tokens_per_second=1.0))


def _say(answer: Answer) -> None:
    sys.stdout.buffer.write(to_line(answer))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(float(sys.argv[1]), Path(sys.argv[2]))
