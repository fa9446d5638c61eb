"""How requests come in and answers go out: bodies are awaited, each within its time and room."""

import asyncio
import io
import socket
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from processportal import web
from processportal.web import Bodies, BodyRefused, FileAnswer, Web, answer, environ_of


class Sender:
    """Sends these pieces with a pause before each, and keeps what is answered."""

    def __init__(self, *pieces, pause=0.0):
        self.pieces, self.pause, self.answers = pieces, pause, []

    async def __aiter__(self):
        for piece in self.pieces:
            await asyncio.sleep(self.pause)
            yield piece

    def response_str(self, status, headers, text):
        self.answers.append((int(status), dict(headers), text))

    def response_bytes(self, status, headers, body):
        self.answers.append((status, dict(headers), body))

    def response_file(self, status, headers, path):
        self.answers.append((status, dict(headers), path))


def asked(*headers, method="POST", path="/"):
    """A request as granian tells of it."""
    return SimpleNamespace(
        method=method, path=path, query_string="a=1", scheme="http", http_version="1.1", authority=None,
        server="127.0.0.1:8000", client="[::1]:5000", headers=dict_with_doubles(headers),
    )  # fmt: skip


def dict_with_doubles(headers):
    return SimpleNamespace(items=lambda: list(headers))


def in_a_loop(coroutine):
    """Run to its end in a thread of its own: in that of the tests Playwright's loop may be running already."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def received(sender, length, bodies=None):
    return in_a_loop((bodies or Bodies()).receive(length, sender))


def status_of_refusal(*arguments):
    with pytest.raises(BodyRefused) as refused:
        received(*arguments)
    return refused.value.status


def test_a_body_is_handed_on_when_all_of_it_has_come():
    assert received(Sender(b"one ", b"two"), 7).read() == b"one two"


def test_a_large_body_waits_on_the_disk(monkeypatch):
    monkeypatch.setattr(web, "IN_MEMORY", 10)
    body = received(Sender(b"x" * 8, b"y" * 8), 16)
    assert body._rolled
    assert body.read() == b"x" * 8 + b"y" * 8


def test_what_goes_away_half_way_never_reaches_a_page():
    assert status_of_refusal(Sender(b"half"), 8) == 400


def test_who_sends_too_slowly_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(web, "PATIENCE", 0.2)
    slow = Sender(*[b"a"] * 100, pause=0.05)
    assert status_of_refusal(slow, 100) == 408


def test_who_sends_much_may_take_longer(monkeypatch):
    monkeypatch.setattr(web, "PATIENCE", 0.2)
    steady = Sender(*[b"a" * 500] * 8, pause=0.05)
    assert len(received(steady, 4000).read()) == 4000


def test_nobody_is_waited_for_longer_than_the_longest(monkeypatch):
    monkeypatch.setattr(web, "LONGEST", 0.2)
    assert status_of_refusal(Sender(*[b"a" * 500] * 100, pause=0.05), 50_000) == 408


def test_too_many_large_bodies_at_once_are_refused_and_small_ones_come_in(settings):
    bodies, large = Bodies(), settings.PORTAL_UPLOAD_LIMIT
    bodies.room = large + 1

    async def two_at_once():
        first = asyncio.ensure_future(bodies.receive(large, Sender(*[b"a"] * 100, pause=0.01)))
        await asyncio.sleep(0)
        with pytest.raises(BodyRefused) as refused:
            await bodies.receive(large, Sender(b"b"))
        assert refused.value.status == 503
        assert (await bodies.receive(5, Sender(b"small"))).read() == b"small"
        with pytest.raises(BodyRefused):
            await first

    in_a_loop(two_at_once())
    assert bodies.room == large + 1  # it is given back, however it ended


def test_a_body_above_the_limit_is_not_received_at_all(settings):
    sender = Sender(b"never asked for")
    assert received(sender, 2 * settings.PORTAL_UPLOAD_LIMIT).read() == b""


@pytest.mark.parametrize(
    ("header", "status"), [(("transfer-encoding", "chunked"), 411), (("content-length", "1e3"), 400)]
)
def test_a_body_of_unknown_length_is_refused(header, status):
    sender, server = Sender(b"x"), Web()
    server.bodies = Bodies()
    in_a_loop(server.__rsgi__(asked(header), sender))
    assert sender.answers[0][0] == status
    assert sender.answers[0][1]["connection"] == "close"


def test_the_request_reads_as_a_page_expects_it():
    environ = environ_of(asked(("host", "a.example"), ("cookie", "a=1"), ("cookie", "b=2"), path="/ö/"))
    assert (environ["REMOTE_ADDR"], environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("::1", "127.0.0.1", "8000")
    assert environ["HTTP_COOKIE"] == "a=1; b=2"
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/ö/"


def test_a_header_with_an_underscore_does_not_pass_for_another():
    environ = environ_of(asked(("x_forwarded_for", "6.6.6.6"), ("x-forwarded-for", "1.2.3.4")))
    assert environ["HTTP_X_FORWARDED_FOR"] == "1.2.3.4"


def test_two_hosts_are_both_seen():
    assert environ_of(asked(("host", "a.example"), ("host", "evil")))["HTTP_HOST"] == "a.example,evil"


def answered(monkeypatch, content):
    """What the server is told when a page answers with this."""

    def page(environ, start):
        start("200 OK", [("content-type", "text/plain")])
        return content

    monkeypatch.setattr(web, "pages", page)
    sender, body = Sender(), io.BytesIO()
    answer(environ_of(asked()) | {"wsgi.input": body}, sender)
    assert body.closed
    return sender.answers[0]


def test_a_file_is_sent_by_its_name_and_needs_no_thread(tmp_path, monkeypatch):
    path = tmp_path / "file.txt"
    path.write_bytes(b"content")
    assert answered(monkeypatch, FileAnswer(path.open("rb")))[2] == str(path)


def test_a_part_of_a_file_and_one_without_a_name_are_read(tmp_path, monkeypatch):
    path = tmp_path / "file.txt"
    path.write_bytes(b"content")
    half = path.open("rb")
    half.seek(3)
    assert answered(monkeypatch, FileAnswer(half))[2] == b"tent"
    assert answered(monkeypatch, FileAnswer(io.BytesIO(b"made here")))[2] == b"made here"


def test_a_file_that_another_took_the_name_of_is_sent_as_it_was_opened(tmp_path, monkeypatch):
    path = tmp_path / "file.txt"
    path.write_bytes(b"the one that was asked for")
    opened = path.open("rb")
    path.unlink()
    path.write_bytes(b"another")
    assert answered(monkeypatch, FileAnswer(opened))[2] == b"the one that was asked for"


@pytest.mark.django_db(transaction=True)
def test_neg_23_the_real_server_refuses_two_hosts_and_bodies_of_unknown_length(web_server):
    host = web_server.removeprefix("http://")
    assert status_line(host, f"GET /accounts/login/ HTTP/1.1\r\nHost: {host}\r\n\r\n") == "HTTP/1.1 200 OK"
    two = f"GET /accounts/login/ HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\n\r\n"
    assert status_line(host, two) == "HTTP/1.1 400 Bad Request"
    chunked = f"POST /accounts/login/ HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"
    assert status_line(host, chunked) == "HTTP/1.1 411 Length Required"


@pytest.fixture
def web_server(request):
    """The address of granian as `make run` starts it (the name ``web`` is the module here)."""
    return request.getfixturevalue("web")[0]


def status_line(host, said):
    name, port = host.split(":")
    with socket.create_connection((name, int(port)), timeout=20) as line:
        line.sendall(said.encode())
        return line.recv(200).decode().split("\r\n")[0]
