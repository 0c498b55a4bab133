"""The options of ``generate`` for the sampling stages that people know from other programs."""

import argparse

NAMES = (
    *("banned_texts", "banned_tokens", "no_repeat_ngram", "dry_multiplier", "dry_base", "dry_length"),
    *("dynamic_range", "dynamic_exponent", "top_a", "tail_free", "epsilon_cutoff", "eta_cutoff"),
    *("xtc_probability", "xtc_threshold", "mirostat_tau", "mirostat_eta"),
)
"""The parameters that they set, by their names in `gpt2studio.wire.sampling.Sampling`."""


def add_stages(parser: argparse.ArgumentParser) -> None:
    """What ``generate`` takes for them."""
    add = parser.add_argument_group("more sampling stages").add_argument
    add("--ban", action="append", dest="banned_texts", metavar="TEXT", help="never write this; may be given again")
    add("--ban-token", action="append", type=int, dest="banned_tokens", metavar="ID", help="never draw this token")
    add("--no-repeat-ngram", type=int, metavar="N", help="no N tokens in a row come twice; 0: off")
    add("--dry", type=float, dest="dry_multiplier", metavar="X", help="DRY: the longer a repetition, the less likely")
    add("--dry-base", type=float, metavar="X", help="of DRY: how much more each token of it costs (1.75)")
    add("--dry-length", type=int, metavar="N", help="of DRY: so long a repetition is free (2)")
    add("--dynamic-range", type=float, metavar="T", help="the temperature moves so far, by how sure the model is")
    add("--dynamic-exponent", type=float, metavar="X", help="of that: above 1, only great doubt raises it (1)")
    add("--top-a", type=float, metavar="A", help="only tokens A times the likeliest's probability squared; 0: off")
    add("--tail-free", type=float, metavar="Z", help="cut the tail where probabilities stop bending; 1: off")
    add("--epsilon-cutoff", type=float, metavar="P", help="only tokens this likely; 0: off")
    add("--eta-cutoff", type=float, metavar="P", help="the same, less where much is possible; 0: off")
    add("--xtc-probability", type=float, metavar="P", help="how often the top choices are cut but the last; 0: off")
    add("--xtc-threshold", type=float, metavar="P", help="what is a top choice (0.1)")
    add("--mirostat-tau", type=float, metavar="BITS", help="steer towards this surprise (mirostat 2); 0: off")
    add("--mirostat-eta", type=float, metavar="X", help="how fast it steers (0.1)")
