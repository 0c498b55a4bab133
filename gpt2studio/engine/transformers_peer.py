"""transformers at the engine's own task: ``python -m gpt2studio.engine.transformers_peer MODEL DTYPE DEVICE``.

It answers a line ``{"rows", "prompt", "tokens"}`` with ``{"first", "tokens_per_second"}``: seconds until a token has
come after a prompt of so many tokens, and the speed of so many more, of all rows together.
"""

import json
import sys
import time
from typing import Any

import torch
from transformers import GPT2LMHeadModel
from transformers.utils import logging


def main(path: str, dtype: str, device: str) -> None:
    """Load the model, say so with an empty object, and answer until standard input ends."""
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    model: Any = GPT2LMHeadModel.from_pretrained(path, dtype=getattr(torch, dtype)).to(device).eval()
    print("{}", flush=True)
    for line in sys.stdin:
        print(json.dumps(measured(model, **json.loads(line))), flush=True)


@torch.inference_mode()
def measured(model: Any, rows: int, prompt: int, tokens: int) -> dict[str, float]:
    """How fast it goes on from random tokens."""
    ids = torch.randint(1, model.config.vocab_size, (1, prompt), device=model.device).repeat(rows, 1)
    first = _seconds(model, ids, 1)
    whole = _seconds(model, ids, 1 + tokens)
    return {"first": first, "tokens_per_second": rows * tokens / max(whole - first, 1e-9)}


def _seconds(model: Any, ids: torch.Tensor, tokens: int) -> float:
    began = time.perf_counter()
    model.generate(
        ids,
        attention_mask=torch.ones_like(ids),
        max_new_tokens=tokens,
        min_new_tokens=tokens,
        do_sample=True,
        top_k=40,
        pad_token_id=0,
    )
    return time.perf_counter() - began


if __name__ == "__main__":
    main(*sys.argv[1:])
