"""Builds the wheel, compares it with the checkout, installs it in a clean environment and loads every set there.

python scripts/check_wheel.py

The clean environment sees the packages of the one this runs in through a path file, so that nothing is downloaded;
anchorwatch itself it has from the wheel alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

LOAD_ALL = """
import anchorwatch, anchorwatch.store
from anchorwatch.anchors import load, shipped
assert "site-packages" in anchorwatch.__file__ and {clean!r} in anchorwatch.__file__, anchorwatch.__file__
for name in shipped():
    print("loaded", name, "with", len(load(name)), "anchors from the wheel")
assert sorted(shipped()) == {names!r}, sorted(shipped())
anchorwatch.store.Store("sqlite:///clean.db").close()
from anchorwatch.report.page import page
assert "uPlot" in page([])
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, str(ROOT), quiet=True)
        wheel = next(Path(folder).glob("*.whl"))
        compare(wheel)
        install_and_load(wheel, Path(folder) / "clean")
    print(f"{wheel.name}: complete, and works in a clean environment")


def compare(wheel: Path) -> None:
    """Every file that git tracks under the package and the anchors is in the wheel, and nothing else."""
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", "callbacks", "anchors")
    tracked = {path for path in listed.splitlines() if (ROOT / path).is_file()}
    wanted = {
        path.replace("callbacks/", "", 1) if path.startswith("callbacks/") else f"anchorwatch/_{path}"
        for path in tracked
    }
    with zipfile.ZipFile(wheel) as archive:
        found = {name for name in archive.namelist() if ".dist-info/" not in name}
    if missing := wanted - found:
        sys.exit(f"missing from the wheel: {', '.join(sorted(missing))}")
    if extra := found - wanted:
        sys.exit(f"in the wheel but not in the checkout: {', '.join(sorted(extra))}")


def install_and_load(wheel: Path, clean: Path) -> None:
    venv.create(clean, with_pip=True)
    python = clean / ("Scripts" if os.name == "nt" else "bin") / "python"
    run(str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel))
    site = run(str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    # addsitedir would run the editable install's path file too; a plain path line does not.
    (Path(site) / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    names = sorted(path.parent.name for path in (ROOT / "anchors").glob("*/anchors.yaml"))
    print(run(str(python), "-c", LOAD_ALL.format(clean=str(clean), names=names), cwd=clean), end="")
    run(str(clean / "bin" / "anchorwatch"), "--version", cwd=clean)


def run(*command: str, cwd: Path = ROOT, quiet: bool = False) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command[:6])} failed:\n{done.stdout}{done.stderr}")
    return "" if quiet else done.stdout


if __name__ == "__main__":
    main()
