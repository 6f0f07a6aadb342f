from __future__ import annotations

import pytest
from websockets.frames import Close, Frame, Opcode
from websockets.streams import StreamReader

from realtime.frames import binary_frame, close_frame, pong_frame, text_frame

SIZES = [0, 1, 125, 126, 127, 65_535, 65_536, 70_000]


def read(data: bytes) -> Frame:
    reader = StreamReader()
    reader.feed_data(data)
    parsing = Frame.parse(reader.read_exact, mask=False)
    with pytest.raises(StopIteration) as parsed:
        next(parsing)
    assert not reader.buffer
    return parsed.value.value


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("build", "opcode"),
    [
        pytest.param(text_frame, Opcode.TEXT, id="text"),
        pytest.param(binary_frame, Opcode.BINARY, id="binary"),
    ],
)
def test_another_implementation_reads_our_frames(build, opcode, size):
    payload = b"x" * size

    frame = read(build(payload))

    assert (frame.opcode, frame.data, frame.fin) == (opcode, payload, True)


def test_a_pong_carries_the_pings_payload():
    assert read(pong_frame(b"tick")) == Frame(Opcode.PONG, b"tick")


def test_a_close_says_why():
    assert Close.parse(bytes(read(close_frame(3010, "insufficient state")).data)) == Close(
        3010, "insufficient state"
    )


@pytest.mark.parametrize(
    ("reason", "kept"),
    [
        pytest.param("x" * 123, "x" * 123, id="just fits"),
        pytest.param("x" * 200, "x" * 123, id="too long"),
        pytest.param("é" * 62, "é" * 61, id="not cut in the middle of a character"),
        pytest.param("", "", id="none"),
    ],
)
def test_a_reason_is_cut_to_what_the_frame_has_room_for(reason, kept):
    frame = read(close_frame(3000, reason))

    assert Close.parse(bytes(frame.data)).reason == kept
    assert len(frame.data) <= 125
