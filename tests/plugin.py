"""Loaded before Django's settings: gives the tests their own secret, data and Redis names."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

os.environ.setdefault("SECRET_KEY", "tests-only-" + "0" * 40)
os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="bellwire-test-"))
os.environ.setdefault("LOG_LEVEL", "WARNING")
os.environ.setdefault("REDIS_URL", "unix:///nonexistent/redis.sock?db=0")
# WhiteNoise warns of a missing folder, and warnings are errors.
(Path(os.environ["DATA_DIR"]) / "static").mkdir(parents=True, exist_ok=True)
