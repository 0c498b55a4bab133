"""A person's own text file: read as text with plain newlines, written back in the style it had."""

import contextlib
import hashlib
import os
from pathlib import Path

from gpt2studio.errors import FormatError, NotFoundError, StudioError
from gpt2studio.files import written_whole

BOM = b"\xef\xbb\xbf"


class GuardedError(StudioError):
    """Saving would do what the person may not want; forced, it is done."""


class TextFile:
    """A file that is edited in place. Raises StudioError kinds where it cannot be read or written."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().resolve()  # through links: the file itself is replaced, not a link to it
        self.digest = ""
        """Of the bytes as they were read or written last; empty: there was no file."""
        self.mixed = False
        """Whether lines ended in more than one way."""
        self._newline = "\n"
        self._bom = b""
        self._stamp: tuple[int, ...] = ()

    def read(self) -> str:
        """The file's text, lines ending in ``\\n``; empty where there is no file yet."""
        stamp = self._look()  # before the bytes: what is written between the two is seen as a change then
        data = self._bytes()
        bom = BOM if data is not None and data.startswith(BOM) else b""
        try:
            text = (data or b"")[len(bom) :].decode()
        except UnicodeDecodeError as error:
            raise FormatError(
                f"“{self.path.name}” is not UTF-8 text: byte {error.start + 1:,} cannot be read.",
                "Save it as UTF-8 in the program that made it (or use iconv), then open it again.",
            ) from None
        if "\0" in text:
            raise FormatError(f"“{self.path.name}” is not a text file.", "Open a text file, in UTF-8.")
        # What cannot be read is not known here, and not to be written over unasked.
        self._stamp, self.digest, self._bom = stamp, _digest(data), bom
        return self._unified(text)

    def write(self, text: str, *, force: bool = False) -> None:
        """Put the text in the file's place, in its style.

        Raises GuardedError, unless forced, where another program changed it since, or it is write-protected.
        """
        if not force:
            self._check()
        # Half a surrogate, which no UTF-8 file can hold, becomes a question mark.
        data = self._bom + text.replace("\n", self._newline).encode("utf-8", "replace")
        try:
            with written_whole(self.path, links=True) as file:
                file.write(data)
                file.flush()
                self._stamp = _stamp(os.fstat(file.fileno()))  # of what is written here, whoever writes next
        except OSError as error:
            raise StudioError(
                f"“{self.path.name}” could not be saved: {error.strerror or error}.",
                "The text is kept in the studio; make room or give access, then save again.",
            ) from error
        self.digest = _digest(data)

    def _check(self) -> None:
        """Raise GuardedError where there is a file that is not to be written over unasked."""
        if self.there and self.changed():
            raise GuardedError(
                f"“{self.path.name}” was changed by another program since it was read here.",
                "Ctrl+P, Reload takes that in; Ctrl+S again puts this text in its place.",
            )
        with contextlib.suppress(OSError):  # where it is not there, nothing protects it
            # Whoever may do everything may write to it too: what its mode says counts.
            if not self.path.stat().st_mode & 0o222 or not os.access(self.path, os.W_OK):
                raise GuardedError(
                    f"“{self.path.name}” is write-protected.", "Ctrl+S again saves it all the same; it stays protected."
                )

    @property
    def there(self) -> bool:
        """Whether there is a file."""
        return bool(self._look())

    def changed(self) -> bool:
        """Whether the file is not what it was when it was read or written here last."""
        stamp = self._look()
        if stamp == self._stamp:
            return False
        try:
            same = _digest(self._bytes()) == self.digest
        except StudioError:
            return True
        if same:
            self._stamp = stamp
        return not same

    def _bytes(self) -> bytes | None:
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None
        except IsADirectoryError:
            raise NotFoundError(f"“{self.path}” is a folder.", "Name a text file.") from None
        except OSError as error:
            raise StudioError(
                f"“{self.path}” cannot be read: {error.strerror or error}.", "Give yourself access to it first."
            ) from error

    def _look(self) -> tuple[int, ...]:
        try:
            return _stamp(self.path.stat())
        except OSError:
            return ()

    def _unified(self, text: str) -> str:
        windows = text.count("\r\n")
        unix = text.count("\n") - windows
        mac = text.count("\r") - windows
        self._newline = "\n"
        if windows > unix:
            self._newline = "\r\n"
        elif mac and not windows and not unix:
            self._newline = "\r"
            text = text.replace("\r", "\n")
        self.mixed = bool(windows and unix)
        return text.replace("\r\n", "\n")


def _stamp(found: os.stat_result) -> tuple[int, ...]:
    return found.st_mtime_ns, found.st_size, found.st_ino


def _digest(data: bytes | None) -> str:
    return "" if data is None else hashlib.sha256(data).hexdigest()
