"""The runbook names every kind of notice as the mails do."""

from shutterpost.flows.notifying.kinds import RULES
from tests.docs.pages import ROOT, table_rows


def test_the_runbook_has_the_text_of_every_notice() -> None:
    text = (ROOT / "docs" / "runbook.md").read_text("utf-8")
    rows = table_rows(text.partition("<!-- notices -->")[2].partition("<!-- end -->")[0])[1:]
    written = [(title.strip("*"), cost) for title, cost, *_ in rows]
    assert written == [(rule.title, rule.cost) for rule in RULES.values()]
