"""Addresses of the roof: included last, at the root."""

from django.urls import include, path

from core.pages import watching as core_watching
from portal.views import home, searching, watching

urlpatterns = [
    path("", home.home, name="home"),
    path("first-steps/close/", home.close_first_steps, name="first-steps-close"),
    path("inbox/", home.inbox, name="inbox"),
    path("search", searching.search_page, name="search"),
    path("search/suggest", searching.suggestions, name="search-suggest"),
    path("search/saved/", searching.saved_searches, name="saved-searches"),
    path("search/saved/<int:saved_id>/delete/", searching.forget_search, name="search-forget"),
    path("search/synonyms/", searching.synonyms, name="synonyms"),
    path("search/synonyms/<int:synonym_id>/", searching.synonyms, name="synonym"),
    path("watch/<int:entry_id>/", core_watching.toggle, name="watch"),  # its name before it moved to core
    path("me/watching/", watching.watching, name="watching"),
    path("me/watching/<int:subscription_id>/end/", watching.unsubscribe, name="unsubscribe"),
    path("", include("portal.shell_urls")),
]
