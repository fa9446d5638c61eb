"""The portal as a WSGI application, for granian or any other server."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from processportal import shared_figures

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "processportal.settings")
shared_figures.begin()

application = get_wsgi_application()

# What is loaded now stays for good: no need to search it for garbage again and again while pages are made.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 50)
