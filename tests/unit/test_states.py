import pytest

from tasks.states import CLAIMABLE, MOVES, State, sources_of

FINAL = {State.SUCCEEDED, State.FAILED, State.CANCELLED}


def test_a_final_state_is_final_for_ever():
    assert {state for state in State if state.is_final} == FINAL
    assert all(not MOVES[state] for state in FINAL)


def test_every_state_has_its_line_in_the_table():
    assert set(MOVES) == set(State)


@pytest.mark.parametrize(
    ("to", "sources"),
    [
        pytest.param(State.QUEUED, set(), id="nothing comes back to queued"),
        pytest.param(State.RUNNING, set(CLAIMABLE), id="only what waits is claimed"),
        pytest.param(State.SUCCEEDED, {State.RUNNING}, id="only what runs succeeds"),
        pytest.param(State.RETRYING, {State.RUNNING}, id="only what ran is retried"),
        pytest.param(
            State.CANCELLED, {*CLAIMABLE, State.RUNNING}, id="all but the final are cancelled"
        ),
    ],
)
def test_a_state_is_reached_from(to, sources):
    assert sources_of(to) == sources
