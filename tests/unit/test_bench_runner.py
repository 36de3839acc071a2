"""The benchmark runner."""

import json

import pytest

from tests.benchmarks import run
from tests.benchmarks.coldstart import STARTS, figures
from tests.benchmarks.figures import Figure


def test_every_module_beside_the_runner_is_a_benchmark_of_its_own_name():
    assert {"coldstart", "cost"} <= set(run.names())
    assert not {"run", "figures"} & set(run.names())


def test_figures_are_kept_as_they_are_printed(tmp_path):
    figure = Figure("chain", 1.5, "s", "target 2 s")
    file = run.keep("some", [figure], tmp_path / "out")
    assert json.loads(file.read_text()) == [{"figure": "chain", "value": 1.5, "unit": "s", "against": "target 2 s"}]
    assert figure.line() == "chain: 1.5 s  (target 2 s)"


def test_an_unknown_benchmark_is_refused_with_the_names_there_are(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["run", "--only", "nothing"])
    with pytest.raises(SystemExit):
        run.main()
    assert "coldstart" in capsys.readouterr().err


def test_a_cold_start_is_a_multiple_of_the_bare_one_of_the_same_run():
    bare = [0.1, 0.2, 0.9]
    taken = {"bare": bare, **{start.handler: [0.25, 0.24, 0.5] for start in STARTS}}
    first, *others = figures(taken)
    assert (first.value, first.unit) == (200, "ms CPU")
    assert {figure.value for figure in others} == {1.25}
    assert all("≤ 1.3: reached" in figure.against or "≤ 1.8: reached" in figure.against for figure in others)


def test_a_start_beyond_its_target_is_reported_as_missed():
    taken = {"bare": [0.1], **{start.handler: [0.2] for start in STARTS}}
    assert all(figure.against.endswith("MISSED") for figure in figures(taken)[1:])
