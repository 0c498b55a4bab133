"""Lines in, answers out: the loop of a process that serves."""

import os
import queue
import threading

from gpt2studio.wire.clients import Client, Inbox
from gpt2studio.wire.lines import to_line
from gpt2studio.wire.messages import Hello, Request, Unloaded
from gpt2studio.wire.service import Tell
from gpt2studio.wire.serving import Server


class Resting:
    """Has something under way that it may go on with when everybody is long dead."""

    broken = False
    rest = 1e12

    def __init__(self, tell: Tell) -> None:
        self.busy = True
        self.tell = tell

    def receive(self, client: object, request: Request) -> None:
        self.busy = False
        self.tell(client, [Unloaded(id=request.id)])

    def step(self) -> None: ...

    def serves(self, client: object) -> bool:
        return self.busy

    def part(self, client: object) -> None: ...


def test_who_rests_for_ever_hears_what_is_asked_meanwhile() -> None:
    into, lines = os.pipe()
    inbox: Inbox = queue.SimpleQueue()
    sent: list[bytes] = []
    client = Client(os.fdopen(into, "rb"), sent.append, lambda: None, inbox)
    client.start()

    def ask() -> None:
        os.write(lines, to_line(Hello(id="h")))
        os.close(lines)

    threading.Timer(0.2, ask).start()
    assert Server(inbox, Resting).serve(client) == 0
    assert sent == [to_line(Unloaded(id="h"))]
