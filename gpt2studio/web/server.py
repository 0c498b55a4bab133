"""The server: bound to an address, its link shown, its engine held, until it is asked to end."""

import asyncio
import contextlib
import json
import secrets
import signal
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from urllib.parse import quote

import uvicorn

from gpt2studio.errors import UsageError
from gpt2studio.text.tokenizer import Tokenizer
from gpt2studio.web.address import Address, bind, lan_address, names_of
from gpt2studio.web.borrowing import Borrower
from gpt2studio.web.guard import Rules
from gpt2studio.web.keeper import Keeper
from gpt2studio.web.limits import Limits
from gpt2studio.web.protocol import PatientProtocol
from gpt2studio.web.service import Service
from gpt2studio.web.site import site
from gpt2studio.web.starter import Starter, vocabulary_of
from gpt2studio.wire.messages import Load
from gpt2studio.wire.process import ENGINE, EngineProcess
from gpt2studio.wire.sampling import Sampling
from gpt2studio.wire.sharing import Share
from gpt2studio.wire.terminal import visible

_INTERRUPTED = 130
_GRACE = 2
"""Seconds that answers under way have to end when the server ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """What is to be served, and to whom."""

    name: str
    """What the model is called."""
    load: Load | None = None
    """What the server's own engine is to hold; None: it shares the engine of the program that started it."""
    share: Share | None = None
    """The first thing that this program says to share; more are read from standard input, a line each."""
    sampling: Sampling = field(default_factory=Sampling)
    host: str = "127.0.0.1"
    port: int | None = None
    """None: 5000, or the next that is free. 0: any."""
    token: str = ""
    open: bool = False
    """Whether another address than this machine's own may be served without a token."""
    json: bool = False
    """Whether standard output has a line of JSON with the link, and one whenever visitors or speed have changed."""
    until_eof: bool = False
    """Whether to end when standard input ends: with the program that started this one, however that ends."""
    limits: Limits = field(default_factory=Limits)
    engine: Sequence[str] = ENGINE
    """The command that starts the engine."""


def serve(options: ServeOptions) -> int:
    """Serve until interrupted or asked to end; the exit status."""
    options = replace(options, token=_token(options))
    address = bind(options.host, options.port)
    with contextlib.closing(address.socket):
        return asyncio.run(_serve(options, address))


def _token(options: ServeOptions) -> str:
    """What visitors must know: what was given, else a new one where others than this machine could come."""
    if options.token and options.open:
        raise UsageError("--open and --token contradict each other.", "Give one of them.")
    if options.token and not (options.token.isascii() and options.token.isprintable() and " " not in options.token):
        raise UsageError("That token cannot be sent.", "Use letters, digits and signs of ASCII, without spaces.")
    if options.token or options.open or Address.is_loopback(options.host):
        return options.token
    return secrets.token_urlsafe(16)


async def _serve(options: ServeOptions, address: Address) -> int:
    keeper = _keeper(options)
    try:
        tokenizer, _ = await asyncio.gather(asyncio.to_thread(_tokenizer, options), keeper.begin())
        service = Service(
            model=options.name,
            sampling=options.sampling,
            keeper=keeper,
            tokenizer=tokenizer,
            limits=options.limits,
            created=int(time.time()),
        )
        server = _Server(_configured(options, service, address), service)
        watching = [asyncio.create_task(keeper.run()), asyncio.create_task(_announce(options, service, address))]
        if options.until_eof:
            starter = Starter(partial(setattr, server, "should_exit", True))
            starter.listen()
            if isinstance(keeper, Borrower):
                watching.append(asyncio.create_task(starter.turn(service, keeper)))
        for task in watching:
            task.add_done_callback(server.end_with)
        with _ending(server) as asked:
            await server.serve(sockets=[address.socket])
        for task in watching:
            task.cancel()
        for ended in await asyncio.gather(*watching, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended
        return _INTERRUPTED if signal.SIGINT in asked else 0
    finally:
        await keeper.close()


def _keeper(options: ServeOptions) -> Keeper:
    if options.share is not None:
        return Borrower(options.share, options.limits, _tell)
    return Keeper(partial(EngineProcess.start, command=options.engine), options.load, options.limits, _tell)


def _tokenizer(options: ServeOptions) -> Tokenizer:
    model = options.share.vocabulary if options.share is not None else ""
    if options.load is not None:
        model = options.load.model
    return Tokenizer.of_folder(vocabulary_of(model))


def _configured(options: ServeOptions, service: Service, address: Address) -> uvicorn.Config:
    rules = Rules(
        names=names_of(options.host),
        addresses=not Address.is_loopback(options.host),
        token=options.token,
        cookie=f"gpt2studio-{address.port}",
    )
    return uvicorn.Config(
        site(service, rules, _tell),
        http=_protocol(options.limits),
        ws="none",
        lifespan="off",
        loop="asyncio",
        access_log=False,
        log_level="error",
        server_header=False,
        proxy_headers=False,
        limit_concurrency=options.limits.connections,
        timeout_graceful_shutdown=_GRACE,
    )


def _protocol(limits: Limits) -> type[PatientProtocol]:
    return type("Protocol", (PatientProtocol,), {"limits": limits})


class _Server(uvicorn.Server):
    """uvicorn's server, which leaves signals to whoever runs it, and lets what is under way end in good order."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service

    def end_with(self, watching: "asyncio.Task[None]") -> None:
        """End if this task has failed: what serves on without an engine's keeper, say, only seems to serve."""
        if not watching.cancelled() and watching.exception() is not None:
            self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._service.end()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.contextmanager
def _ending(server: uvicorn.Server) -> Iterator[list[int]]:
    """End the server, not the process, when asked to: what is under way has a moment, the engine is let go.

    Yields the signals that have come.
    """
    asked: list[int] = []

    def end(number: int, frame: object) -> None:
        server.force_exit = bool(asked)  # asked twice
        server.should_exit = True
        asked.append(number)

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, end) for number in numbers]
    try:
        yield asked
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


async def _announce(options: ServeOptions, service: Service, address: Address) -> None:
    """Show the link; for the program that asked for JSON, then what goes on, whenever it has changed."""
    base = f"http://{address.shown(lan_address() if address.everywhere else '')}"
    link = f"{base}/#token={quote(options.token)}" if options.token else f"{base}/"
    if not options.json:
        _say(link)
        _tell(f"{service.model} is served there; Ctrl+C ends it.")
        _tell(f"For programs that speak OpenAI's interface: base URL {base}/v1, model {service.model}.")
        if options.open and not Address.is_loopback(options.host):
            _tell("It is open: whoever can reach this machine can use it.")
        return
    first = {"event": "serving", "link": link, "model": service.model, "port": address.port, "token": options.token}
    _say(json.dumps(first))
    told: dict[str, object] = {}
    while True:
        now: dict[str, object] = {
            "event": "traffic",
            "visitors": service.traffic.visitors,
            "running": service.admission.running,
            "waiting": service.admission.waiting,
            "tokens": service.traffic.tokens,
            "tokens_per_second": service.traffic.tokens_per_second,
        }
        if now != told:
            _say(json.dumps(now))
            told = now
        await asyncio.sleep(1)


def _say(line: str) -> None:
    with contextlib.suppress(OSError):  # nobody reads it any more
        print(line, flush=True)


def _tell(line: str) -> None:
    with contextlib.suppress(OSError):  # a terminal that was closed, say
        print(visible(line), file=sys.stderr, flush=True)
