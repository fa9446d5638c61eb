"""Addresses that tasks and notifications lead to."""

from django.urls import reverse

from documents.models import Version


def read_address(version: Version) -> str:
    """The page on which a version is read and acknowledged."""
    return reverse("training:read", args=[version.document.code, version.sequence])
