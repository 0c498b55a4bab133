"""``gpt2studio score``: how likely each token of a text was to the model."""

import argparse
import asyncio
import json
import sys

from gpt2studio.cli.engine import held_model, load_request
from gpt2studio.cli.reading import read_text
from gpt2studio.cli.style import show_preparing, style_of
from gpt2studio.wire.messages import Preparing, Score, Scored
from gpt2studio.wire.terminal import visible


def run(options: argparse.Namespace) -> int:
    """Score the text and print the result."""
    scored = asyncio.run(_score(options, read_text(options.text)))
    print(_as_json(scored) if options.json else _as_table(scored))
    return 0


async def _score(options: argparse.Namespace, text: str) -> Scored:
    load = load_request(options, "load")
    style = style_of(options, load.model)
    async with held_model(load) as held:
        request = Score(id=held.engine.new_id(), text=text, special=options.special, style=style)
        async for answer in held.engine.ask(request):
            if isinstance(answer, Preparing):
                show_preparing(answer)
        show_preparing(None)
        assert isinstance(answer, Scored)
        return answer


def _as_json(scored: Scored) -> str:
    return json.dumps(
        {
            "tokens": scored.tokens,
            "texts": scored.texts,
            "logprobs": scored.logprobs,
            "ranks": scored.ranks,
            "perplexity": scored.perplexity,
        }
    )


def _as_table(scored: Scored) -> str:
    lines = [f"{'logprob':>9} {'rank':>6}  token"]
    for text, logprob, rank in zip(scored.texts, scored.logprobs, scored.ranks, strict=True):
        shown = visible(text).replace("\n", "⏎") if sys.stdout.isatty() else json.dumps(text, ensure_ascii=False)
        numbers = f"{'–':>9} {'–':>6}" if logprob is None else f"{logprob:9.3f} {rank:6d}"
        lines.append(f"{numbers}  {shown}")
    perplexity = "none: there is nothing to score" if scored.perplexity is None else f"{scored.perplexity:.2f}"
    return "\n".join([*lines, f"{len(scored.tokens)} tokens, perplexity {perplexity}"])
