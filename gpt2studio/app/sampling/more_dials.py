"""Dials of the stages that few people turn: folded away until they are asked for, or until one of them acts."""

from gpt2studio.app.sampling.dials import Dial
from gpt2studio.app.sampling.writing_settings import WritingSettings

_SHARES = (0.0, *(round(0.05 * step, 2) for step in range(1, 21)))
_RARE = (0.0, 0.0001, 0.0002, 0.0003, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05)

MORE = (
    Dial("no_repeat_ngram", "no repeat", (0, *range(2, 13)), 0, "No stretch of so many tokens comes twice.", digits=0),
    Dial(
        "dry_multiplier",
        "DRY",
        tuple(round(0.1 * step, 1) for step in range(31)),
        0.0,
        "The longer a repetition, the less likely that it goes on.",
    ),
    Dial(
        "dynamic_range",
        "dynamic range",
        tuple(round(0.05 * step, 2) for step in range(31)),
        0.0,
        "The temperature goes so far down where the model is sure, and up where it is not.",
    ),
    Dial("top_a", "top-a", _SHARES, 0.0, "Drops tokens less likely than this times the likeliest's chance squared."),
    Dial(
        "tail_free",
        "tail-free",
        (*(round(0.05 * step, 2) for step in range(1, 20)), 0.97, 0.99, 1.0),
        1.0,
        "Drops the tail, where one token is about as likely as the next.",
    ),
    Dial("epsilon_cutoff", "epsilon", _RARE, 0.0, "Drops tokens less likely than this.", digits=4),
    Dial("eta_cutoff", "eta", _RARE, 0.0, "The same, milder where the model expects much.", digits=4),
    Dial("xtc_probability", "XTC", _SHARES, 0.0, "So often all of the likeliest tokens but one are left out."),
    Dial(
        "xtc_threshold",
        "XTC threshold",
        tuple(round(0.02 * step, 2) for step in range(26)),
        0.1,
        "What counts as one of the likeliest, for XTC.",
        rest="",
    ),
    Dial(
        "mirostat_tau",
        "mirostat",
        tuple(round(0.5 * step, 1) for step in range(21)),
        0.0,
        "Steers towards this surprise, in bits a token.",
        digits=1,
    ),
)


def unfolded(settings: WritingSettings, *, all_of_them: bool) -> tuple[Dial, ...]:
    """All of them, or those that act: what changes the text is never hidden."""
    return tuple(dial for dial in MORE if all_of_them or not dial.is_neutral(settings))
