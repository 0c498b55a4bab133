import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from gpt2studio.wire import clients
from gpt2studio.wire.clients import Client, Inbox


def test_lines_come_in_and_go_out_in_order() -> None:
    into, lines = os.pipe()
    inbox: Inbox = queue.SimpleQueue()
    sent: list[bytes] = []
    client = Client(os.fdopen(into, "rb"), sent.append, lambda: None, inbox)
    client.start()
    os.write(lines, b"one\ntwo\n")
    os.close(lines)
    assert [inbox.get(timeout=20)[1] for _ in range(4)] == [b"", b"one\n", b"two\n", None]
    client.tell(b"a")
    client.tell(b"b")
    client.close(patience=20)
    assert sent == [b"a", b"b"]
    assert not client.gone


def test_one_that_does_not_read_counts_as_gone_and_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "_BACKLOG", 100)
    into, lines = os.pipe()
    inbox: Inbox = queue.SimpleQueue()
    blocked, ended = threading.Event(), threading.Event()
    client = Client(os.fdopen(into, "rb"), lambda data: void(blocked.wait(20)), ended.set, inbox)
    client.start()
    assert inbox.get(timeout=20) == (client, b"")
    for _ in range(20):
        client.tell(b"ten bytes.")
    assert client.gone
    assert ended.is_set()
    assert inbox.get(timeout=20) == (client, None)
    blocked.set()
    os.close(lines)


def test_one_that_reads_gets_a_line_however_long_and_what_comes_after(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "_BACKLOG", 100)
    into, lines = os.pipe()
    sent: list[bytes] = []
    client = Client(os.fdopen(into, "rb"), sent.append, lambda: None, queue.SimpleQueue())
    told = [b"x" * 200, b"short", b"x" * 200]
    for data in told:  # before the first is on its way
        client.tell(data)
    client.start()
    client.close(patience=20)
    assert sent == told
    assert not client.gone
    os.close(lines)


def test_one_whose_stream_breaks_counts_as_gone() -> None:
    def broken(data: bytes) -> None:
        raise BrokenPipeError

    into, lines = os.pipe()
    inbox: Inbox = queue.SimpleQueue()
    client = Client(os.fdopen(into, "rb"), broken, lambda: None, inbox)
    client.start()
    client.tell(b"anything")
    assert [inbox.get(timeout=20)[1] for _ in range(2)] == [b"", None]
    assert client.gone
    os.close(lines)


def void(value: object) -> None:
    """Take no notice of it."""


@pytest.mark.skipif(sys.platform == "win32", reason="there, nothing sends a signal to one thread")
def test_a_signal_that_does_not_reach_the_waiting_thread_ends_it_all_the_same() -> None:
    script = """
import os, queue, signal, threading, time
from gpt2studio.wire.clients import ended_by_signals, standard_client

def send():
    time.sleep(0.2)  # by now the main thread waits
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

inbox = queue.SimpleQueue()
client = standard_client(inbox)
try:
    with ended_by_signals(client.knock):
        threading.Thread(target=send).start()
        while True:
            inbox.get()
except SystemExit as end:
    os._exit(end.code)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, cwd=Path(__file__).parents[2]) as one:
        try:
            assert one.wait(20) == 128 + signal.SIGTERM
        finally:
            one.kill()
