"""Who may ask the studio: only this machine's own browser, by the token of the printed link."""

import hmac
from collections.abc import Callable
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'"
    " data:; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
OPEN = ("/static/studio.css",)  # what the page that refuses looks like


class Access:
    """Middleware that refuses other hosts and wrong tokens, and closes every answer to others.

    The token comes once in the address; a cookie that no script reads keeps it from then on. Other
    names of this machine are refused, so that no page elsewhere can point its own name at it.
    """

    def __init__(
        self, app: ASGIApp, token: str, port: int, refusal: Callable[[Request, str, int], Response]
    ) -> None:
        self.app, self.token, self.refusal = app, token, refusal
        self.hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self.cookie = f"frontrow_studio_{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return

        async def send_closed(message: Message) -> None:
            """Send with the headers that every answer has, but for those that it set itself."""
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        request = Request(scope)
        await self._answer(request)(scope, receive, send_closed)

    def _answer(self, request: Request) -> Any:
        """The application where the request may pass, else an answer of its own."""
        if request.headers.get("host", "") not in self.hosts:
            return self.refusal(request, "the studio answers at 127.0.0.1 and localhost only", 403)
        given = request.query_params.get("token")
        if given is not None and self._is_right(given):
            response = RedirectResponse(str(request.url.remove_query_params("token")), 303)
            response.set_cookie(self.cookie, self.token, httponly=True, samesite="strict")
            return response
        if given is None and (
            request.url.path in OPEN or self._is_right(request.cookies.get(self.cookie, ""))
        ):
            return self.app
        why = "this browser does not know the studio's token" if given is None else "wrong token"
        return self.refusal(request, why, 403)

    def _is_right(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(), self.token.encode())
