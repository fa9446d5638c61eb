"""FLT-15: who sends very slowly, or far too much, is no trouble for others."""

import contextlib
import socket
import threading
import time
import urllib.request
from urllib.parse import urlsplit

import pytest
from django.conf import settings

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]
OTHERS_WAIT_AT_MOST = 5.0  # seconds; on a machine that is busy with other tests
LOGIN = b"POST /accounts/login/ HTTP/1.1\r\nHost: %s\r\nCookie: csrftoken=" + b"a" * 32 + b"\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 5000\r\n\r\n"


def line_to(address, room=None):
    to = urlsplit(address)
    line = socket.socket()
    line.settimeout(30)
    if room:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    line.connect((to.hostname, to.port))
    return line, f"{to.hostname}:{to.port}".encode()


def drip_headers(address, stop):
    """Begin a request and go on with it, one byte a second."""
    line, host = line_to(address)
    line.sendall(b"GET / HTTP/1.1\r\nHost: " + host + b"\r\nX-Long: ")
    drip(line, stop)


def drip_a_body(address, stop):
    """Sign in, one byte of the form a second."""
    line, host = line_to(address)
    line.sendall(LOGIN % host + FORM)
    drip(line, stop)


def drip(line, stop):
    with contextlib.suppress(OSError), line:  # the server hung up: that is its right
        while not stop.wait(1):
            line.sendall(b"a")


def never_read(address, stop):
    """Ask for a file that is larger than what fits on the way, again and again, and read none of it."""
    line, host = line_to(address, room=2048)
    with contextlib.suppress(OSError), line:
        for _one in range(50):
            line.sendall(b"GET /static/dist/editor.js HTTP/1.1\r\nHost: " + host + b"\r\n\r\n")
        stop.wait()


@pytest.mark.parametrize(("how", "many"), [(drip_headers, 100), (drip_a_body, 100), (never_read, 16)])
def test_flt_15_others_do_not_notice_who_sends_a_byte_a_second_or_never_reads(web, how, many):
    address, _server = web
    stop = threading.Event()
    slow = [threading.Thread(target=how, args=(address, stop), daemon=True) for _one in range(many)]
    for one in slow:
        one.start()
    time.sleep(3)
    try:
        taken = []
        for _one in range(10):
            began = time.monotonic()
            with urllib.request.urlopen(f"{address}/accounts/login/", timeout=30) as answer:
                assert answer.status == 200
            taken.append(time.monotonic() - began)
        assert max(taken) < OTHERS_WAIT_AT_MOST
    finally:
        stop.set()
        for one in slow:
            one.join(10)


def test_flt_15_who_connects_and_says_nothing_is_hung_up_on(web):
    address, _server = web
    line, _host = line_to(address)
    with line:
        line.settimeout(60)
        assert line.recv(1) == b""


def test_flt_15_a_form_that_takes_its_time_but_comes_is_answered(web):
    address, _server = web
    line, host = line_to(address)
    with line:
        line.sendall(LOGIN % host + FORM)
        for _one in range(10):
            time.sleep(0.2)
            line.sendall(b"a" * 500)
        assert line.recv(4096).startswith(b"HTTP/1.1 403")  # it holds no token, and was read to see that


def test_flt_15_two_gigabytes_are_refused_at_the_limit_without_reading_them(web):
    address, _server = web
    line, host = line_to(address)
    edge = "edge"
    line.sendall(
        b"POST /accounts/login/ HTTP/1.1\r\nHost: " + host + b"\r\nContent-Length: 2147483648\r\n"
        b"Cookie: csrftoken=" + b"a" * 32 + b"\r\n"  # without it the form is refused before its body is looked at
        b"Content-Type: multipart/form-data; boundary=" + edge.encode() + b"\r\n\r\n"
        b"--edge\r\nContent-Disposition: form-data; name=file; filename=big.bin\r\n\r\n"
    )
    sent, piece = 0, b"x" * 65536
    try:
        line.settimeout(20)
        while sent < 4 * settings.PORTAL_UPLOAD_LIMIT:
            line.sendall(piece)
            sent += len(piece)
    except OSError:
        pass  # the server hung up
    said = b""
    with contextlib.suppress(OSError):
        said = line.recv(4096)
    line.close()
    assert said.startswith(b"HTTP/1.1 413"), said[:200]
    assert sent <= 2 * settings.PORTAL_UPLOAD_LIMIT
