"""The benchmark runner."""

import json

import pytest

from tests.benchmarks import run
from tests.benchmarks.coldstart import STARTS, figures, floor_of
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
    taken = {"bare": [0.1, 0.2, 0.9]}
    for start in STARTS:
        taken |= {start.handler: [0.24, 0.22, 0.5], floor_of(start): [0.21, 0.2, 0.4]}
    first, *others = figures(taken)
    assert (first.value, first.unit) == (200, "ms CPU")
    assert {figure.value for figure in others[::2]} == {1.2}
    assert all(figure.against.endswith(("≤ 1.2: reached", "≤ 1.4: reached")) for figure in others[::2])
    assert {(figure.value, figure.against.rpartition("; ")[2]) for figure in others[1::2]} == {
        (1.05, "the rest is ours, 30 ms")
    }


def test_a_start_beyond_its_target_is_reported_as_missed():
    taken = {"bare": [0.1]}
    for start in STARTS:
        taken |= {start.handler: [0.2], floor_of(start): [0.1]}
    assert all(figure.against.endswith("MISSED") for figure in figures(taken)[1::2])
