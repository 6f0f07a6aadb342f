from __future__ import annotations

import os
import threading

from tasks.fork_guard import no_fork


def test_a_fork_waits_until_the_block_has_ended():
    inside, go_on = threading.Event(), threading.Event()

    def hold():
        with no_fork():
            inside.set()
            go_on.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    inside.wait(10)
    threading.Timer(0.2, go_on.set).start()
    child = os.fork()
    if not child:
        os._exit(0 if go_on.is_set() else 1)

    assert os.waitpid(child, 0)[1] == 0
    holder.join()


def test_who_is_inside_the_block_may_fork():
    """As a receiver of a job's signal may do."""
    status = []

    def fork():
        with no_fork():
            child = os.fork()
            if not child:
                with no_fork():
                    os._exit(0)
            status.append(os.waitpid(child, 0)[1])

    forking = threading.Thread(target=fork, daemon=True)
    forking.start()
    forking.join(10)

    assert status == [0]
