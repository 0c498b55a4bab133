"""``gpt2studio serve``: the model in a browser, and for programs that speak OpenAI's interface."""

import argparse
from pathlib import Path

from gpt2studio.cli.engine import card_of_path, load_request
from gpt2studio.library.shelf import SHIPPED
from gpt2studio.paths import places
from gpt2studio.settings import read_settings
from gpt2studio.wire.lines import build
from gpt2studio.wire.process import command_for
from gpt2studio.wire.sampling import Sampling


def run(options: argparse.Namespace) -> int:
    """Serve the model that the options name."""
    from gpt2studio.web.server import ServeOptions, serve

    if options.shared:
        return _serve_shared(options)
    load = load_request(options, "load")
    card = card_of_path(load.model)
    return serve(
        ServeOptions(
            load=load,
            engine=command_for(load.model),
            name=_name(options),
            sampling=build(Sampling, dict(card.sampling)) if card else Sampling(),
            host=options.host,
            port=options.port,
            token=options.token or "",
            open=options.open,
            json=options.json,
            until_eof=options.until_eof,
        )
    )


def _serve_shared(options: argparse.Namespace) -> int:
    """Serve what the app says, with its engine."""
    from gpt2studio.web.server import ServeOptions, serve
    from gpt2studio.web.starter import first_share

    share = first_share()
    return serve(
        ServeOptions(
            share=share,
            name=share.name,
            sampling=share.sampling,
            host=options.host,
            port=options.port,
            token=share.token,
            open=options.open,
            json=True,
            until_eof=True,
        )
    )


def _name(options: argparse.Namespace) -> str:
    """What people call the model; of a path, only its last part is anybody else's business."""
    settings, _ = read_settings(places().settings)
    name = str(options.model or settings.model or SHIPPED)
    path = Path(name).expanduser()
    return path.absolute().name if path.exists() else name
