"""The dialog before an export: as what, in which number type, and where to."""

from pathlib import Path

from textual import on
from textual.widget import Widget

from gpt2studio.app.common.wording import size
from gpt2studio.app.dialogs.choice import Choice
from gpt2studio.app.dialogs.dialog import Dialog, line, row
from gpt2studio.app.models.stock import ADAPTER
from gpt2studio.formats.tensor import NUMBER_TYPES
from gpt2studio.library.export import Export
from gpt2studio.library.installed import InstalledModel
from gpt2studio.runs.machine import free_disk

_FORMATS = {
    "huggingface": "Hugging Face's layout (safetensors)",
    "openai": "TensorFlow, for the tools of 2019",
    "pytorch": "PyTorch (pytorch_model.bin)",
}
_TYPES = {"": "its own", "float32": "float32", "float16": "float16", "bfloat16": "bfloat16"}
_PACKED = ("a folder", "one .tar")


class ExportScreen(Dialog[Export]):
    """Chooses how a model is written for other programs; what is there already is never replaced."""

    TITLE_WORDS = "Export"
    KEYS = "← → choose · Enter exports · Esc"

    def __init__(self, model: InstalledModel, folder: Path, adapter: bool = False) -> None:
        """*adapter*: whether it has LoRA matrices that can be written apart."""
        super().__init__()
        self._model, self._folder = model, folder
        self._formats = _FORMATS | ({ADAPTER: "its LoRA adapter apart (PEFT's layout)"} if adapter else {})
        self._format = Choice(list(self._formats.values()))
        self._type = Choice(list(_TYPES.values()))
        self._packed = Choice(_PACKED)
        self._to = line()
        self._proposed = ""

    def fields(self) -> tuple[Widget, ...]:
        """As what, in which numbers, packed or not, and where to."""
        return row("As", self._format), row("Number type", self._type), row("Into", self._packed), row("To", self._to)

    def on_mount(self) -> None:
        """Begin with the format."""
        self._format.focus()
        self._look()

    @property
    def _wanted(self) -> Export:
        to = Path(self._to.value.strip()).expanduser()
        return Export(to, list(self._formats)[self._format.index], list(_TYPES)[self._type.index])

    @on(Choice.Changed)
    def _look(self) -> None:
        """Propose a place for it, unless the person has typed one; say how large it will be."""
        form = list(self._formats)[self._format.index]
        if self._to.value == self._proposed:
            name = self._model.name.replace("/", "-").replace("@", "-")
            end = ".tar" if self._packed.index and form != ADAPTER else ""
            self._proposed = self._to.value = str(self._folder / f"{name}-{form}{end}")
        self._type.disabled = self._packed.disabled = form == ADAPTER
        if form == ADAPTER:
            self.say("adapter_config.json and adapter_model.safetensors; the model it stands beside is not in it.")
            return
        dtype = "float32" if form == "openai" else self._wanted.dtype or self._model.dtype
        octets = self._model.parameters * NUMBER_TYPES.get(dtype, 4)
        self.say(f"{self._model.name}: about {size(octets)} in {dtype}; {size(free_disk(self._folder))} free there.")

    def action_accept(self) -> None:
        """Export it, where nothing is there yet."""
        wanted = self._wanted
        if not self._to.value.strip():
            self.say("Say where to.", fault=True)
        elif wanted.to.exists():
            self.say(f"{wanted.to} is there already: choose another name, or move it away first.", fault=True)
        elif wanted.format == "openai" and wanted.dtype not in ("", "float32"):
            self.say("The tools of 2019 read float32 alone.", fault=True)
        else:
            self.dismiss(wanted)
