"""The terminal app: what is on screen, as a fold over the lines that processes speak."""

from gpt2studio.app.options import StudioOptions

__all__ = ["StudioOptions", "run"]


def run(options: StudioOptions) -> int:
    """Open the studio, and stay until the person leaves; the exit status.

    Raises StudioError where something that was asked for by name cannot be opened.
    """
    import asyncio

    from gpt2studio.app.opening import open_studio

    return asyncio.run(open_studio(options))
