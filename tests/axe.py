"""What axe finds on a page. Its script is put into a page once and asked only for what is wrong."""

from collections.abc import Sequence

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# Passes are not described, and style sheets are not fetched again: only rules that are off by default read them.
OPTIONS = {"resultTypes": ["violations"], "preload": {"assets": ["media"]}, "elementRef": False}
ASK = """([within, options]) => axe.run(within ?? document, options).then(found => found.violations.flatMap(
  rule => rule.nodes.map(node => `${rule.id}: ${rule.help} (${node.target}) ${node.failureSummary.slice(0, 300)}`)))"""


def faults(
    page: Page, *, only: Sequence[str] = (), without: Sequence[str] = (), within: str | None = None
) -> list[str]:
    """What axe finds wrong on a page as it is now, each in one line; by these rules, by all, or by all but some. In
    all of it, or within the element of a selector."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    chosen = {"runOnly": list(only)} if only else {"rules": {rule: {"enabled": False} for rule in without}}
    return page.evaluate(ASK, [within, OPTIONS | chosen])
