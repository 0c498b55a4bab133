"""Texts to tokens on all cores: a tokenizer in each of several processes, fed in order.

Run as a program, this module is such a process: it reads texts from standard input and writes their tokens to
standard output, each led by its length in bytes as four bytes, little-endian, until its input ends.
"""

import contextlib
import queue
import signal
import struct
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from gpt2studio.errors import StudioError
from gpt2studio.programs import own
from gpt2studio.runs.documents import Piece
from gpt2studio.text.tokenizer import Tokenizer
from gpt2studio.text.vocabulary import Vocabulary

Tokens = NDArray[np.uint32]

_LENGTH = struct.Struct("<I")


def encode_pieces(
    pieces: Iterable[Piece], encoder: Path, merges: Path, processes: int
) -> Iterator[tuple[Piece, Tokens]]:
    """Each piece with its tokens, in order, at most a few pieces ahead of the reader. One process: this one."""
    if processes == 1:
        tokenizer = Tokenizer(Vocabulary.load(encoder, merges))
        for piece in pieces:
            yield piece, _of_piece(piece, lambda text: np.array(tokenizer.encode(text), np.uint32))
        return
    waiting: deque[tuple[Piece, Future[Tokens]]] = deque()
    with _Crew(encoder, merges, processes) as crew, ThreadPoolExecutor(processes) as threads:
        for piece in pieces:
            waiting.append((piece, threads.submit(_of_piece, piece, crew.encode)))
            if len(waiting) > 3 * processes:
                first, tokens = waiting.popleft()
                yield first, tokens.result()
        for first, tokens in waiting:
            yield first, tokens.result()


def _of_piece(piece: Piece, encode: Callable[[str], Tokens]) -> Tokens:
    return encode(piece.content) if isinstance(piece.content, str) else piece.content.astype(np.uint32)


class _Crew:
    """Tokenizers in processes that end when this one does, however it ends: their input is closed then."""

    def __init__(self, encoder: Path, merges: Path, count: int) -> None:
        command = own(__spec__.name, str(encoder), str(merges))
        self._all = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(count)]
        self._idle: queue.SimpleQueue[subprocess.Popen[bytes]] = queue.SimpleQueue()
        for process in self._all:
            self._idle.put(process)

    def __enter__(self) -> "_Crew":
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._all:
            assert process.stdin is not None
            assert process.stdout is not None
            with contextlib.suppress(OSError):  # it has ended; Windows has more than one word for that
                process.stdin.close()
            process.wait()
            process.stdout.close()

    def encode(self, text: str) -> Tokens:
        """The tokens, by whichever process is idle."""
        process = self._idle.get()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            _send(process.stdin, text.encode("utf-8", "replace"))
            data = _receive(process.stdout)
        except OSError:
            data = None
        finally:
            self._idle.put(process)
        if data is None:
            raise StudioError("A process that encodes the texts was ended.", "Start the run again.")
        return np.frombuffer(data, np.uint32)


def _send(stream: IO[bytes], data: bytes) -> None:
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def _receive(stream: IO[bytes]) -> bytes | None:
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    data = stream.read(length)
    return data if len(data) == length else None


def main(arguments: list[str]) -> None:
    """Encode what comes until the input ends."""
    # Ctrl+C in the terminal is the trainer's to understand; it closes this process's input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tokenizer = Tokenizer(Vocabulary.load(Path(arguments[0]), Path(arguments[1])))
    while (data := _receive(sys.stdin.buffer)) is not None:
        tokens = np.array(tokenizer.encode(data.decode("utf-8", "replace")), np.uint32)
        _send(sys.stdout.buffer, tokens.tobytes())


if __name__ == "__main__":
    main(sys.argv[1:])
