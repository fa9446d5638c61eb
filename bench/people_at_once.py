"""People who read and search at once, each thinking three seconds between two pages, before the web server that
`make run` starts: how many until one answer in twenty takes half a second."""

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db.models.functions import Length
from django.db.models.lookups import LessThan
from django.urls import reverse

from bench.language import Language
from bench.measuring import at
from bench.report import Figure
from bench.seed import SEED
from core.models import CatalogEntry
from core.panels import panels_for
from core.sessions import SessionStore
from documents.models import Document
from people.models import Person
from processportal import run
from processportal.services import beforehand
from processportal.services.command_line import data_folder

PEOPLE, SECONDS, THINK = 150, 120, 3.0
STEP, STEP_SECONDS, MOST = 50, 40, 900
SLOW = 500.0  # ms
SCRIPT = {"HX-Request": "true"}
SHORT = 1500  # characters of text below which a window of 1440 by 900 reaches the talk beneath it


@dataclass
class Walked:
    """What everybody met together."""

    answers: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def all(self) -> list[float]:
        return [one for some in self.answers.values() for one in some]


def figures() -> Iterator[Figure]:
    """150 people for two minutes, then more and more of them until it is slow."""
    chance = random.Random(7)  # noqa: S311 - the same questions each time
    cookies = [session_of(person) for person in Person.objects.filter(email__startswith="person").order_by("pk")[:MOST]]
    visible = CatalogEntry.objects.filter(audience_keys__contains=["everyone"]).in_force()
    is_short = LessThan(Length("text__body"), SHORT)
    records = visible.filter(pk__lt=20_000).values_list("url", "title", "pk", is_short)
    world = World(list(records), Language(SEED), chance)
    with portal() as (address, processes):
        asyncio.run(_walk(address, cookies[:40], 8, world))  # a server that just started is cold
        worked, began = _worked(processes), time.perf_counter()
        walked = asyncio.run(_walk(address, cookies[:PEOPLE], SECONDS, world))
        seconds, worked = time.perf_counter() - began, _worked(processes) - worked
        everything = walked.all()
        p95 = at(everything, 0.95)
        yield Figure(f"{PEOPLE} people at once, {SECONDS} s, p95", p95, SLOW, processor=worked / len(everything))
        yield Figure(f"{PEOPLE} people at once, p50", at(everything, 0.5), None)
        for name, taken in walked.answers.items():
            yield Figure(f"{PEOPLE} people at once, {name}, p95", at(taken, 0.95), None)
        yield Figure(f"{PEOPLE} people at once, answers", len(everything) / seconds, None, "/s")
        yield Figure(f"{PEOPLE} people at once, errors", len(walked.errors), 0, "")
        for error in sorted(set(walked.errors))[:5]:
            sys.stdout.write(f"  {error}\n")
        held = PEOPLE if p95 < SLOW and not walked.errors else 0
        while held and held + STEP <= MOST:
            walked = asyncio.run(_walk(address, cookies[: held + STEP], STEP_SECONDS, world))
            if walked.errors or at(walked.all(), 0.95) >= SLOW:
                break
            held += STEP
    yield Figure("people at once until p95 reaches 500 ms", held, PEOPLE, "", at_least=True)


@dataclass
class World:
    """What there is to read and to search for."""

    records: list[tuple[str, str, int, bool]]
    language: Language
    chance: random.Random

    def step(self) -> tuple[str, list[str]]:
        """What somebody does next: its name, and the addresses a browser asks for, the page first."""
        choose = self.chance.random()
        url, title, entry, is_short = self.chance.choice(self.records)
        if choose < 0.45:
            seen = [f"{url}panels/{panel.name}/" for panel in panels_for(Document)]
            seen.append(reverse("core:attachments", args=[entry]))
            if is_short:  # then the talk below the text is near enough to be asked for as well
                seen.append(reverse("core:comments", args=[entry]))
            return "reading", [url, f"{reverse('core:together')}?{urlencode([('ask', one) for one in seen])}"]
        if choose < 0.70:
            words = title.split() if self.chance.random() < 0.6 else self.language.some(2)
            return "searching", [f"/search?q={'+'.join(words[:2])}"]
        if choose < 0.85:
            return "typing", [f"/search/suggest?q={title[:4]}"]
        return ("home", ["/"]) if choose < 0.95 else ("list", ["/documents/"])


async def _walk(address: str, cookies: list[str], seconds: float, world: World) -> Walked:
    walked, until = Walked(), time.perf_counter() + seconds
    connections = aiohttp.TCPConnector(limit=0)
    jar = aiohttp.DummyCookieJar()
    headers = {"Accept-Encoding": "gzip", "Accept-Language": "en"}
    async with aiohttp.ClientSession(address, connector=connections, cookie_jar=jar, headers=headers) as session:
        await asyncio.gather(*(_one_person(session, cookie, until, world, walked) for cookie in cookies))
    return walked


async def _one_person(session: aiohttp.ClientSession, cookie: str, until: float, world: World, walked: Walked) -> None:
    await asyncio.sleep(world.chance.random() * THINK)
    headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"}
    while time.perf_counter() < until:
        name, addresses = world.step()
        for place, address in enumerate(addresses):
            began = time.perf_counter()
            by_script = bool(place) or name == "typing"
            try:
                async with session.get(
                    address, headers=headers | (SCRIPT if by_script else {}), allow_redirects=False
                ) as answer:
                    await answer.read()
                if answer.status != 200:
                    walked.errors.append(f"{name} {address}: {answer.status}")
            except (aiohttp.ClientError, TimeoutError) as problem:
                walked.errors.append(f"{name} {address}: {type(problem).__name__}")
            walked.answers.setdefault("panels beside it" if place else name, []).append(
                (time.perf_counter() - began) * 1000
            )
        await asyncio.sleep(world.chance.uniform(THINK - 1, THINK + 1))


def session_of(person: Person) -> str:
    """A session in which this person is signed in; its key."""
    store = SessionStore()
    store[SESSION_KEY], store[BACKEND_SESSION_KEY] = str(person.pk), settings.AUTHENTICATION_BACKENDS[-1]
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store.create()
    return store.session_key


@contextmanager
def portal() -> Iterator[tuple[str, list[int]]]:
    """The web server as `make run` starts it, before the seeded database; its address and its processes."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port = line.getsockname()[1]
    environment = os.environ | {"PORT": str(port), "LOG_LEVEL": "ERROR", "PORTAL_BASE_URL": f"http://localhost:{port}"}
    step = beforehand.static_files()
    step.begin(environment)
    step.finish()
    log = (data_folder() / "bench-web.log").open("wb")
    server = subprocess.Popen(
        run.web_command(port), env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
    )
    try:
        _wait(f"http://127.0.0.1:{port}/healthz/live", server)
        yield f"http://127.0.0.1:{port}", _processes(server.pid)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)
        log.close()


def _wait(address: str, server: subprocess.Popen) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 - our own server
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("The web server does not answer; see bench-web.log in the data folder")


def _processes(parent: int) -> list[int]:
    """The server and its children, where the system tells."""
    try:
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
    except OSError:
        return []
    return [parent, *map(int, children)]


def _worked(processes: list[int]) -> float:
    """Milliseconds that they have worked."""
    total = 0
    for pid in processes:
        for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            total += int(task.read_text(encoding="ascii").split()[0])
    return total / 1e6
