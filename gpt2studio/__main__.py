"""``python -m gpt2studio`` is the ``gpt2studio`` program."""

from gpt2studio.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
