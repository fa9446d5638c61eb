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
SLOW_CLIENTS = 100
OTHERS_WAIT_AT_MOST = 5.0  # seconds; on a machine that is busy with other tests


def line_to(address):
    to = urlsplit(address)
    line = socket.create_connection((to.hostname, to.port), timeout=30)
    return line, f"{to.hostname}:{to.port}".encode()


def drip(address, stop):
    """Begin a request and go on with it, one byte a second. Slow bodies are the proxy's work (deploy/Caddyfile)."""
    line, host = line_to(address)
    try:
        line.sendall(b"GET / HTTP/1.1\r\nHost: " + host + b"\r\nX-Long: ")
        while not stop.wait(1):
            line.sendall(b"a")
    except OSError:
        pass  # the server hung up: that is its right
    finally:
        line.close()


def test_flt_15_a_hundred_clients_that_send_a_byte_a_second_are_not_noticed_by_others(web):
    address, _server = web
    stop = threading.Event()
    slow = [threading.Thread(target=drip, args=(address, stop), daemon=True) for _one in range(SLOW_CLIENTS)]
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
