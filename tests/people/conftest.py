"""The browser of the pages' tests, for the pages of people too."""

from tests.ui.conftest import *  # noqa: F403 - the fixtures of every browser test
