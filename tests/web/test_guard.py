"""Who is let in, and what every answer carries."""

import re
from collections.abc import Iterator

import openai
import pytest

from tests.web.sites import Site, scripted

TOKEN = "a-token-of-the-test"


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with scripted(tmp_path_factory.mktemp("closed"), token=TOKEN) as site:
        yield site


@pytest.fixture(scope="module")
def at_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with scripted(tmp_path_factory.mktemp("home")) as site:
        yield site


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    "path", ["/v1/models", "/v1/completions", "/page/page.js", "/nowhere", "/v1/models/storyteller"]
)
def test_a_token_that_was_given_is_required_on_loopback_too(closed: Site, path: str) -> None:
    reply = closed.ask("GET", path)
    assert reply.status == 401
    assert reply.error["code"] == "invalid_api_key"
    assert "www-authenticate" in reply.headers


@pytest.mark.parametrize("token", ["", "a", TOKEN[:-1], TOKEN + "x", "ünicode", TOKEN.upper()])
def test_a_wrong_token_is_refused(closed: Site, token: str) -> None:
    assert closed.ask("GET", "/v1/models", headers=bearer(token.encode().decode("latin-1"))).status == 401


def test_the_right_token_lets_in(closed: Site) -> None:
    assert closed.ask("GET", "/v1/models", headers=bearer(TOKEN)).status == 200


def test_openais_client_sends_the_token_as_its_key(closed: Site) -> None:
    with openai.OpenAI(base_url=f"{closed.base}/v1", api_key="wrong", max_retries=0) as client:
        with pytest.raises(openai.AuthenticationError):
            client.models.list()
        assert client.with_options(api_key=TOKEN).models.list().data[0].id == "storyteller"


def test_health_alone_is_open(closed: Site) -> None:
    reply = closed.ask("GET", "/health")
    assert (reply.status, reply.json) == (200, {"status": "ok"})


def test_the_link_carries_the_token_where_no_server_sees_it(closed: Site) -> None:
    assert closed.link == f"{closed.base}/#token={TOKEN}"


def test_the_door_needs_nothing_else_of_the_server_and_has_no_secret(closed: Site) -> None:
    reply = closed.ask("GET", "/")
    assert reply.status == 401
    assert TOKEN not in reply.text
    assert "src=" not in reply.text
    assert "href=" not in reply.text
    assert "script-src 'sha256-" in reply.headers["content-security-policy"]


def test_the_token_is_exchanged_for_a_cookie_that_is_not_the_token(closed: Site) -> None:
    reply = closed.ask("POST", "/session", {"token": TOKEN}, {"Content-Type": "application/json"})
    assert reply.status == 204
    cookie = reply.headers["set-cookie"]
    assert TOKEN not in cookie
    assert "HttpOnly" in cookie
    assert re.search("samesite=(lax|strict)", cookie, re.IGNORECASE)
    page = closed.ask("GET", "/", headers={"Cookie": cookie.partition(";")[0]})
    assert page.status == 200
    assert 'id="studio"' in page.text


def test_a_browser_without_javascript_comes_in_by_the_form(closed: Site) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    wrong = closed.ask("POST", "/session", "token=wrong", form)
    assert wrong.status == 401
    assert "That is not the token." in wrong.text
    right = closed.ask("POST", "/session", f"token={TOKEN}", form)
    assert (right.status, right.headers["location"]) == (303, "/")


def test_a_cookie_made_up_is_refused(closed: Site) -> None:
    assert closed.ask("GET", "/v1/models", headers={"Cookie": f"gpt2studio-{closed.port}=00ff"}).status == 401


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:5000", "127.0.0.1.evil.example", "", "[::1", "192.0.2.7"]
)
def test_a_foreign_host_name_is_refused(at_home: Site, host: str) -> None:
    reply = at_home.ask("GET", "/v1/models", headers={"Host": host})
    assert reply.status == 403
    assert reply.error["code"] == "unknown_host"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8080", "127.0.0.1", "[::1]:5000", "localhost."])
def test_its_own_names_are_known_whatever_port_was_forwarded(at_home: Site, host: str) -> None:
    assert at_home.ask("GET", "/v1/models", headers={"Host": host}).status == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:1", "file://", "http://[", "https://localhost"]
)
def test_a_web_page_elsewhere_cannot_use_it(at_home: Site, origin: str) -> None:
    headers = {"Host": "127.0.0.1:5000", "Origin": origin, "Content-Type": "text/plain"}
    reply = at_home.ask("POST", "/v1/completions", {"prompt": "x"}, headers)
    assert reply.status == 403
    assert reply.error["code"] == "foreign_origin"
    assert "access-control-allow-origin" not in reply.headers


def test_a_form_of_another_page_is_refused_even_without_an_origin(at_home: Site) -> None:
    assert at_home.ask("POST", "/", "seed=x", {"Sec-Fetch-Site": "cross-site"}).status == 403
    assert at_home.ask("GET", "/", headers={"Sec-Fetch-Site": "cross-site"}).status == 200  # a link that was clicked


def test_its_own_page_may_use_it(at_home: Site) -> None:
    origin = {"Origin": at_home.base, "Sec-Fetch-Site": "same-origin"}
    assert at_home.ask("POST", "/v1/completions", {"prompt": "x"}, origin).status == 200


@pytest.mark.parametrize("path", ["/", "/v1/models", "/page/page.js", "/nowhere"])
def test_every_answer_says_what_a_browser_must_not_do(at_home: Site, path: str) -> None:
    headers = at_home.ask("GET", path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert "server" not in headers


@pytest.mark.parametrize(
    "path", ["/page/../server.py", "/page/%2e%2e/server.py", "/page//etc/passwd", "/page/page.html"]
)
def test_no_path_from_outside_is_a_path_inside(at_home: Site, path: str) -> None:
    assert at_home.ask("GET", path).status == 404


def test_no_line_of_the_log_has_a_text_or_a_token(closed: Site, at_home: Site) -> None:
    closed.ask("POST", "/v1/completions?secret=sesame", {"prompt": "open sesame"}, bearer(TOKEN))
    closed.ask("GET", "/open%20sesame")
    at_home.ask("POST", "/", "seed=open+sesame")
    lines = "".join(closed.lines + at_home.lines)
    assert "POST /v1/completions 200" in lines
    assert "sesame" not in lines
    assert TOKEN not in lines
