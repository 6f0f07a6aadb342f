#!/usr/bin/env python
"""Django's command line for this project."""

import os
import sys

from django.core.management import execute_from_command_line

from project.up.environment_file import ensure_secret_key

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    if sys.argv[1:2] == ["up"]:
        ensure_secret_key()  # the settings, which every command reads first, need one
    execute_from_command_line(sys.argv)
