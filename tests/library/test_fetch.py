"""One file fetched from a hub that stalls, cuts, redirects, lies and serves other bytes."""

import hashlib
import random
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from gpt2studio.errors import StudioError
from gpt2studio.library.fetch import Line, RemoteFile, fetch, remote_size
from tests.library.hub import Hub, git_blob, served

NAME = "model.safetensors"
DATA = random.Random(5).randbytes(1_500_000)


@pytest.fixture
def hub() -> Iterator[Hub]:
    with served(Hub(files={NAME: DATA})) as hub:
        yield hub


def patient(stall: float = 15.0, **headers: str) -> Line:
    """A line that does not wait between attempts, and that a busy machine does not make hang up."""
    return Line(headers=headers, stall=stall, wait=lambda seconds: None)


def remote(hub: Hub, *, size: int | None = len(DATA), sha256: str | None = None, git: str = "") -> RemoteFile:
    digest = hashlib.sha256(DATA).hexdigest() if sha256 is None else sha256
    return RemoteFile(NAME, f"{hub.url}/x/{NAME}", size, digest, git)


def unheard(here: int) -> None:
    pass


def refused(hub: Hub, folder: Path, file: RemoteFile | None = None, stall: float = 15.0) -> StudioError:
    with pytest.raises(StudioError) as caught:
        fetch(file or remote(hub), folder, patient(stall), unheard)
    assert not (folder / NAME).exists()
    assert "\n" not in caught.value.message
    assert caught.value.hint
    return caught.value


def test_a_file_comes_whole_and_its_sum_is_told(hub: Hub, tmp_path: Path) -> None:
    heard: list[int] = []
    digest = fetch(remote(hub), tmp_path, patient(), heard.append)
    assert digest == hashlib.sha256(DATA).hexdigest()
    assert (tmp_path / NAME).read_bytes() == DATA
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
    assert heard == sorted(heard)
    assert heard[-1] == len(DATA)


def test_a_line_cut_five_times_goes_on_each_time_where_it_stopped(hub: Hub, tmp_path: Path) -> None:
    cuts = [random.Random(seed).randrange(1, 200_000) for seed in range(5)]
    hub.faults[NAME] = [f"cut:{cut}" for cut in cuts]
    fetch(remote(hub), tmp_path, patient(), unheard)
    assert (tmp_path / NAME).read_bytes() == DATA
    ends = [sum(cuts[:count]) for count in range(6)]
    assert hub.asked(NAME) == ["", *(f"bytes={end}-" for end in ends[1:])]


def test_a_stop_keeps_what_came_and_the_next_try_asks_for_the_rest_alone(hub: Hub, tmp_path: Path) -> None:
    def stop(here: int) -> None:
        if here > 500_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(remote(hub), tmp_path, patient(), stop)
    came = (tmp_path / f"{NAME}.part").stat().st_size
    assert 500_000 < came < len(DATA)
    fetch(remote(hub), tmp_path, patient(), unheard)
    assert (tmp_path / NAME).read_bytes() == DATA
    assert hub.asked(NAME) == ["", f"bytes={came}-"]


def test_a_stalled_line_is_let_go_and_taken_up_again(hub: Hub, tmp_path: Path) -> None:
    hub.faults[NAME] = ["stall:1000"]
    fetch(remote(hub), tmp_path, patient(stall=2.0), unheard)
    assert (tmp_path / NAME).read_bytes() == DATA
    assert hub.asked(NAME) == ["", "bytes=1000-"]


def test_a_server_that_only_ever_stalls_is_given_up(hub: Hub, tmp_path: Path) -> None:
    hub.faults[NAME] = ["stall:0"] * 20
    assert "has sent nothing for a while" in refused(hub, tmp_path, stall=0.2).message


def test_a_server_that_cannot_go_on_begins_anew(hub: Hub, tmp_path: Path) -> None:
    hub.faults[NAME] = ["cut:1000", "whole"]
    fetch(remote(hub), tmp_path, patient(), unheard)
    assert (tmp_path / NAME).read_bytes() == DATA


