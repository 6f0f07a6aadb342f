"""Loaded before Django's settings: gives the tests their own secret, data and Redis names."""

from __future__ import annotations

import os
import tempfile

os.environ.setdefault("SECRET_KEY", "tests-only-" + "0" * 40)
os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="bellwire-test-"))
os.environ.setdefault("LOG_LEVEL", "WARNING")
