"""The portal for granian: threads make pages, and never wait for a body that comes slowly or an answer nobody reads.

As a plain WSGI application each body is read by the thread that makes the page: eight senders of a byte a second hold
two processes of four threads, and nobody else is served. Here the event loop waits for the body, and a thread is given
away when all of it has come; what is read slowly, the server's own loop sends.
"""

import asyncio
import io
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http import HTTPStatus
from typing import IO, Any

from django.conf import settings

from core.upload_limit import AROUND
from processportal.wsgi import application as pages

IN_MEMORY = 256 * 1024  # a body larger than this waits on the disk
PATIENCE = 20.0  # seconds that every body may take
SLOWEST = 500  # bytes a second that a longer body must come with
LONGEST = 600.0  # seconds after which no body is waited for
LARGE_AT_ONCE = 20  # how many bodies of the largest size are received at once; small ones are not counted

log = logging.getLogger(__name__)


class BodyRefused(Exception):
    """The body is not waited for any longer, or not begun with."""

    def __init__(self, status: HTTPStatus) -> None:
        self.status = status


class Bodies:
    """Receives bodies, each within its time, all of them within their room."""

    def __init__(self) -> None:
        self.room = LARGE_AT_ONCE * (settings.PORTAL_UPLOAD_LIMIT + AROUND)

    async def receive(self, length: int, proto: Any) -> IO[bytes]:
        """All of a body of the promised length, to be read from its beginning."""
        if not length or length > settings.PORTAL_UPLOAD_LIMIT + AROUND:
            return io.BytesIO()  # what is too long is refused by its promise, with a page that says the limit
        with self._place_for(length):
            body = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed by who reads it
            try:
                await self._fill(body, length, proto)
            except BaseException:
                body.close()
                raise
            body.seek(0)
            return body

    @contextmanager
    def _place_for(self, length: int) -> Iterator[None]:
        taken = length if length > IN_MEMORY else 0
        if taken > self.room:
            raise BodyRefused(HTTPStatus.SERVICE_UNAVAILABLE)
        self.room -= taken
        try:
            yield
        finally:
            self.room += taken

    async def _fill(self, body: IO[bytes], length: int, proto: Any) -> None:
        began, received = asyncio.get_running_loop().time(), 0
        try:
            async with asyncio.timeout(PATIENCE) as limit:
                async for piece in proto:
                    received += len(piece)
                    body.write(piece)
                    limit.reschedule(began + min(PATIENCE + received / SLOWEST, LONGEST))
        except TimeoutError:
            raise BodyRefused(HTTPStatus.REQUEST_TIMEOUT) from None
        if received != length:  # the sender went away half way
            raise BodyRefused(HTTPStatus.BAD_REQUEST)


class FileAnswer:
    """A file that is the whole answer; known to the server by its name, it needs no thread while it is sent."""

    def __init__(self, file: Any, block_size: int = 64 * 1024) -> None:
        self.file, self.block_size = file, block_size

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.file.read(self.block_size), b"")

    def close(self) -> None:
        """Close the file, and the answer that opened it."""
        self.file.close()

    @property
    def path(self) -> str | None:
        """Where it lies, if it does lie on this machine and is to be sent from its first byte."""
        for name in ("path", "name"):
            try:
                path = os.fspath(getattr(self.file, name))
                if self.file.tell() == 0 and os.path.samestat(os.stat(path), os.fstat(self.file.fileno())):
                    return path
            except (AttributeError, NotImplementedError, OSError, TypeError, ValueError):
                continue
        return None


class Head:
    """Status and headers of one answer, as the application says them (``start_response``)."""

    status = 500
    headers: list[tuple[str, str]] = []

    def __call__(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
        self.status, self.headers = int(status.split(" ", 1)[0]), headers
        return _nobody_writes


class Web:
    """What granian calls for each request (``--interface rsgi``)."""

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin in a new process."""
        self.loop, self.bodies = loop, Bodies()
        self.threads = ThreadPoolExecutor(settings.PORTAL_WEB_THREADS, "page")

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """End with the process."""
        self.threads.shutdown()

    async def __rsgi__(self, scope: Any, proto: Any) -> None:
        """Answer one request."""
        environ = environ_of(scope)
        try:
            environ["wsgi.input"] = await self.bodies.receive(_promised(environ), proto)
        except BodyRefused as refused:
            log.warning("body_refused", extra={"status": refused.status, "path": scope.path})
            headers = [("content-type", "text/plain"), ("connection", "close")]
            proto.response_str(refused.status, headers, f"{refused.status.phrase}\n")
            return
        await self.loop.run_in_executor(self.threads, answer, environ, proto)


def environ_of(scope: Any) -> dict[str, Any]:
    """The request as WSGI wants it, without its body."""
    name, _colon, port = scope.server.rpartition(":")
    environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "SERVER_NAME": name.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_SOFTWARE": "granian",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileAnswer,
    }
    for name, value in scope.headers.items():
        if "_" in name:
            continue  # X_Forwarded_For would pass for X-Forwarded-For
        key = name.upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        between = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{between}{value}" if key in environ else value
    if "HTTP_HOST" not in environ and scope.authority:
        environ["HTTP_HOST"] = scope.authority  # HTTP/2 says it there
    return environ


def answer(environ: dict[str, Any], proto: Any) -> None:
    """Make the page and hand it to the server; done in a thread."""
    head = Head()
    with environ["wsgi.input"]:
        said: Any = pages(environ, head)
        try:
            if isinstance(said, FileAnswer) and (path := said.path):
                proto.response_file(head.status, head.headers, path)
            else:
                proto.response_bytes(head.status, head.headers, b"".join(said))
        finally:
            said.close()  # after the answer: nobody waits for what is tidied up


def _promised(environ: dict[str, Any]) -> int:
    """How long the body is, by what the sender says."""
    if "HTTP_TRANSFER_ENCODING" in environ:
        raise BodyRefused(HTTPStatus.LENGTH_REQUIRED)
    given = environ.get("CONTENT_LENGTH") or "0"
    if not (given.isascii() and given.isdecimal()):
        raise BodyRefused(HTTPStatus.BAD_REQUEST)
    return int(given)


def _nobody_writes(_text: bytes) -> object:
    raise NotImplementedError("The application answers with what it returns.")


application = Web()
