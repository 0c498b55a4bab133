"""The command line: parse, then import only what the command needs."""

import os
import sys
from collections.abc import Sequence

from gpt2studio.cli.parser import COMMANDS, STUDIO, parse
from gpt2studio.errors import StudioError, UsageError

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; the exit status: 0 done, 1 a fault that was explained, 2 wrong usage, 130 interrupted."""
    try:
        options = parse(sys.argv[1:] if arguments is None else arguments)
        return (STUDIO if options.command is None else COMMANDS[options.command]).load()(options)
    except StudioError as error:
        print(f"gpt2studio: {error.message}", file=sys.stderr)
        if error.hint:
            print(f"  {error.hint}", file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader (head, say) has gone; what Python still holds for it must not be flushed at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
