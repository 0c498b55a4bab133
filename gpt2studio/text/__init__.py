"""Text to GPT-2's tokens and back, without a network and without torch."""
