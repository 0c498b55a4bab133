"""An engine that answers from a script: the same words for the same seed, at a given pace, dying on command.

    python fake_engine.py [--pace TOKENS_A_SECOND] [--die-after TOKENS FILE] [--load-when FILE]

A model is loaded as soon as there is a file of the name that ``--load-when`` gives. It dies over a continuation after
so many tokens, once: it leaves FILE behind and does not die where FILE is. A model named ``broken`` cannot be loaded;
``deadly`` kills the engine.
"""

import argparse
import os
import signal
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from gpt2studio.wire.lines import from_line, to_line
from gpt2studio.wire.messages import (
    REQUESTS,
    Alternative,
    Answer,
    Continue,
    Device,
    Distribution,
    Drawn,
    Ended,
    Failed,
    Finished,
    Greeting,
    Hello,
    Load,
    Loaded,
    Loading,
    Next,
    Request,
    Score,
    Scored,
    Stage,
    Started,
    Stop,
    Token,
)

WORDS = (" the", " old", " king", " went", " home", ",", " and", " sang", ".", " He", " was", " glad")
N_POSITIONS = 512


class FakeEngine:
    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.stopped: set[str] = set()
        self.out = threading.Lock()

    def say(self, answer: Answer) -> None:
        with self.out:
            os.write(1, to_line(answer))

    def hear(self, request: Request) -> None:
        match request:
            case Stop():
                self.stopped.add(request.request)
            case Hello():
                self.say(Greeting(id=request.id, version="0", backend="fake", pid=os.getpid(), devices=(CPU,)))
            case Load():
                self.load(request)
            case Continue():
                threading.Thread(target=self.go_on, args=(request,), daemon=True).start()
            case Next() if request.sampling.mirostat_tau and request.draw and request.draw.written:
                self.say(Failed(id=request.id, message="With mirostat on, no.", hint="Look at the first token."))
            case Next():
                self.say(distribution(request))
            case Score():
                self.say(scored(request))

    def load(self, request: Load) -> None:
        name = Path(request.model).name
        if name == "broken":
            self.say(Failed(id=request.id, message="That model is broken.", hint="Choose another."))
            return
        if name == "deadly":
            os.kill(os.getpid(), signal.SIGKILL)
        for done in (1, 2):
            self.say(Loading(id=request.id, done=done, total=2))
        while self.options.load_when and not Path(self.options.load_when).exists():
            time.sleep(0.005)
        self.say(
            Loaded(
                id=request.id,
                model=request.model,
                parameters=7_000_000,
                n_positions=N_POSITIONS,
                vocabulary=len(WORDS),
                end_token=-1,
                device="cpu",
                dtype="float32",
                weights=28_000_000,
                seconds=0.1,
            )
        )

    def go_on(self, request: Continue) -> None:
        count = len(request.text.split())
        self.say(
            Started(
                id=request.id,
                tokens=count,
                window_start=0,
                window_tokens=min(count, N_POSITIONS),
                reused=0,
                single_bytes=0.9 if "你" in request.text else 0.0,
            )
        )
        finish, written = "length", 0
        numbers = range(request.first_candidate, request.first_candidate + request.candidates)
        for index in range(request.length or 1000):
            if request.id in self.stopped:
                finish = "stopped"
                break
            self.maybe_die(index)
            for number in numbers:
                word = (request.seed + index + number) % len(WORDS)
                text = spoken(replace(request, seed=request.seed + number), index)
                self.say(Token(id=request.id, candidate=number, token=word, text=text, logprob=-1.5, rank=word + 1))
                written += 1
            if self.options.pace:
                time.sleep(1 / self.options.pace)
        for number in numbers:
            self.say(Ended(id=request.id, candidate=number, finish=finish))
        self.say(Finished(id=request.id, tokens=written, seconds=1.0, tokens_per_second=123.4))

    def maybe_die(self, index: int) -> None:
        if self.options.die_after is None:
            return
        after, mark = self.options.die_after
        if index == int(after) and not Path(mark).exists():
            Path(mark).touch()
            os.kill(os.getpid(), signal.SIGKILL)


CPU = Device(name="cpu", label="CPU", memory=0)


def spoken(request: Continue, index: int) -> str:
    """The text of one token: a biased one where a token was asked for by its number.

    After a character beyond ASCII it takes three tokens to spell each one.
    """
    if request.sampling.bias:
        return WORDS[int(next(iter(request.sampling.bias)))]
    if request.text[-1:] > "\x7f":
        return "字" if index % 3 == 2 else ""
    word = WORDS[(request.seed + index) % len(WORDS)]
    return word.lstrip() if index == 0 and request.text[-1:] in ("", " ", "\n") else word


def scored(request: Score) -> Scored:
    """A score for each token from the first one asked for on; the engine remembers what stands before."""
    count = len(request.tokens) - request.first
    return Scored(
        id=request.id,
        tokens=request.tokens[request.first :],
        texts=("",) * count,
        logprobs=tuple(-(token % 11) for token in request.tokens[request.first :]),
        ranks=tuple(1 + token % 3000 for token in request.tokens[request.first :]),
        perplexity=10.0,
        entropies=(2.0,) * count,
        computed=count,
    )


def distribution(request: Next) -> Distribution:
    alternatives = tuple(
        Alternative(token=token, text=text, logprob=-0.5 * token - 0.5, probability=0.3 / (token + 1), rank=token + 1)
        for token, text in enumerate(WORDS[:9])
    )
    chosen = next((each for each in alternatives if each.token == request.token), None)
    if chosen is None and request.token is not None:
        chosen = Alternative(token=request.token, text="‹it›", logprob=-9.0, probability=0.0, rank=777)
    drawn = None
    if request.draw is not None and chosen is not None:
        index = len(request.draw.written)
        drawn = Drawn(number=0.5, index=index, token=chosen.token, text=chosen.text, low=0.4, high=0.6)
    stages = (Stage(name="top_k", kept=9, mass=0.9),) if request.stages else ()
    return Distribution(
        id=request.id, alternatives=alternatives, entropy=2.0, kept=9, stages=stages, chosen=chosen, drawn=drawn
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pace", type=float, default=0)
    parser.add_argument("--load-when")
    parser.add_argument("--die-after", nargs=2)
    engine = FakeEngine(parser.parse_args())
    for line in sys.stdin.buffer:
        request = from_line(line, REQUESTS)
        if request is not None:
            engine.hear(request)


if __name__ == "__main__":
    main()
