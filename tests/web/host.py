"""A server with the scripted engine, as a child process: ``python -m tests.web.host '{"pace": …, "limits": {…}}'``."""

import json
import sys

from gpt2studio.paths import shipped
from gpt2studio.web.limits import Limits
from gpt2studio.web.server import ServeOptions, serve
from gpt2studio.wire.messages import Load


def main(given: str) -> int:
    options = json.loads(given)
    return serve(
        ServeOptions(
            load=Load(id="", model=str(shipped("models") / "storyteller")),
            name="storyteller",
            host=options.get("host", "127.0.0.1"),
            port=0,
            token=options.get("token", ""),
            json=True,
            until_eof=options.get("until_eof", False),
            open=options.get("open", False),
            limits=Limits(**options.get("limits", {})),
            engine=(sys.executable, "-m", "tests.web.scripted", str(options["pace"]), options["log"]),
        )
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
