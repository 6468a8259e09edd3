"""evidence.yml: which authorities stamp the time of packs."""

from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from archive.config import ConfigError, as_block, load_yaml, only_keys
from archive.i18n import current

BLOCK = "evidence"


class EvidenceConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``timestamps``: addresses of authorities that answer by RFC 3161."""

    timestamps: tuple[str, ...] = ()


def load_evidence(path: Path) -> EvidenceConfig:
    """The config of packs; raises ConfigError for what the user must mend."""
    data = load_yaml(path)
    only_keys(path, "", data, {BLOCK})
    config = as_block(path, BLOCK, data.get(BLOCK) or {}, EvidenceConfig)
    for url in config.timestamps:
        if not _is_web_address(url):
            raise ConfigError(f"{path}: {BLOCK}.timestamps: {current()('config.no_web_address', text=url)}")
    return config


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and url.isascii() and " " not in url
