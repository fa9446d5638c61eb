from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _


class SearchWord(models.Model):
    """One word that stands in some entry, with the spellings that lie one slip away from it.

    The table knows nothing about who may see the word: whoever suggests it asks first whether an entry that the
    person may see holds it.
    """

    word = models.CharField(max_length=40, primary_key=True)
    variants = ArrayField(models.CharField(max_length=40))

    class Meta:
        indexes = [
            GinIndex(fields=["variants"], name="search_word_variants"),
            GinIndex(fields=["word"], name="search_word_trigrams", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return self.word


class SynonymGroup(models.Model):
    """Words that mean the same here: who searches for one finds all of them."""

    terms = ArrayField(models.CharField(max_length=80), verbose_name=_("words"))
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["terms"]
        verbose_name = _("synonyms")
        default_permissions = ()
        permissions = [("keep_synonyms", "Keep the synonyms of the search")]

    def __str__(self) -> str:
        return ", ".join(self.terms)


class SavedSearch(models.Model):
    """A search that a person keeps under a name, and may be told about when it finds something new."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_searches")
    name = models.CharField(_("name"), max_length=120)
    query = models.CharField(max_length=600)  # the address's query string
    wants_news = models.BooleanField(_("tell me about new results"), default=False)
    # What it found when it was last looked at, so that only what is new is told.
    known_entries = ArrayField(models.BigIntegerField(), default=list)
    checked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["person", "query"], name="one_saved_search_per_query")]
        indexes = [models.Index(fields=["id"], condition=models.Q(wants_news=True), name="saved_search_with_news")]

    def __str__(self) -> str:
        return self.name
