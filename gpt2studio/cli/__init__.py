"""The command line: parse, then import only what the command needs."""

import errno
import sys
from collections.abc import Sequence

from gpt2studio.cli.parser import COMMANDS, STUDIO, parse
from gpt2studio.cli.streams import abandon_output, prepare, reader_has_gone
from gpt2studio.errors import StudioError, UsageError

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; the exit status: 0 done, 1 a fault that was explained, 2 wrong usage, 130 interrupted."""
    prepare()
    try:
        options = parse(sys.argv[1:] if arguments is None else arguments)
        status = (STUDIO if options.command is None else COMMANDS[options.command]).load()(options)
        sys.stdout.flush()  # what cannot be written is told here, not at the interpreter's end
        return status
    except StudioError as error:
        return _told(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except SystemExit as end:
        # Rich, which draws the tables, keeps a broken pipe to itself and ends the program as for a fault.
        if not reader_has_gone(end.__context__):
            raise
        return 0
    except OSError as error:
        abandon_output()
        return 0 if reader_has_gone(error) else _told(_explained(error))


def _told(error: StudioError) -> int:
    """Tell of the fault; the exit status that it has."""
    print(f"gpt2studio: {error.message}", file=sys.stderr)
    if error.hint:
        print(f"  {error.hint}", file=sys.stderr)
    return 2 if isinstance(error, UsageError) else 1


def _explained(error: OSError) -> StudioError:
    """A fault of the system that no command foresaw."""
    what = error.filename if isinstance(error.filename, str) else "Reading or writing failed"
    return StudioError(
        f"{what}: {error.strerror or error}.", _HINTS.get(error.errno or 0, "Check the path and the disk.")
    )


_HINTS = {
    errno.ENOSPC: "Make room on the disk, or write elsewhere.",
    errno.EDQUOT: "Make room on the disk, or write elsewhere.",
    errno.EACCES: "Check its permissions.",
    errno.EPERM: "Check its permissions.",
    errno.EROFS: "Write elsewhere: that disk can only be read.",
    errno.EMFILE: "Close other programs, or raise the limit: ulimit -n",
}
