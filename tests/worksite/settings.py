"""The project's settings with the tests' app."""

import json
import os

from project.settings import *  # noqa: F403
from project.settings import INSTALLED_APPS

#: Bounds and periods that a test wants shorter.
REALTIME = json.loads(os.environ.get("WORKSITE_LIMITS", "{}"))

INSTALLED_APPS = [*INSTALLED_APPS, "tests.worksite"]
