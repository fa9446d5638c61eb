"""What the tests of requirements and audits share."""

from tests.ui.conftest import faults_in_every_look  # noqa: F401 - a fixture
