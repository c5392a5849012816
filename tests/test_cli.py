from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from anchorwatch.anchors import load, shipped
from anchorwatch.store import Store
from example_run import AFTER, BEFORE, record

ESCAPE = "\x1b[2J\x1b]0;owned\x07\u202e[bold]x[/bold] \x9b31m"


@pytest.fixture
def run():
    """A run in the default store."""
    with Store() as store:
        return record(store)


def files() -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in Path().rglob("*") if path.is_file()}


# -- runs


def test_runs_are_listed_newest_first(cli, run):
    with Store() as store:
        record(store, "aa00bb11cc22", "newer")
    lines = cli("runs").out.splitlines()
    assert [line.split()[1] for line in lines[1:]] == ["newer", "shop"]
    assert "50% → 50%" in lines[2]
    assert len(cli("runs", "--limit", "1").out.splitlines()) == 2


def test_runs_as_json(cli, run):
    (listed,) = cli("runs", "--json").json
    assert listed["id"] == run.id
    assert listed["anchor_set"]["digest"] == run.anchor_set_digest
    assert listed["contract_pass"] == {"baseline": 0.5, "last": 0.5}
    assert listed["factors"] == {"args.learning_rate": 1e-4}
    assert listed["links"] == {"mlflow": "ab12"}


def test_a_store_without_runs_is_said(cli):
    Store().close()
    assert cli("runs").out == "no runs yet\n"
    assert cli("runs", "--json").json == []
    assert cli("show").code == 2


def test_another_store_is_read_from_the_option_and_the_environment(cli, monkeypatch):
    with Store("sqlite:///other.db") as store:
        record(store, name="elsewhere")
    assert "elsewhere" in cli("runs", "--store", "sqlite:///other.db").out
    monkeypatch.setenv("ANCHORWATCH_STORE", "sqlite:///other.db")
    assert "elsewhere" in cli("show").out
    assert not Path("anchorwatch.db").exists()


# -- show


@pytest.mark.parametrize("reference", [[], ["latest"], ["shop"], ["3f2a"], ["3f2a9c1b77aa"]])
def test_a_run_is_shown_by_whatever_names_it(cli, run, reference):
    shown = cli("show", *reference)
    assert shown.code == 0
    assert "finished, step 40" in shown.out
    assert "loss 3.66 → 0.63" in shown.out
    assert "contracts broken since the baseline: 2 of 3" in shown.out
    assert "{+Sure, the money is on its way to you+}" in shown.out


def test_a_name_over_several_lines_is_one_line_of_the_head(cli):
    with Store() as store:
        record(store, "5e", "sweep\n 7\t(lr)")
    assert cli("show", "5e").out.startswith("sweep 7 (lr)  5e\n")


def test_a_step_is_shown_against_the_baseline(cli, run):
    shown = cli("show", "--step", "0")
    assert "0 of 3 answers changed" in shown.out
    assert "0.63" not in shown.out, "losses after the step shown are not told"


def test_changed_answers_and_one_anchor_are_shown_on_request(cli, run):
    assert "{+十+}" not in cli("show").out
    assert "{+十+}" in cli("show", "--changed").out
    one = cli("show", "--anchor", "greeting").out
    assert "{+十+}" in one
    assert "refund" not in one


def test_all_metrics_are_shown_on_request(cli, run):
    assert "tag money" not in cli("show").out
    assert "tag money" in cli("show", "--all").out
    assert "repeats itself" in cli("show", "--all").out


def test_show_as_json_holds_full_texts_and_differences(cli, run):
    shown = cli("show", "--json").json
    assert (shown["step"], shown["baseline_step"]) == (40, 0)
    refund = shown["anchors"][0]
    assert (refund["before"], refund["now"]) == (BEFORE["refund"], AFTER["refund"])
    assert refund["broken"] == ["action", "excludes"]
    assert "".join(text for op, text in refund["diff"] if op != "delete") == AFTER["refund"]
    assert [flag["rule"] for flag in shown["flags"]] == ["contract_broken"]
    assert [each["id"] for each in cli("show", "--json", "--anchor", "hours").json["anchors"]] == ["hours"]


