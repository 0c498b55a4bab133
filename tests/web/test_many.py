"""Many at once, with the shipped model: nobody's text depends on who else is there."""

import threading
from concurrent.futures import ThreadPoolExecutor

from tests.web.sites import Reply, Site

PROMPTS = [
    "Once upon a time",
    "The king",
    "A fox and a hare " * 40,
    "雪 fell",
    '"I am hungry," said the wolf, "and',
    "",
    "Far away, beyond seven mountains, there lived a miller who had three sons and",
    "She opened the door.\n\n",
]


def ask(site: Site, number: int) -> Reply:
    # Among few tokens it is rare that a draw falls so near a border that rounding decides.
    return site.complete(
        prompt=PROMPTS[number],
        seed=number,
        max_tokens=16 + 6 * number,
        temperature=0.9,
        top_k=40,
        user=f"{number}",
    )


def test_eight_requests_that_join_in_mid_flight_have_the_text_they_have_alone(tales: Site) -> None:
    alone = [ask(tales, number).json for number in range(8)]
    with ThreadPoolExecutor(8) as pool, tales.stream(prompt="Meanwhile", max_tokens=300):
        together = [reply.json for reply in pool.map(lambda number: ask(tales, number), range(8))]
    for one, other in zip(alone, together, strict=True):
        assert one["choices"] == other["choices"]
        assert one["usage"] == other["usage"]


def test_more_clients_than_places_are_all_answered(tales: Site) -> None:
    texts: set[str] = set()
    failed: list[int] = []

    def client() -> None:
        reply = tales.complete(prompt="The sea", seed=1, max_tokens=8)
        if reply.status == 200:
            texts.add(reply.json["choices"][0]["text"])
        else:
            failed.append(reply.status)

    clients = [threading.Thread(target=client) for _ in range(40)]
    for each in clients:
        each.start()
    for each in clients:
        each.join()
    assert len(texts) == 1
    assert failed == []
