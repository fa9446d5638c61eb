"""The portal's settings with one more app: the trial kind, on which the kit is tested."""

from processportal.settings import *  # noqa: F403
from processportal.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.trial"]
ROOT_URLCONF = "tests.trial.site_urls"
