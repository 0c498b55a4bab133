"""gpt2studio: a writing studio for GPT-2 in the terminal."""

__version__ = "0.1.0"
