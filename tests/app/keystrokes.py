"""How long a key takes to the screen, measured on the real app: a story of 100,000 words, the map on, a model writing.

    python -m tests.app.keystrokes [--words 100000] [--keys 200] [--quiet | --here]

Prints percentiles of the wall time from a key's byte to its character on the terminal, how much the model wrote in
that time, the app's CPU time a key, and the machine's load. Where the model has ended the text it is asked to go on.
``--quiet``: nothing streams. ``--here``: the person types at the very place where the model writes, not some rows
above, and the page scrolls with both. Nothing asserts a time: a busy machine is slow.
"""

import argparse
import os
import pty
import re
import select
import struct
import sys
import tempfile
import time
from fcntl import ioctl
from itertools import islice
from pathlib import Path
from termios import TIOCSWINSZ

ROOT = Path(__file__).parents[2]
SENTENCE = "The old king went down to the sea and asked the fisherman for his daughter, who was not at home. "
SETTLES = 8.0
"""Seconds for the app to open, to load its model, and to begin to stream."""
WRITING = re.compile(rb"writing \xc2\xb7 ([\d,]+) token")
ABOVE = 3
"""Rows between where the model writes and where the person does."""
LETTERS = [letter for letter in map(chr, range(0x0400, 0x1000)) if letter.isalpha()]
"""What is typed: letters that the text and the studio do not have, each once."""
SILENT = 1.0
"""Seconds without a new token after which the model has ended the text."""


class Terminal:
    """The app in a terminal of 120 columns and 40 rows."""

    def __init__(self, home: Path, story: Path) -> None:
        self.pid, self.file = pty.fork()
        if self.pid == 0:
            settings = {"GPT2STUDIO_HOME": str(home), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
            os.chdir(ROOT)
            os.execve(sys.executable, [sys.executable, "-m", "gpt2studio", str(story)], {**os.environ, **settings})
        ioctl(self.file, TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.leaving = False
        self.streamed = 0
        """How many tokens the model is seen to have written."""
        self.streamed_at = 0.0
        self._count, self._before = 0, b""

    def send(self, text: str) -> None:
        os.write(self.file, text.encode())

    def read(self, seconds: float) -> bytes:
        """What comes within that time, or the first of it."""
        ready, _, _ = select.select([self.file], [], [], max(0.0, seconds))
        try:
            data = os.read(self.file, 1 << 20) if ready else b""
        except OSError:  # the app is gone, and its terminal with it
            if not self.leaving:
                sys.exit("The app has ended by itself.")
            return b""
        for found in WRITING.findall(self._before + data):
            count = int(found.replace(b",", b""))
            if count != self._count:
                self.streamed += count - self._count if count > self._count else count
                self._count, self.streamed_at = count, time.perf_counter()
        self._before = data[-32:]
        return data

    def drain(self, seconds: float) -> None:
        until = time.perf_counter() + seconds
        while (left := until - time.perf_counter()) > 0:
            self.read(left)

    def until(self, text: str, seconds: float) -> float | None:
        """How long until this is on the terminal; None: not within that time."""
        began, seen = time.perf_counter(), b""
        while (passed := time.perf_counter() - began) < seconds:
            seen += self.read(seconds - passed)
            if text.encode() in seen:
                return time.perf_counter() - began
        return None

    def cpu(self) -> float:
        """Seconds of CPU that the app itself has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--words", type=int, default=100_000)
    parser.add_argument("--keys", type=int, default=200)
    parser.add_argument("--quiet", action="store_true")
    parser.add_argument("--here", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home, story = Path(folder) / "home", Path(folder) / "tale.txt"
        home.mkdir()
        (home / "settings.toml").write_text("length = 0\n")
        paragraph = SENTENCE * 5 + "\n"
        story.write_text(paragraph * (options.words // len(paragraph.split())))
        measure(Terminal(home, story), options.keys, options.quiet, 0 if options.here else ABOVE)


def measure(terminal: Terminal, keys: int, quiet: bool, above: int) -> None:
    terminal.drain(SETTLES)
    terminal.send("\x1b[20~")  # F9: the map
    terminal.drain(SETTLES)
    if not quiet:
        go_on(terminal, SETTLES, above)
    times, lost, asked, before = [], 0, 0, terminal.cpu()
    began, streamed = time.perf_counter(), terminal.streamed
    for character in islice(LETTERS, keys):
        terminal.send(character)
        took = terminal.until(character, 5.0)
        if took is None:
            lost += 1
        else:
            times.append(1000 * took)
        terminal.drain(0.1)
        if not quiet and time.perf_counter() - terminal.streamed_at > SILENT:
            go_on(terminal, SILENT, above)
            asked += 1
    streamed, seconds = terminal.streamed - streamed, time.perf_counter() - began
    used = 1000 * (terminal.cpu() - before) / keys
    terminal.leaving = True
    terminal.send("\x11")
    terminal.drain(1.0)
    times.sort()
    marks = {share: times[min(len(times) - 1, int(share / 100 * len(times)))] for share in (50, 90, 99)}
    said = "  ".join(f"p{share} {value:.1f} ms" for share, value in marks.items())
    print(f"{len(times)} keys, {lost} not seen: {said}  max {times[-1]:.1f} ms")
    rate = f"{streamed / seconds:.0f} a second"
    print(f"The model wrote {streamed} tokens meanwhile, {rate}; it was asked again {asked} times.")
    print(f"CPU of the app: {used:.1f} ms a key, with what streams; load {os.getloadavg()[0]:.1f}")


def go_on(terminal: Terminal, seconds: float, above: int) -> None:
    """Have the model write at the end of the text, and the person so many rows above."""
    terminal.send("\x1b[1;5F\x0a")  # Ctrl+End, Ctrl+J
    terminal.drain(seconds)
    terminal.send("\x1b[A" * above)
    terminal.drain(1.0)


if __name__ == "__main__":
    main()
