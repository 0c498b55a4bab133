"""A hub on this machine that misbehaves as it is told to."""

import hashlib
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

REPOSITORY = "someone/tales"
COMMIT = "c0ffee" * 6 + "c0ff"


@dataclass
class Hub:
    """What the hub has, what it does wrong next, and what it was asked."""

    files: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=dict)
    """By the name of a file: what goes wrong at its next requests, one after the other."""
    card: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=lambda: {"model_type": "gpt2"})
    promised: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By the name of a file: what the hub says of it instead of the truth."""
    api_status: int = 200
    requests: list[tuple[str, str, str, str]] = field(default_factory=list)
    """Method, path, range, authorization."""
    closing: threading.Event = field(default_factory=threading.Event)
    stalling: threading.Event = field(default_factory=threading.Event)
    """Set once a client waits for bytes that do not come."""
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def asked(self, name: str) -> list[str]:
        """The ranges that were asked of this file."""
        return [span for method, path, span, _ in self.requests if method == "GET" and path.endswith("/" + name)]

    def siblings(self) -> list[dict[str, Any]]:
        return [self._sibling(name, data) for name, data in self.files.items()]

    def _sibling(self, name: str, data: bytes) -> dict[str, Any]:
        about: dict[str, Any] = {"rfilename": name, "size": len(data), "blobId": git_blob(data)}
        if name.endswith((".safetensors", ".bin")):
            digest = hashlib.sha256(data).hexdigest()
            about["lfs"] = {"sha256": digest, "size": len(data), "pointerSize": 134}
        return about | self.promised.get(name, {})


def git_blob(data: bytes) -> str:
    """The id that git gives these bytes."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


@contextmanager
def served(hub: Hub) -> Iterator[Hub]:
    """The hub, answering until the block ends."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.hub = hub
    hub.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.closing.set()
        server.shutdown()
        server.server_close()
        thread.join(10)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    hub: Hub

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever asked may leave in the middle, as downloads that are stopped do; anything else is told."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, format: str, *arguments: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        self._note()
        name = urlsplit(self.path).path.rpartition("/")[2]
        data = self.server.hub.files.get(name)
        self._head(404 if data is None else 200, len(data or b""))

    def do_GET(self) -> None:
        self._note()
        path = urlsplit(self.path).path
        if path.startswith("/api/"):
            self._api(path)
        else:
            self._file(path.rpartition("/")[2])

    def _note(self) -> None:
        wanted = self.headers.get("Range", ""), self.headers.get("Authorization", "")
        self.server.hub.requests.append((self.command, self.path, *wanted))

    def _api(self, path: str) -> None:
        hub = self.server.hub
        if hub.api_status != 200:
            self._send(hub.api_status, b'{"error": "no"}', "application/json")
        elif path == "/api/models":
            found = {"id": REPOSITORY, "downloads": 7, "likes": 2, "tags": ["gpt2", "license:mit"], "gated": False}
            self._send(200, json.dumps([found]).encode(), "application/json")
        elif path.startswith(f"/api/models/{REPOSITORY}"):
            about = {"id": REPOSITORY, "sha": COMMIT, "siblings": hub.siblings(), "config": hub.config, "tags": []}
            self._send(200, json.dumps(about | {"cardData": hub.card}).encode(), "application/json")
        else:
            self._send(404, b'{"error": "Repository not found"}', "application/json", "RepoNotFound")

    def _file(self, name: str) -> None:
        hub = self.server.hub
        faults = hub.faults.get(name)
        fault, _, number = (faults.pop(0) if faults else "").partition(":")
        data = hub.files.get(name, b"")
        if fault.isdecimal():
            return self._send(int(fault), b"<?xml version='1.0'?><Error/>", "application/xml")
        if fault == "page":
            return self._send(200, b"<!DOCTYPE html><html>Sign in", "text/html")
        if fault == "xml":
            return self._send(200, b"\xef\xbb\xbf<?xml version='1.0'?><Error/>", "application/octet-stream")
        if fault == "redirect":
            return self._redirect(f"http://localhost:{hub.port}/cdn/{name}")
        if fault == "round":
            return self._redirect(self.path)
        if fault == "stall":
            self._head(200, len(data))
            self.wfile.write(data[: int(number)])
            self.wfile.flush()
            hub.stalling.set()
            hub.closing.wait(20)
            return None
        if fault == "other":
            data = bytes(255 - byte for byte in data)
        begin = 0 if fault == "whole" else self._begin()
        if begin > len(data) or (begin and begin == len(data)):
            return self._send(416, b"", "text/plain")
        rest = data[begin:]
        shift = 1 if fault == "shifted" else 0
        self._head(206 if begin else 200, len(rest) + int(number if fault == "longer" else 0), begin + shift, len(data))
        self.wfile.write(rest[: int(number)] if fault == "cut" else rest)
        self.close_connection = True
        return None

    def _begin(self) -> int:
        span = self.headers.get("Range", "").removeprefix("bytes=").removesuffix("-")
        return int(span) if span else 0

    def _head(self, status: int, length: int, begin: int = 0, total: int = 0) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        self.send_header("Content-Type", "application/octet-stream")
        if status == 206:
            self.send_header("Content-Range", f"bytes {begin}-{total - 1}/{total}")
        self.end_headers()

    def _redirect(self, to: str) -> None:
        self.send_response(302)
        self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, status: int, data: bytes, kind: str, code: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Content-Type", kind)
        if code:
            self.send_header("X-Error-Code", code)
        self.end_headers()
        self.wfile.write(data)
