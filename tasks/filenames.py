"""What a file may be called, and of what type it may say it is. Pure."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

MAX_CHARACTERS = 255
UNKNOWN_TYPE = "application/octet-stream"

_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,49}/[a-z0-9][a-z0-9!#$&^_.+-]{0,48}", re.ASCII)


def clean_name(name: str) -> str:
    """Turn what somebody calls a file into a name to show, of at most 255 characters.

    Folders, control characters and marks that turn the direction of writing are dropped;
    an ending survives the cut. A name of which nothing is left becomes ``file``.
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(c for c in unicodedata.normalize("NFC", last) if _is_shown(c)).strip(" .")
    if len(shown) <= MAX_CHARACTERS:
        return shown or "file"
    ending = PurePosixPath(shown).suffix[:20]
    return shown[: MAX_CHARACTERS - len(ending)] + ending


def clean_type(content_type: str) -> str:
    """Keep ``type/subtype`` where it is well formed, without parameters."""
    bare = content_type.split(";", 1)[0].strip().lower()
    return bare if _TYPE.fullmatch(bare) else UNKNOWN_TYPE


def stem_of(name: str, longest: int = 40) -> str:
    """Give the name without its ending, short enough to have something added."""
    return PurePosixPath(name).stem[:longest].strip(" .") or "file"


def _is_shown(character: str) -> bool:
    # Cc, Cf, Cs, Co, Cn: what cannot be seen, or (U+202E) makes "exe.jpg" of "gpj.exe".
    category = unicodedata.category(character)
    return category[0] != "C" and category not in {"Zl", "Zp"}
