"""Where the server listens, and how others can name it."""

import contextlib
import errno
import ipaddress
import socket
from dataclasses import dataclass

from gpt2studio.errors import StudioError, UsageError

FIRST_PORT = 5000
"""The port of gpt-2-flask-api."""
_TRIES = 50


@dataclass(frozen=True, slots=True)
class Address:
    """A socket that listens."""

    host: str
    port: int
    socket: socket.socket

    @property
    def everywhere(self) -> bool:
        """Whether it listens on every address of this machine."""
        return self.host in ("0.0.0.0", "::", "")

    def shown(self, instead: str = "") -> str:
        """Host and port as they stand in a link; *instead* of an address that means all of them."""
        host = (instead or "127.0.0.1") if self.everywhere else self.host
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"

    @staticmethod
    def is_loopback(host: str) -> bool:
        """Whether only this machine can reach it."""
        if host.lower() == "localhost":
            return True
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False


def bind(host: str, port: int | None) -> Address:
    """A socket that listens there: on this port, or on 5000 or the next that is free.

    Raises StudioError where the port is taken, or the address is not this machine's.
    """
    ports = [port] if port is not None else list(range(FIRST_PORT, FIRST_PORT + _TRIES))
    for each in ports:
        try:
            listening = _listening(host, each)
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES) and port is None:
                continue
            raise StudioError(
                f"The server cannot listen on {host or 'all addresses'}, port {each}: {error.strerror}.",
                "Leave out --port to take a free one; --host must be an address of this machine.",
            ) from None
        return Address(host, listening.getsockname()[1], listening)
    raise StudioError(f"The ports from {FIRST_PORT} to {ports[-1]} are all taken.", "Give another: --port 8000.")


def _listening(host: str, port: int) -> socket.socket:
    if not 0 <= port < 1 << 16:
        raise UsageError(f"There is no port {port}.", "Ports go from 0 (any that is free) to 65535.")
    try:
        family, _, _, _, where = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (socket.gaierror, UnicodeError):
        raise StudioError(
            f"There is no address {host}.", "Give an address of this machine: 127.0.0.1, 0.0.0.0."
        ) from None
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.bind((where[0], 0))  # an address of another machine is refused here, and never asked for its ports
    if port and _answers(family, where):
        # Some systems let two programs listen on one port, and only one of them hears.
        raise OSError(errno.EADDRINUSE, "the port is taken")
    return socket.create_server(where[:2], family=family, backlog=128)


def _answers(family: int, where: tuple[object, ...]) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(str(where[0]), str(where[0]))
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.2)
        return probe.connect_ex((host, where[1])) == 0


def lan_address() -> str:
    """This machine's address in its own network; empty where it has none. Nothing is sent."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # reserved for documentation: only the route is looked up
        found = str(probe.getsockname()[0])
        return "" if Address.is_loopback(found) else found
    return ""


def names_of(host: str) -> frozenset[str]:
    """The names under which browsers may reach a server on this host."""
    names = {"localhost", host.lower()}
    if not Address.is_loopback(host):
        own = socket.gethostname().lower()
        names |= {own, f"{own}.local", own.partition(".")[0]}
    return frozenset(names - {""})
