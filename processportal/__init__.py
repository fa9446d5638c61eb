"""The street address of the portal: settings, urls, celery, wsgi, embedded services. It holds no rule."""

from processportal.celery import app as celery_app

__all__ = ["celery_app"]
