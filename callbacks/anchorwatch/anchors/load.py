"""Reads an anchor set by name, by path, or from rows, and turns whatever is wrong with it into one clear line."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

import yaml
from pydantic import BaseModel, ValidationError

from anchorwatch.anchors.model import Anchor, AnchorSet, Bounds, Chunk, Expect, Message, Pattern
from anchorwatch.errors import AnchorSetError, nearest, unknown

_SUFFIXES = (".yaml", ".yml", ".jsonl")


def load(source: AnchorSet | str | os.PathLike[str] | Iterable[Mapping[str, Any]]) -> AnchorSet:
    """The anchor set that `source` names.

    `source` is the name of a set that ships with anchorwatch, the path of a `.yaml` or `.jsonl` file, a
    `datasets.Dataset` or other iterable of rows with the fields of an anchor (None counts as not given; `expect`
    may be a JSON string), or an `AnchorSet`, which is returned as it is.

    Raises:
        AnchorSetError: there is no such set, or it is not valid; one line that names file, anchor, field and fault.
    """
    if isinstance(source, AnchorSet):
        return source
    if isinstance(source, str | os.PathLike):
        path = _find(os.fspath(source))
        return _read_jsonl(path) if path.suffix == ".jsonl" else _read_yaml(path)
    if isinstance(source, Mapping) or not isinstance(source, Iterable):
        raise AnchorSetError(
            f"an anchor set is a name, a path, a datasets.Dataset or a list of rows; found {type(source).__name__}"
        )
    return _validate({"name": "dataset", "anchors": [_row(row) for row in source]}, "the rows given")


def shipped() -> dict[str, Path]:
    """The sets that ship with anchorwatch: name to file, sorted by name.

    Raises:
        AnchorSetError: the package was installed without them.
    """
    # Installed, the sets lie inside the package; in a checkout they stand beside the source root.
    folder = Path(str(files("anchorwatch"))) / "_anchors"
    if not folder.is_dir():
        checkout = Path(__file__).resolve().parents[3]
        folder = checkout / "anchors"
        if not (folder.is_dir() and (checkout / "pyproject.toml").is_file()):
            raise AnchorSetError(
                "this installation of anchorwatch is broken: its anchor sets are missing; reinstall it"
            )
    return {path.parent.name: path for path in sorted(folder.glob("*/anchors.yaml"))}


def _find(source: str) -> Path:
    if not source.strip():
        raise AnchorSetError("an anchor set needs a name or a path; found an empty one")
    if source.endswith(_SUFFIXES) or os.sep in source:
        path = Path(source)
        if not path.is_file():
            raise AnchorSetError(f"no anchor set at {source!r}: there is no such file")
        if path.suffix not in _SUFFIXES:
            raise AnchorSetError(f"{source}: an anchor set is a file that ends in {', '.join(_SUFFIXES)}")
        return path
    sets = shipped()
    if source not in sets:
        raise AnchorSetError(f"{unknown('anchor set', source, sets)}, or the path of a .yaml or .jsonl file")
    return sets[source]


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise AnchorSetError(f"{path}: is not UTF-8 text (byte {error.start})") from error
    except OSError as error:
        raise AnchorSetError(f"{path}: cannot be read ({error.strerror})") from error


def _read_yaml(path: Path) -> AnchorSet:
    try:
        data = yaml.safe_load(_read_text(path))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}, column {mark.column + 1}:" if mark else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise AnchorSetError(f"{path}:{where} is not YAML: {problem}") from None
    if not isinstance(data, dict):
        found = "nothing" if data is None else type(data).__name__
        raise AnchorSetError(f"{path}: an anchor set is a mapping with name and anchors; found {found}")
    return _validate(data, str(path))


def _read_jsonl(path: Path) -> AnchorSet:
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(_read_text(path).splitlines(), start=1):
        if line.strip():
            try:
                rows.append(_row(json.loads(line)))
            except (json.JSONDecodeError, AnchorSetError) as error:
                raise AnchorSetError(f"{path}: line {number}: {error}") from error
    return _validate({"name": path.stem, "anchors": rows}, str(path))


def _row(row: object) -> dict[str, Any]:
    if not isinstance(row, Mapping):
        raise AnchorSetError(f"an anchor is a mapping of fields; found {type(row).__name__}")
    fields = cast("dict[str, Any]", _without_none(row))
    if isinstance(fields.get("expect"), str):
        try:
            fields["expect"] = json.loads(fields["expect"])
        except json.JSONDecodeError as error:
            raise AnchorSetError(f"anchor {fields.get('id')!r}: expect is text but not JSON: {error}") from error
    return fields


def _without_none(value: Any) -> Any:
    # Arrow gives every row every column, and every struct every key: None stands for "not given".
    if isinstance(value, Mapping):
        return {str(key): _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_none(item) for item in value]
    return value


def _validate(data: dict[str, Any], where: str) -> AnchorSet:
    try:
        return AnchorSet.model_validate(data)
    except ValidationError as error:
        raise AnchorSetError(f"{where}: {_explain(error, data)}") from None


_MODELS: dict[str, type[BaseModel]] = {
    "expect": Expect,
    "messages": Message,
    "context": Chunk,
    **dict.fromkeys(("includes", "includes_any", "excludes"), Pattern),
}
_SET_KEYS = ("name", "version", "system", "defaults", "anchors")


def _explain(error: ValidationError, data: dict[str, Any]) -> str:
    """The first fault in one line: anchor, field, what is wrong, what was found, what is allowed, the nearest name."""
    faults = error.errors(include_url=False)
    fault = faults[0]
    location = list(fault["loc"])
    subject = "the set"
    if location[:1] == ["anchors"] and len(location) > 1 and isinstance(location[1], int):
        anchors = data["anchors"]
        anchor = anchors[location[1]]
        name = anchor.get("id") if isinstance(anchor, dict) else None
        subject = f"anchor {name!r}" if name else f"anchor number {location[1] + 1}"
        location = location[2:]
    path = ".".join(str(part) for part in location)
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return f"{subject}: {_fault(fault, path, location, in_anchor=subject != 'the set')}{more}"


def _fault(fault: Mapping[str, Any], path: str, location: list[Any], in_anchor: bool) -> str:
    kind, found = fault["type"], fault.get("input")
    if kind == "extra_forbidden":
        allowed = _allowed_keys(location[:-1]) if in_anchor else list(_SET_KEYS)
        return f"unknown field {path!r}; allowed: {', '.join(allowed)}{nearest(location[-1], allowed)}"
    if kind == "missing":
        return f"{path} is missing"
    if kind == "literal_error":
        choices = [choice.strip("' ") for choice in str(fault["ctx"]["expected"]).replace(" or ", ",").split(",")]
        return f"{path}: {unknown('value', found, choices)}"
    message = str(fault["msg"]).removeprefix("Value error, ")
    if kind == "value_error":
        return f"{path}: {message}" if path else message
    if kind == "string_pattern_mismatch" and isinstance(found, str) and not found.strip():
        return f"{path} is empty"
    return f"{path}: {message[0].lower()}{message[1:]}; found {_short(found)}"


def _allowed_keys(parents: list[Any]) -> list[str]:
    named = [part for part in parents if isinstance(part, str)]
    return list(_MODELS.get(named[-1], Bounds).model_fields) if named else list(Anchor.model_fields)


def _short(value: object, limit: int = 60) -> str:
    shown = json.dumps(value, ensure_ascii=True, default=repr)
    return shown if len(shown) <= limit else f"{shown[:limit]}…"
