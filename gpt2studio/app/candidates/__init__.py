"""Candidates: several continuations side by side, of which one is taken."""