def test_what_json_cannot_say_is_null(cli, run):
    with Store() as store:
        store.add_losses(run.id, [type(store.losses(run.id)[0])(41, "loss", float("nan"))])
        store.add_losses(run.id, [type(store.losses(run.id)[0])(40, "loss", float("nan"))])
    losses = {(point["name"], point["step"]): point["value"] for point in cli("show", "--json").json["losses"]}
    assert losses == {("loss", 1): 3.66, ("loss", 40): None, ("eval_loss", 40): 0.71}


@pytest.mark.parametrize(
    "arguments", [["show", "--changed"], ["show", "--all"], ["show", "--anchor", "refund"], ["show", "--json"]]
)
def test_model_text_never_steers_the_terminal(cli, arguments):
    with Store() as store:
        record(store, name=f"name{ESCAPE}", after={**AFTER, "refund": ESCAPE, "greeting": "\ud800" + ESCAPE})
    shown = cli(*arguments)
    assert shown.code == 0
    assert not set("\x1b\x07\x9b\u202e") & set(shown.out)
    assert "[bold]x[/bold]" in shown.out


def test_show_is_the_same_through_a_pipe_at_80_columns(run):
    shown = subprocess.run(
        [sys.executable, "-m", "anchorwatch", "show", "--changed"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert max(map(len, shown.stdout.splitlines())) <= 80
    assert "\x1b" not in shown.stdout
    assert "[-九-]" in shown.stdout


# -- anchor sets


def test_every_set_that_ships_is_listed_and_without_errors(cli):
    listed = cli("sets").out
    for name in shipped():
        assert name in listed
        assert cli("lint", name).code == 0


def test_lint_tells_what_a_set_can_show(cli):
    found = cli("lint", "support-en")
    assert "over the 8 risk anchors" in found.out
    assert {"level", "anchor_id", "message"} == set(cli("lint", "support-en", "--json").json[0])


def test_lint_fails_a_set_with_errors(cli):
    rows = [{"id": name, "kind": "core", "prompt": "Where is it?"} for name in ("one", "two")]
    Path("twice.jsonl").write_text("\n".join(map(json.dumps, rows)))
    found = cli("lint", "twice.jsonl")
    assert found.code == 1
    assert "error: two: asks the same as 'one'" in found.out
    assert not found.err
    assert cli("lint", "twice.jsonl", "--json").json[0]["level"] == "error"


def test_a_new_set_is_written_and_can_be_linted(cli):
    assert cli("new", "mine.yaml").code == 0
    assert cli("lint", "mine.yaml").code == 0
    Path("logs.jsonl").write_text("\n".join(json.dumps({"prompt": f"Question about {i}?"}) for i in "abcdefgh"))
    written = cli("new", "drawn.yaml", "--from", "logs.jsonl", "--size", "3")
    assert "8 distinct prompts" in written.out
    assert len(load("drawn.yaml")) == 3


# -- what goes wrong


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["show", "nope"], "no run 'nope'"),
        (["show", "shpo"], "did you mean 'shop'?"),
        (["show", ""], "no run ''"),
        (["show", "--step", "7"], "there are checks at: 0, 40"),
        (["show", "--step", "x"], "--step"),
        (["show", "--anchor", "refnd"], "did you mean 'refund'?"),
        (["show", "--stp", "7"], "--step"),
        (["show", "a", "b"], "unexpected extra argument"),
        (["runs", "--limit", "0"], "--limit"),
        (["runs", "--limit", "many"], "--limit"),
        (["runs", "--store", "sqlite:///nowhere.db"], "no store at sqlite:///nowhere.db yet"),
        (["show", "--store", "sqlite:///no/folder/x.db"], "no store at"),
        (["runs", "--store", "sqlite:///text.yaml"], "file is not a database"),
        (["runs", "--store", "sqlite:///."], "is a folder"),
        (["runs", "--store", "text.yaml"], "a store is a URL"),
        (["runs", "--store", "mysql://host/x"], "unknown kind of store 'mysql'"),
        (["lint", "suport-en"], "did you mean 'support-en'?"),
        (["lint", "nowhere.yaml"], "no such file"),
        (["lint", "text.yaml"], "found str"),
        (["lint", "broken.yaml"], "is not YAML"),
        (["lint"], "Missing argument"),
        (["new"], "Missing argument"),
        (["new", "text.yaml"], "exists already"),
        (["new", "set.json"], "a new anchor set is a .yaml file"),
        (["new", "no/folder/set.yaml"], "there is no folder"),
        (["new", "set.yaml", "--from", "nowhere.jsonl"], "No such file"),
        (["new", "set.yaml", "--from", "empty.jsonl"], "holds no prompt (it is empty)"),
        (["new", "set.yaml", "--from", "text.yaml"], "holds no prompt (not JSON 1)"),
        (["new", "set.yaml", "--from", "."], "cannot be read"),
        (["new", "set.yaml", "--from", "logs.jsonl", "--size", "0"], "between 1 and 500; found 0"),
        (["new", "set.yaml", "--from", "logs.jsonl", "--size", "1e3"], "--size"),
        (["new", "set.yaml", "--size", "3"], "needs --from"),
        (["rnus"], "Did you mean 'runs'?"),
        (["--verbose"], "--verbose"),
    ],
)
def test_what_goes_wrong_is_one_line_and_changes_nothing(cli, run, arguments, says):
    Path("text.yaml").write_text("just text\n")
    Path("broken.yaml").write_text("name: [\n")
    Path("empty.jsonl").touch()
    Path("logs.jsonl").write_text('{"prompt": "Hi"}\n')
    before = files()
    failed = cli(*arguments)
    assert failed.code == 2
    assert failed.out == ""
    assert says in failed.err
    assert failed.err.startswith("anchorwatch: error: ")
    assert failed.err.count("\n") == 1
    assert {name for name in files() if "-wal" not in name and "-shm" not in name} == set(before)


