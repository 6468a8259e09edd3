"""Why something is as it is, stored as a code with its parameters; ``archive.i18n`` makes the sentence."""

import json
import re
from typing import Any

_encode = json.JSONEncoder(ensure_ascii=False, default=str).encode
_STORED = re.compile(r"([a-z][a-z0-9_]*)(?: (\{.*\}))?")


def reason(code: str, **params: object) -> str:
    """``http {"status": 404}``: the code, and its parameters as JSON where it has any."""
    return f"{code} {_encode(params)}" if params else code


def parse(stored: str) -> tuple[str, dict[str, Any]]:
    """Code and parameters of a stored reason; an empty code for a sentence that an older release stored."""
    match = _STORED.fullmatch(stored)
    if not match:
        return "", {}
    try:
        return match[1], json.loads(match[2]) if match[2] else {}
    except json.JSONDecodeError:
        return "", {}
