"""The rules of the house, read off the sources: who may import what, how long a file may be, how names are listed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import anchorwatch

HOUSE = Path(anchorwatch.__file__).parent
FILES = sorted(HOUSE.rglob("*.py"))
TORCH = {"torch", "transformers", "accelerate", "peft", "trl", "datasets"}
TRACKERS = {"wandb", "mlflow", "trackio", "tensorboard", "wandb_workspaces"}


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, also inside functions, in full; `from a import b` gives a and a.b."""
    package = (".".join(("anchorwatch", *path.relative_to(HOUSE).with_suffix("").parts))).split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *filter(None, [node.module])])
            yield module
            yield from (f"{module}.{name.name}" for name in node.names)


def forbidden(folder: str, roots: set[str]) -> list[str]:
    return [
        f"{path.relative_to(HOUSE)} imports {name}"
        for path in sorted((HOUSE / folder).rglob("*.py"))
        for name in imports(path)
        if any(name == root or name.startswith(f"{root}.") for root in roots)
    ]


@pytest.mark.parametrize("folder", ["metrics", "judge", "compare", "triage"])
def test_what_reads_and_judges_knows_no_torch_and_no_tracker(folder: str) -> None:
    assert (
        forbidden(folder, TORCH | TRACKERS | {"anchorwatch.trackers", "anchorwatch.probe", "anchorwatch.store"}) == []
    )


def test_the_probe_knows_no_tracker_and_no_store() -> None:
    assert forbidden("probe", TRACKERS | {"sqlalchemy", "anchorwatch.trackers", "anchorwatch.store"}) == []


def test_the_store_knows_no_torch() -> None:
    assert forbidden("store", TORCH | TRACKERS) == []


def test_nothing_imports_the_callback_or_the_command_line() -> None:
    tops = {"anchorwatch.callback", "anchorwatch.cli"}
    own = {"__init__.py", "callback.py", "__main__.py"}
    found = [line for line in forbidden(".", tops) if line.split()[0] not in own and not line.startswith("cli/")]
    assert found == []


def test_the_reader_of_imports_sees_them_all() -> None:
    source = HOUSE / "metrics" / "measure.py"
    assert {"anchorwatch.records.Score", "anchorwatch.text", "math"} <= set(imports(source))
    assert "anchorwatch.metrics.action.kinds" in set(imports(HOUSE / "metrics" / "action" / "__init__.py"))
    assert any(name.startswith("py3langid") for name in imports(HOUSE / "metrics" / "language.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_a_file_can_be_held_in_mind(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_all_is_sorted_and_true(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets):
            listed = ast.literal_eval(node.value)
            assert list(listed) == sorted(listed, key=_rank)
            assert set(listed) <= set(_defined(tree))


def _rank(name: str) -> tuple[int, str]:
    """Constants, then classes, then all else: the order of ruff's RUF022."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2, name)


def _defined(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((name.asname or name.name) for name in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
