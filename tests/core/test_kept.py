"""What is drawn once for equal values looks right for each who is given them."""

from django.template import Context, Template
from django.utils.safestring import mark_safe
from django.utils.translation import override

from core.navigation import Link
from core.templatetags.kept import kept

ROW = Template('{% load kept %}{% kept "ui/menu_links.html" entries=entries %}')


def drawn(label: str, url: str = "/") -> str:
    return ROW.render(Context({"entries": (Link(label, "doc", url),)}))


def test_equal_values_look_equal_and_others_do_not() -> None:
    assert drawn("Read") == drawn("Read")
    assert drawn("Read") != drawn("Read", "/elsewhere/")
    assert "Write" in drawn("Write")


def test_a_text_is_escaped_although_the_same_was_given_as_html_before() -> None:
    assert "<b>Read</b>" in drawn(mark_safe("<b>Read</b>"))
    assert "<b>" not in drawn("<b>Read</b>")
    assert "&lt;b&gt;Read" in drawn("<b>Read</b>")


def test_each_language_has_its_own() -> None:
    link = (Link("Home", "home", "/"),)
    english = kept("ui/bottombar.html", entries=link)
    with override("de"):
        assert "Mehr" in kept("ui/bottombar.html", entries=link)
    assert "Mehr" not in english
    assert kept("ui/bottombar.html", entries=link) == english


def test_nothing_of_the_page_around_is_seen() -> None:
    page = Template('{% load kept %}{% kept "ui/menu_theme.html" theme="dark" %}{{ theme }}')
    answer = page.render(Context({"theme": "somebody else's", "user": "Rita"}))
    assert 'value="dark" aria-pressed="true"' in answer
