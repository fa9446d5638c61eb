"""What a browser loads for the first procedure somebody reads, signed in; and the same page without script."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from playwright.sync_api import Request, sync_playwright

from bench import stage
from bench.people_at_once import portal, session_of
from bench.report import Figure
from tests.browser import FLAGS, chromium

KB = 1000


def figures() -> Iterator[Figure]:
    """Bytes over the line, requests, and the words on the page without script."""
    author, approver = stage.person("Author", "officer"), stage.person("Approver", "manager")
    document = stage.released(stage.procedure("A procedure to read", author, author), author, approver)
    reader = stage.person("Reader")
    cookie, path = session_of(reader), document.get_absolute_url()
    with portal() as (address, _processes), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            loaded: list[Request] = []
            page = _signed_in(browser, address, cookie)
            page.on("requestfinished", lambda request: loaded.append(request))
            page.goto(address + path, wait_until="networkidle")
            sizes = {request.url: request.sizes()["responseBodySize"] for request in loaded}
            fonts = sum(size for url, size in sizes.items() if urlsplit(url).path.endswith(".woff2"))
            yield Figure(
                "reading a procedure, compressed, without the font", (sum(sizes.values()) - fonts) / KB, 45, "kB"
            )
            yield Figure("reading a procedure, font", fonts / KB, 30, "kB")
            yield Figure("reading a procedure, requests", len(loaded), 10, "")
            for url, size in sorted(sizes.items(), key=lambda one: -one[1]):
                yield Figure(f"  {urlsplit(url).path[-60:]}", size / KB, None, "kB")
            page = _signed_in(browser, address, cookie, java_script_enabled=False)
            page.goto(address + path)
            words = len(page.locator("article.prose").inner_text().split())
            yield Figure("words of the procedure readable without script", words, 700, "", at_least=True)
        finally:
            browser.close()


def _signed_in(browser: object, address: str, cookie: str, **options: bool) -> object:
    context = browser.new_context(**options)  # type: ignore[attr-defined]
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": address}])
    return context.new_page()
