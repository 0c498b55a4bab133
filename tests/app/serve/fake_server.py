"""A server that says what a script says: ``python fake_server.py LOG [--host H] [--port P]``.

It writes to LOG what it is told, a line each; port 1 is taken; asked for it, it dies (``killed`` beside LOG).
"""

import argparse
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("log", type=Path)
    parser.add_argument("--host")
    parser.add_argument("--port", type=int, default=5000)
    options = parser.parse_args()
    first = json.loads(sys.stdin.readline())
    note(options.log, first)
    if options.port == 1:
        print("gpt2studio: The server cannot listen on 127.0.0.1, port 1.", file=sys.stderr)
        print("  Leave out --port to take a free one.", file=sys.stderr)
        return 1
    fragment = f"#token={first['token']}" if first["token"] else ""
    address = "192.0.2.7" if options.host == "0.0.0.0" else options.host
    say(event="serving", link=f"http://{address}:{options.port}/{fragment}", model=first["name"], port=options.port)
    say(event="from the future")
    say(event="traffic", visitors=3, running=2, waiting=1, tokens=1204, tokens_per_second=57.2)
    threading.Thread(target=watch, args=(options.log.with_name("killed"),), daemon=True).start()
    for line in sys.stdin:
        note(options.log, json.loads(line))
    return 0


def watch(mark: Path) -> None:
    while not mark.exists():
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGKILL)


def note(log: Path, told: dict[str, object]) -> None:
    with log.open("a") as file:
        file.write(json.dumps(told) + "\n")


def say(**event: object) -> None:
    print(json.dumps(event), flush=True)


if __name__ == "__main__":
    sys.exit(main())