def test_what_is_left_of_another_version_is_noticed_and_fetched_anew(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.part").write_bytes(b"other" * 1000)
    fetch(remote(hub), tmp_path, patient(), unheard)
    assert (tmp_path / NAME).read_bytes() == DATA
    assert hub.asked(NAME) == ["bytes=5000-", ""]


@pytest.mark.parametrize("size", [len(DATA), None])
def test_more_than_the_whole_is_thrown_away(hub: Hub, tmp_path: Path, size: int | None) -> None:
    (tmp_path / f"{NAME}.part").write_bytes(DATA + b"more")
    fetch(remote(hub, size=size), tmp_path, patient(), unheard)
    assert (tmp_path / NAME).read_bytes() == DATA


def test_other_bytes_than_were_published_are_refused_and_not_kept(hub: Hub, tmp_path: Path) -> None:
    hub.faults[NAME] = ["other"] * 2
    assert "checksum differs" in refused(hub, tmp_path).message
    assert list(tmp_path.iterdir()) == []


def test_a_small_file_is_held_against_the_id_that_git_gives_it(hub: Hub, tmp_path: Path) -> None:
    fetch(remote(hub, sha256="", git=git_blob(DATA)), tmp_path, patient(), unheard)
    (tmp_path / NAME).unlink()
    assert "checksum differs" in refused(hub, tmp_path, remote(hub, sha256="", git="0" * 40)).message


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("page", "is a web page, not a model's file"),
        ("xml", "is a server's error page"),
        ("401", "asks for a token"),
        ("403", "does not let you have"),
        ("404", f"has no {NAME}"),
        ("418", "answers 418"),
        ("round", "answers 302"),
    ],
)
def test_what_a_server_sends_instead_is_called_by_its_name(hub: Hub, tmp_path: Path, fault: str, words: str) -> None:
    hub.faults[NAME] = [fault] * 20
    assert words in refused(hub, tmp_path).message


@pytest.mark.parametrize("status", ["500", "503", "429"])
def test_a_server_that_is_busy_is_asked_again(hub: Hub, tmp_path: Path, status: str) -> None:
    hub.faults[NAME] = [status] * 3
    fetch(remote(hub), tmp_path, patient(), unheard)
    assert (tmp_path / NAME).read_bytes() == DATA


def test_another_length_than_promised_is_refused_before_the_bytes_come(hub: Hub, tmp_path: Path) -> None:
    error = refused(hub, tmp_path, remote(hub, size=77))
    assert "1,500,000 bytes" in error.message
    assert "77" in error.message


def test_a_length_that_is_a_lie_is_a_line_that_was_cut(hub: Hub, tmp_path: Path) -> None:
    hub.faults[NAME] = ["longer:10"] * 20
    # Without a promised size the answer's own is all there is to go by: the rest is asked for, and is not there.
    assert "ended the connection" in refused(hub, tmp_path, remote(hub, size=None)).message
    assert len(hub.asked(NAME)) < 20


def test_another_part_than_was_asked_for_is_refused(hub: Hub, tmp_path: Path) -> None:
    hub.faults[NAME] = ["cut:1000", "shifted"]
    assert "sends another part" in refused(hub, tmp_path).message


def test_a_token_is_not_taken_to_another_host(hub: Hub, tmp_path: Path) -> None:
    hub.faults[NAME] = ["redirect"]
    line = patient(authorization="Bearer secret")
    fetch(remote(hub), tmp_path, line, unheard)
    assert (tmp_path / NAME).read_bytes() == DATA
    assert [(path, token) for _, path, _, token in hub.requests] == [
        (f"/x/{NAME}", "Bearer secret"),
        (f"/cdn/{NAME}", ""),
    ]


def test_no_network_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    file = RemoteFile(NAME, f"http://127.0.0.1:{port}/{NAME}", 10)
    with pytest.raises(StudioError) as caught:
        fetch(file, tmp_path, patient(), unheard)
    assert f"127.0.0.1:{port}" in caught.value.message


def test_a_host_that_does_not_exist_is_named(tmp_path: Path) -> None:
    file = RemoteFile(NAME, f"http://no-such-host.invalid/{NAME}", 10)
    with pytest.raises(StudioError, match=r"no-such-host\.invalid cannot be reached: its address cannot be found\."):
        fetch(file, tmp_path, patient(), unheard)


def test_a_place_that_cannot_be_written_is_called_so(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.part").mkdir()  # nothing can be written there
    with pytest.raises(StudioError, match="cannot be written"):
        fetch(remote(hub), tmp_path, patient(), unheard)


def test_a_server_tells_how_large_a_file_is(hub: Hub) -> None:
    assert remote_size(f"{hub.url}/x/{NAME}", patient()) == len(DATA)
    with pytest.raises(StudioError, match="has no nothing"):
        remote_size(f"{hub.url}/x/nothing", patient())
