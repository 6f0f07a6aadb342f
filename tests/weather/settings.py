"""The project's settings in bad weather, with positions compared every second."""

from project.settings import *  # noqa: F403
from project.settings import CHANNEL_LAYERS

CHANNEL_LAYERS = {
    "default": {**CHANNEL_LAYERS["default"], "BACKEND": "tests.weather.layer.StormyLayer"}
}
REALTIME = {"position_check_seconds": 1.0}
