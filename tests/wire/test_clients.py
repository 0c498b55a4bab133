import os
import queue
import threading

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