def test_reading_a_store_that_is_not_there_does_not_make_one(cli):
    for command in ("runs", "show"):
        failed = cli(command)
        assert failed.code == 2
        assert "no store at sqlite:///anchorwatch.db yet" in failed.err
    assert files() == {}


def test_a_run_without_a_check_is_said(cli, run):
    with Store() as store:
        store.begin_run(type(run)("0000", "unborn", "s", 1, "d"), load("support-en"))
    assert "run 'unborn' (0000) has no check yet" in cli("show", "unborn").err


def test_an_error_that_quotes_escape_sequences_shows_them(cli, run):
    assert r"\x1b[2J" in cli("show", ESCAPE).err


# -- the process


def test_no_command_imports_torch_or_a_tracker(run):
    Path("logs.jsonl").write_text('{"prompt": "Hi"}\n')
    script = """
import sys
from anchorwatch.cli import main
for arguments in (["runs"], ["show", "--changed"], ["lint", "support-en"], ["new", "a.yaml"], ["sets"],
                  ["new", "b.yaml", "--from", "logs.jsonl"], ["show", "--json"]):
    sys.argv = ["anchorwatch", *arguments]
    try:
        main()
    except SystemExit as ended:
        assert not ended.code, arguments
heavy = {"torch", "transformers", "mlflow", "wandb", "trackio", "datasets", "pandas"} & set(sys.modules)
assert not heavy, heavy
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("arguments", [["show", "--changed"], ["show", "--json"]])
def test_a_reader_that_stops_is_no_error(run, arguments):
    command = [sys.executable, "-m", "anchorwatch", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""


def test_a_terminal_that_cannot_show_a_character_gets_its_escape(run, monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    done = subprocess.run([sys.executable, "-m", "anchorwatch", "show"], capture_output=True, check=True)
    assert rb"3.66 \u2192 0.63" in done.stdout


def test_the_version_and_the_help_are_told(cli):
    assert cli("--version").out.startswith("anchorwatch ")
    for arguments in ([], ["--help"], ["show", "--help"]):
        told = cli(*arguments)
        assert told.code == 0
        assert "Usage: anchorwatch" in told.out
