"""The site: which address does what."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from gpt2studio.web.asking import read_asked
from gpt2studio.web.bodies import read_json
from gpt2studio.web.completions import Completion, while_there
from gpt2studio.web.door import Door
from gpt2studio.web.files import PageFiles
from gpt2studio.web.guard import DOOR, Guard, Rules
from gpt2studio.web.page import Page
from gpt2studio.web.record import Record
from gpt2studio.web.refusals import Refused
from gpt2studio.web.service import Service

Tell = Callable[[str], None]


def site(service: Service, rules: Rules, tell: Tell) -> ASGIApp:
    """The whole site; *tell* gets a line a request, without its text."""
    door, page, files = Door(rules, service.limits), Page(service), PageFiles()
    interface = Interface(service)
    app = Starlette(
        routes=[
            Route("/", page.get, methods=["GET"]),
            Route("/", interface.form(page), methods=["POST"]),
            Route("/page/{name}", files.get, methods=["GET"]),
            Route(DOOR, door.enter, methods=["POST"]),
            Route("/health", interface.health, methods=["GET"]),
            Route("/v1/models", interface.models, methods=["GET"]),
            Route("/v1/models/{model:path}", interface.model, methods=["GET"]),
            Route("/v1/completions", interface.completions, methods=["POST"]),
        ],
        exception_handlers={Refused: _refused, HTTPException: _missing, ClientDisconnect: _gone, 500: _fault},
    )
    return Record(Guard(app, rules, door.closed), service.traffic, tell)


class Interface:
    """What programs ask, and the form."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def health(self, request: Request) -> Response:
        """Whether it would answer now."""
        alive = self._service.keeper.alive
        return JSONResponse({"status": "ok" if alive else "starting"}, 200 if alive else 503)

    async def models(self, request: Request) -> Response:
        """The one model there is."""
        return JSONResponse({"object": "list", "data": [self._model()]})

    async def model(self, request: Request) -> Response:
        """The model of this name. Raises Refused where another one is asked for."""
        name = request.path_params["model"]
        if name != self._service.model:
            message = f"The model {name[:100]!r} is not served here; {self._service.model!r} is."
            raise Refused(message, 404, param="model", code="model_not_found")
        return JSONResponse(self._model())

    async def completions(self, request: Request) -> ASGIApp:
        """A completion, whole or as a stream."""
        service = self._service
        body = await read_json(request, service.limits)
        models = (service.model, *service.formerly)
        # Beside the loop: a prompt of many token ids takes seconds to be read, in which others must have their words.
        asked = await asyncio.to_thread(read_asked, body, models, service.tokenizer, service.limits)
        return Completion(service, asked, visitor(request.scope))

    def form(self, page: Page) -> Callable[[Request], Awaitable[ASGIApp]]:
        """The form of 2019."""

        async def post(request: Request) -> ASGIApp:
            seed = await page.read_seed(request)
            accepted = request.headers.get("accept-language", "")

            async def answer(scope: Scope, receive: Receive, send: Send) -> None:
                async def work() -> None:
                    await (await page.seeded(seed, visitor(scope), accepted))(scope, receive, send)

                await while_there(receive, work())

            return answer

        return post

    def _model(self) -> dict[str, object]:
        return {
            "id": self._service.model,
            "object": "model",
            "created": self._service.created,
            "owned_by": "gpt2studio",
        }


def visitor(scope: Scope) -> str:
    """Who asks, as far as one can tell: the address."""
    client = scope.get("client")
    return client[0] if client else "?"


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return error.response()


async def _missing(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404 and request.url.path.startswith("/v1/chat"):
        message = "A GPT-2 goes on with a text; it does not chat. Use /v1/completions."
    else:
        message = f"{error.detail}: {request.method} is not answered here."
    return Refused(message, error.status_code, code="unknown_url").response()


async def _gone(request: Request, error: Exception) -> Response:
    return Response(status_code=400)


async def _fault(request: Request, error: Exception) -> Response:
    return Refused("The server failed at this request.", 500, kind="server_error").response()
