"""The stitch models that are at hand: a person's indexes, and what needs no set-up."""

from dataclasses import replace

from gpt2studio.errors import StudioError
from gpt2studio.library import installed
from gpt2studio.library.installed import InstalledModel
from gpt2studio.paths import Places, shipped
from gpt2studio.retrieval.listing import indexes, read_list
from gpt2studio.wire.messages import STITCH

EXAMPLE = f"{STITCH}example"
"""The example that ships, and the story that is open."""


def stitched_models(places: Places) -> list[InstalledModel]:
    """A model for each index, then the one of the example, unless an index has its name."""
    own = [_of_index(name, places) for name in indexes(places)]
    if any(model.name == EXAMPLE for model in own):
        return own
    size = sum(path.stat().st_size for path in shipped("examples").iterdir() if path.is_file())
    example = replace(
        _blank(EXAMPLE.removeprefix(STITCH), places),
        label="search and stitch: the example, and this story",
        origin=installed.SHIPPED,
        size=size,
    )
    return [*own, example]


def _of_index(name: str, places: Places) -> InstalledModel:
    model = _blank(name, places)
    try:
        kept = read_list(model.path)
    except (StudioError, OSError) as error:
        return replace(model, label="damaged", note=error.message if isinstance(error, StudioError) else str(error))
    label = f"search and stitch: {len(kept)} text{'s' if len(kept) != 1 else ''}"
    return replace(model, label=label, size=sum(each.size for each in kept))


def _blank(name: str, places: Places) -> InstalledModel:
    path = places.indexes / name
    return InstalledModel(name=f"{STITCH}{name}", path=path, kind=installed.STITCH, origin=installed.INDEX)
