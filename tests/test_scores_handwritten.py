"""Surveys as the article's models write them, held against truth lists kept apart."""

import pytest

from handwritten import HANDWRITTEN, Handwritten
from pipeline.evaluation.ledger import read_ledger
from surveys import catalogue


@pytest.mark.parametrize("one", HANDWRITTEN, ids=lambda one: one.question)
def test_the_ledger_says_what_a_reader_says(one: Handwritten) -> None:
    papers = [paper for topic in one.topics for paper in catalogue(topic, one.language)]

    ledger = read_ledger(one.text, papers, one.question)

    assert set(ledger.linked) == one.linked
    assert set(ledger.titled) == one.titled
    assert set(ledger.mentioned) == one.mentioned
    assert ledger.outside == one.outside
    assert ledger.malformed == one.malformed
    assert set(ledger.misattributed) == one.misattributed
    assert ledger.recall == pytest.approx(len(one.linked | one.titled) / len(papers))
