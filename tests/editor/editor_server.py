"""A small portal for the editor's tests: one page, and answers to saving, presence and pictures, all in memory."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

ROOT = Path(__file__).resolve().parents[2]
TYPES = {".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2", ".svg": "image/svg+xml"}
POLICY = "default-src 'self'"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
PICTURE = "/attachments/0f8fad5b-d9cb-469f-a165-70867728950e/dock.png"
PAGE = """<!doctype html>
<html lang="en" data-theme="{theme}"><head><meta charset="utf-8"><title>Edit SOP-INB-014</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/static/css/portal.css"><link rel="stylesheet" href="/static/css/editor.css">
<script type="module" src="/static/dist/editor.js"></script></head>
<body><main class="sheet"><div class="page">
<h1>Receiving temperature-controlled goods</h1>
<form method="post" action="/{number}/submitted/">
<input type="hidden" name="csrfmiddlewaretoken" value="token-of-the-page">
<div class="field"><label class="field__label" for="id_title">Title</label>
<input class="input" id="id_title" name="title" value="Receiving"></div>
<label class="field__label" for="id_body">Text of the procedure</label>
<procedure-editor data-autosave-url="/{number}/autosave/" data-row-version="{row_version}" data-autosave-delay="{delay}"
 data-upload-url="/{number}/attachments/new/?record=1"
 data-presence-url="/{number}/presence/" data-signin-url="/accounts/login/" data-strings='{strings}'>
<textarea name="body" id="id_body" class="input">{body}</textarea>
</procedure-editor>
<button class="btn btn--primary">Save the draft</button>
</form></div></main></body></html>"""


@dataclass
class Draft:
    """What the pretended server holds, and how it is told to behave."""

    number: int = 0
    body: str = "<p>First line.</p>"
    title: str = "Receiving"
    row_version: int = 12
    strings: dict = field(default_factory=dict)
    theme: str = "light"
    delay: int = 300
    saves: list[dict] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    submitted: list[dict] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    uploads: list[bytes] = field(default_factory=list)
    others: list[dict] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    answer_with: tuple[int, dict] | None = None

    def saved_by_another(self, body: str, title: str = "Receiving") -> None:
        self.body, self.title = body, title
        self.row_version += 1

    def autosave(self, sent: dict) -> tuple[int, dict]:
        self.saves.append(sent)
        if self.answer_with:
            return self.answer_with
        if sent["row_version"] != self.row_version:
            by = {"by": "Ann Lindqvist", "at": "2026-11-22T10:02:00Z"}
            return 409, {"row_version": self.row_version, "body": self.body, "title": self.title, **by}
        self.row_version += 1
        self.body = sent["body"]
        return 200, {"row_version": self.row_version, "saved_at": "2026-11-22T10:03:00Z", "removed": self.removed}


class Handler(BaseHTTPRequestHandler):
    """Routes of the pretended portal: each draft has its own, below its number."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *args: object) -> None:
        """Keep the test output clean."""

    def answer(self, status: int, content: bytes, kind: str, *, kept: str = "no-store") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Cache-Control", kept)
        self.end_headers()
        self.wfile.write(content)

    def answer_json(self, status: int, data: dict) -> None:
        self.answer(status, json.dumps(data).encode(), "application/json")

    def asked(self) -> tuple[Draft | None, str]:
        """The draft that is asked for, and what of it."""
        number, _slash, rest = self.path.split("?")[0][1:].partition("/")
        return self.server.drafts.get(number), f"/{rest}"

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        draft, rest = self.asked()
        if draft and rest == "/":
            strings = escape(json.dumps(draft.strings), quote=True).replace("'", "&#39;")
            page = PAGE.format(
                number=draft.number,
                theme=draft.theme,
                delay=draft.delay,
                row_version=draft.row_version,
                strings=strings,
                body=escape(draft.body),
            )
            self.answer(200, page.encode(), "text/html; charset=utf-8")
        elif path.startswith("/static/") and (file := ROOT / path[1:]).is_file():
            kind = TYPES.get(file.suffix, "application/octet-stream")
            self.answer(200, file.read_bytes(), kind, kept="max-age=3600")  # read and compiled once, not in each test
        elif path.startswith("/attachments/"):
            self.answer(200, PIXEL, "image/png")
        else:
            self.answer(404, b"", "text/plain")

    def do_POST(self) -> None:
        draft, path = self.asked()
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if draft is None:
            self.answer(404, b"", "text/plain")
        elif path == "/autosave/":
            draft.tokens.append(self.headers.get("X-CSRFToken"))
            self.answer_json(*draft.autosave(json.loads(content)))
        elif path == "/presence/":
            draft.places.append(json.loads(content)["place"])
            self.answer_json(200, {"others": draft.others})
        elif path == "/attachments/new/":
            draft.uploads.append(content)
            self.answer_json(201, {"url": PICTURE, "name": "dock.png"})
        elif path == "/submitted/":
            draft.submitted.append({name: values[0] for name, values in parse_qs(content.decode()).items()})
            self.answer(200, b"<!doctype html><title>Saved</title><h1>Saved</h1>", "text/html")
        else:
            self.answer(404, b"", "text/plain")


class EditorPortal:
    """The server and the draft of one test, as the tests hold them."""

    def __init__(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.drafts = {}
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def begin(self) -> None:
        """Another draft at an address of its own: what the page of an earlier test still sends reaches that one's."""
        self.draft = Draft(number=len(self.server.drafts) + 1)
        self.server.drafts[str(self.draft.number)] = self.draft
        self.url = f"http://localhost:{self.server.server_address[1]}/{self.draft.number}/"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
