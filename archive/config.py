"""Read a YAML config file into typed values; what is wrong is one plain line naming file, block and key."""

from functools import cache
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


class ConfigError(Exception):
    """A config file, option or address the user can mend; the message is one line for them."""


@cache
def _loader() -> type[Any]:
    """A safe YAML loader that refuses a key standing twice in a block, where YAML would drop the first."""
    import yaml

    fastest: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # C: places.yml in a tenth of the time

    class Loader(fastest):  # type: ignore[misc]
        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
            seen = set()
            for key, _ in node.value:
                if key.value in seen and isinstance(key, yaml.ScalarNode):
                    raise yaml.MarkedYAMLError(
                        problem=f"key `{key.value}` stands here twice", problem_mark=key.start_mark
                    )
                seen.add(key.value if isinstance(key, yaml.ScalarNode) else id(key))
            found: dict[Any, Any] = super().construct_mapping(node, deep)
            return found

    return Loader


def load_yaml(path: Path) -> dict[str, Any]:
    """The mapping a YAML file holds ({} for an empty file).

    Raises ConfigError when it cannot be read, is no YAML or is no mapping.
    """
    import yaml

    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_loader())  # noqa: S506 - a safe loader
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 at byte {error.start}; save it as UTF-8") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        what = getattr(error, "problem", None) or "not valid YAML"
        raise ConfigError(f"{path}{where}: {what}") from error
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: expected `key: value` lines at the top")
    return data


def only_keys(path: Path, block: str, data: dict[str, Any], known: set[str]) -> None:
    """Raise ConfigError for the first key of a block that is not known."""
    for key in data:
        if key not in known:
            where = f"{block}: " if block else ""
            raise ConfigError(f"{path}: {where}unknown key `{key}` (known: {', '.join(sorted(known))})")


def as_block(path: Path, block: str, data: Any, kind: type[T]) -> T:
    """One block of a config file as a msgspec Struct.

    Raises ConfigError naming file, block and key; the Struct should be ``forbid_unknown_fields``.
    """
    import msgspec

    if not isinstance(data, dict):
        raise ConfigError(f"{path}: {block}: expected `key: value` lines")
    if issubclass(kind, msgspec.Struct):
        only_keys(path, block, {str(key): None for key in data}, set(kind.__struct_fields__))
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        what, _, at = str(error).partition(" - at `")
        key = at.rstrip("`").removeprefix("$.").removeprefix("$")
        where = f"{block}.{key}" if key else block
        raise ConfigError(f"{path}: {where}: {what[:1].lower()}{what[1:]}") from error
