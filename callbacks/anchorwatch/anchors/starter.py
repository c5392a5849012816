"""Writes the first version of a team's own anchor set: a commented example, or a sample of its real prompts."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from anchorwatch.anchors.diverse import POOL, diverse
from anchorwatch.anchors.logs import Log, LoggedPrompt, read_log
from anchorwatch.errors import AnchorSetError

MAX_SIZE = 500
"""A larger set would take longer to ask than the training it watches."""


def write_starter(path: Path) -> None:
    """Writes a commented anchor set that loads as it stands, named after the file.

    Raises:
        AnchorSetError: `path` is no .yaml file, exists already, or cannot be written; nothing is left behind.
    """
    name = _check_target(path)
    template = (files("anchorwatch.anchors") / "starter.yaml").read_text(encoding="utf-8")
    _write(path, template.replace("name: starter", _dump({"name": name})[0], 1))


def write_from_logs(path: Path, logs: Path, size: int = 24) -> Log:
    """Writes a diverse sample of the prompts in `logs` as an anchor set to label; the log it was drawn from.

    `logs` is a JSONL file (`anchorwatch.anchors.logs` says which fields). Every anchor is of kind core until a person
    says otherwise, and expects nothing yet. A log with fewer distinct prompts than `size` gives them all.

    Raises:
        AnchorSetError: as `write_starter`; or `size` is out of range, or the log holds no prompt.
    """
    name = _check_target(path)
    if not 1 <= size <= MAX_SIZE:
        raise AnchorSetError(f"the size of an anchor set is between 1 and {MAX_SIZE}; found {size}")
    log = read_log(logs)
    sample = [log.prompts[i] for i in diverse([prompt.text for prompt in log.prompts], size)]
    _write(path, _to_label(name, logs, log, sample))
    return log


def _check_target(path: Path) -> str:
    """The name of the set that `path` is to hold."""
    if path.suffix not in {".yaml", ".yml"}:
        raise AnchorSetError(f"a new anchor set is a .yaml file; found {str(path)!r}")
    if path.exists() or path.is_symlink():
        raise AnchorSetError(f"{path} exists already and is left as it is; choose another name")
    if not path.parent.is_dir():
        raise AnchorSetError(f"{path} cannot be written: there is no folder {str(path.parent)!r}")
    return re.sub(r"[^A-Za-z0-9._-]+", "-", path.stem).lstrip("._-")[:100].rstrip("._-") or "anchors"


def _write(path: Path, text: str) -> None:
    # Written beside the target and renamed: a full disk leaves no half of a file.
    partial = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise AnchorSetError(f"{path} cannot be written ({error.strerror})") from error


def _to_label(name: str, logs: Path, log: Log, sample: list[LoggedPrompt]) -> str:
    systems = {prompt.system for prompt in sample}
    shared = systems.pop() if len(systems) == 1 else ""
    lines = [*_head(logs, log, len(sample)), "", *_dump({"name": name, "version": 1})]
    lines += _dump({"system": shared} if shared else {})
    lines += ["defaults: {max_new_tokens: 128}", "", "anchors:"]
    ids: set[str] = set()
    for number, prompt in enumerate(sample, start=1):
        lines += [*_anchor(_new_id(prompt.text, number, ids), prompt, "" if shared else prompt.system), ""]
    return "\n".join(lines)


def _head(logs: Path, log: Log, size: int) -> Iterator[str]:
    drawn = f" {POOL} of them, drawn at random, were compared." if len(log.prompts) > POOL else ""
    left_out = "".join(f", {n} lines left out ({reason})" for reason, n in log.unusable.items())
    yield f"# {size} prompts to label, as unlike each other as could be found in {logs.name!a}:"
    yield f"# {len(log.prompts)} distinct prompts, {log.duplicates} repeated{left_out}.{drawn}"
    yield "#"
    yield "# PERSONAL DATA: e-mail addresses, phone numbers and runs of five or more digits were replaced by made-up"
    yield "# ones. Names, addresses and all else were not: read every prompt before you commit or share this file."
    yield "#"
    yield "# For each anchor: choose its kind, say what is expected, throw out what nobody needs to ask."
    yield "#   kind    core: what the model is for; boundary: the edge of its job; risk: where a wrong answer does harm"
    yield "#   expect  each line is a contract, which holds or is broken; `anchorwatch new example.yaml` explains them"
    yield "#           action: answer, refuse, hand_off, cannot_know, correct, caution, or a list of them"
    yield "#   why     what a reader should know when it breaks"
    yield "# Then: anchorwatch lint FILE"


def _anchor(anchor_id: str, prompt: LoggedPrompt, system: str) -> Iterator[str]:
    asked: dict[str, Any] = {"prompt": prompt.text}
    if len(prompt.turns) > 1:
        asked = {"messages": [{"role": role, "content": content} for role, content in prompt.turns]}
    if system:
        asked["system"] = system
    yield from _dump({"id": anchor_id}, first="  - ")
    yield "    kind: core # core, boundary or risk?"
    yield from _dump(asked, first="    ")
    yield "    # expect: {action: [answer], excludes: []}"
    yield "    # why:"


def _dump(fields: dict[str, Any], first: str = "") -> list[str]:
    """`fields` as lines of YAML: the first behind `first`, the others indented as far."""
    if not fields:
        return []
    # Without a limit on the width no text is folded; whatever could be misread is quoted.
    lines = yaml.dump(fields, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10**9).splitlines()
    return [((first if i == 0 else " " * len(first)) + line).rstrip() for i, line in enumerate(lines)]


class _Dumper(yaml.SafeDumper):
    """Writes text of several lines as a block."""

    def represent_str(self, data: str) -> yaml.ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", data, style="|" if "\n" in data else None)


_Dumper.add_representer(str, _Dumper.represent_str)


def _new_id(text: str, number: int, taken: set[str]) -> str:
    """A short id from the first words in ASCII, or a number where there are too few; added to `taken`."""
    plain = unicodedata.normalize("NFKD", text[:200]).encode("ascii", "ignore").decode().lower()
    slug = "-".join(re.findall(r"[a-z0-9]+", plain)[:6])[:40].rstrip("-")
    slug = base = slug if len(slug) >= 3 and not slug.isdigit() else f"q-{number:03}"
    copy = 2
    while slug in taken:
        slug, copy = f"{base}-{copy}", copy + 1
    taken.add(slug)
    return slug
