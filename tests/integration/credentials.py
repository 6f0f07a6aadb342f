"""Who somebody is found to be, or how they are refused."""

from __future__ import annotations

import pytest

from realtime.auth import Credential, claim, prove
from realtime.errors import Disconnect

NO_CREDENTIAL, INVALID_TOKEN = 3501, 3500


def identify(token, session):
    who = claim(token, Credential(session))
    prove(who)
    return who


def refusal(token="", session=""):
    with pytest.raises(Disconnect) as refused:
        identify(token, session)
    return refused.value.code
