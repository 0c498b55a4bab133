"""Models fetched from a notebook."""

from pathlib import Path

from gpt2studio.api.notebook import shown_share
from gpt2studio.library.progress import Progress, unwatched
from gpt2studio.library.provenance import read_provenance
from gpt2studio.paths import places


def download(model_name: str = "124M", *, name: str | None = None, source: str = "hub", revision: str = "") -> Path:
    """Fetch a model (``124M``, ``355M``, … or ``OWNER/NAME`` on the hub) unless it is here; the folder it lies in.

    *name* is what to call it here; *source* is ``hub`` or ``openai``, the originals of 2019. An interrupted download
    goes on where it stopped. Raises StudioError where it cannot be had.
    """
    from gpt2studio.library.install import install
    from gpt2studio.library.stock import name_of, offer_of

    here = places()
    called = name or name_of(model_name)
    if read_provenance(here.models / called):
        print(f"{called} is installed already.")
        return here.models / called
    offer = offer_of(model_name, source, revision)
    show = shown_share()

    def watch(progress: Progress) -> None:
        assert show is not None
        show(f"{called}: {progress.what}", progress.done, progress.total)

    path = install(offer, called, here, watch if show else unwatched)
    print(f"Installed: {called}.")
    return path
