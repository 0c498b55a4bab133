"""The model as it stands, to write with: the engine's own service over the weights that are being trained."""

from collections.abc import Hashable
from dataclasses import dataclass

from gpt2studio.engine.device import dtype_of
from gpt2studio.engine.language import Language
from gpt2studio.engine.load import model_of
from gpt2studio.engine.service import Service
from gpt2studio.runs.recipe import Samples
from gpt2studio.training.network import Network
from gpt2studio.wire.messages import Answer, Continue, Ended, Failed, Loaded, Token
from gpt2studio.wire.service import Tell

SLOTS = 4
"""How many texts are gone on with at once."""


class LiveModel(Service):
    """Answers what an engine answers, with weights that stand still while it is used."""

    def __init__(self, tell: Tell, network: Network, language: Language, name: str = "") -> None:
        super().__init__(tell)
        self._network = network
        self._language = language
        self._name = name

    @property
    def held(self) -> Loaded:
        """What there is to say of the model: it is always held, whatever its weights are just now."""
        shape, device, end_token = self._network.shape, self._network.device, self._language.end_token
        dtype = dtype_of("auto", device, shape.parameters)
        return Loaded(
            id="",
            model=self._name,
            parameters=shape.parameters,
            n_positions=shape.n_positions,
            vocabulary=len(self._language.token_bytes),
            end_token=-1 if end_token is None else end_token,
            device=str(device),
            dtype=str(dtype).removeprefix("torch."),
            weights=shape.parameters * dtype.itemsize,
            seconds=0.0,
        )

    def take_up(self) -> None:
        """Hold the weights as they are now."""
        if self._model is not None:
            return
        network = self._network
        dtype = dtype_of("auto", network.device, network.shape.parameters)
        self.hold(model_of(network.shape, network.merged(), self._language, dtype), SLOTS)

    def let_go(self) -> None:
        """Hold nothing: the weights are about to change. Nothing may be under way."""
        assert not self.busy
        self._model = self._batch = None


@dataclass(frozen=True, slots=True)
class Written:
    """One continuation."""

    number: int
    prompt: str
    text: str
    finish: str


def write_samples(network: Network, language: Language, how: Samples) -> list[Written]:
    """The samples that the recipe asks for: the same prompts and seeds each time."""
    answers: list[Answer] = []

    def tell(client: Hashable, said: list[Answer]) -> None:
        answers.extend(said)

    live = LiveModel(tell, network, language)
    live.take_up()
    for number, prompt in enumerate(how.prompts if how.count else ()):
        live.receive(
            "samples",
            Continue(
                id=str(number),
                text=prompt,
                sampling=how.sampling,
                seed=how.seed,
                candidates=how.count,
                length=how.length,
            ),
        )
    while live.busy:
        live.step()
    return [
        _written(
            number * how.count + candidate, prompt, [each for each in answers if each.id == str(number)], candidate
        )
        for number, prompt in enumerate(how.prompts)
        for candidate in range(how.count)
    ]


def _written(number: int, prompt: str, answers: list[Answer], candidate: int) -> Written:
    text, finish = "", ""
    for answer in answers:
        match answer:
            case Token() if answer.candidate == candidate:
                text += answer.text
            case Ended() if answer.candidate == candidate:
                text, finish = text + answer.text, answer.finish
            case Failed():
                finish = answer.message
    return Written(number, prompt, text, finish)
