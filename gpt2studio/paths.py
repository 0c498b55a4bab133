"""Where things live on disk: the platform's own folders, or all under ``GPT2STUDIO_HOME``."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).parent

_DEVICE = re.compile(r"con|prn|aux|nul|com\d|lpt\d", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Places:
    """The folders and files of one person's studio. None of them need exist yet."""

    data: Path
    """Texts and models: what would be missed."""
    config: Path
    """What people write: settings, themes, presets."""
    state: Path
    """What programs remember: the last story, pane sizes, control files."""
    logs: Path

    @property
    def models(self) -> Path:
        """Installed models, a folder each."""
        return self.data / "models"

    @property
    def runs(self) -> Path:
        """Fine-tuning runs, a folder each."""
        return self.data / "runs"

    @property
    def stories(self) -> Path:
        """Stories, a folder each, named by id."""
        return self.data / "stories"

    @property
    def files(self) -> Path:
        """What came to be of text files that were edited in place, a folder each."""
        return self.data / "files"

    @property
    def indexes(self) -> Path:
        """Search-and-stitch indexes, a folder each."""
        return self.data / "indexes"

    @property
    def themes(self) -> Path:
        """The person's own themes, a TOML file each."""
        return self.config / "themes"

    @property
    def presets(self) -> Path:
        """The person's own sampling presets, a TOML file each."""
        return self.config / "presets"

    @property
    def settings(self) -> Path:
        """The person's settings."""
        return self.config / "settings.toml"


def places() -> Places:
    """The folders in force: all under ``GPT2STUDIO_HOME`` when it is set, else the platform's."""
    home = os.environ.get("GPT2STUDIO_HOME")
    if home:
        root = Path(home).expanduser().absolute()
        return Places(data=root, config=root, state=root / "state", logs=root / "logs")
    from platformdirs import PlatformDirs  # imported late: not needed where the home is set

    folders = PlatformDirs("gpt2studio", appauthor=False)
    return Places(
        data=folders.user_data_path,
        config=folders.user_config_path,
        state=folders.user_state_path,
        logs=folders.user_log_path,
    )


def shipped(name: str) -> Path:
    """A folder that ships with the studio (``themes`` or ``models``): the wheel's, or the checkout's."""
    packaged = PACKAGE / name
    return packaged if packaged.is_dir() else PACKAGE.parent / name


def fits_every_system(name: str) -> bool:
    """Whether Windows takes the name as it is: it keeps some for devices, and drops blanks and dots at the end."""
    return name == name.rstrip(" .") and _DEVICE.fullmatch(name.partition(".")[0].rstrip()) is None


def nearest(folder: Path) -> Path:
    """The folder, or the next above it that is there; its drive, where not even that is."""
    above = [folder.absolute(), *folder.absolute().parents]
    return next((each for each in above if each.exists()), above[-1])
