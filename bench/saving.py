"""Saving a draft: text, parts, history, index and search, as the editor does every two seconds."""

import json
from collections.abc import Iterator

from bench import stage
from bench.measuring import Taken, client_of, timed
from bench.report import Figure
from core.search import search
from documents.drafting import save_draft
from documents.models import Version

TURNS = 40


def figures() -> Iterator[Figure]:
    """The saving itself, and the editor's whole request."""
    author = stage.person("Author", "officer")
    version = stage.draft_of(stage.procedure("A draft for saving", author, author), author)
    text = stage.text_of_a_procedure().decode()
    saving, request = Taken(), Taken()
    client = client_of(author)
    for turn in range(TURNS + 3):
        body = f"{text}<p>Written in turn {turn}.</p>".encode()
        taken = saving if turn >= 3 else Taken()
        with timed(taken):
            version = save_draft(version, by=author, row_version=version.row_version, body=body).version
    yield Figure("save a draft of 800 words, p50", saving.p50(), 25, processor=saving.p50_of_processor())
    yield Figure("save a draft, queries", saving.most_queries(), None, "")
    address = f"/documents/{version.document.code}/versions/{version.sequence}/autosave/"
    found = f"wort{version.row_version}"
    for turn in range(TURNS):
        body = f"{text}<p>Saved in turn {turn} as {found}.</p>"
        sent = {"body": body, "row_version": Version.objects.get(pk=version.pk).row_version, "title": version.title}
        with timed(request):
            answer = client.post(address, json.dumps(sent), content_type="application/json")
        if answer.status_code != 200:
            raise SystemExit(f"{address} answered {answer.status_code}")
    yield Figure("the editor's request that saves it, p50", request.p50(), None, processor=request.p50_of_processor())
    hits = [hit.entry.object_id for hit in search(author, found, everything=True).rows]
    yield Figure("drafts found at once by a word just saved", hits.count(version.document_id), 1, "", at_least=True)
