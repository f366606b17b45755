"""What the report calls its metrics and says of them."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Metric:
    """How a metric is named and shown.

    Attributes:
        digits: behind the point.
        is_share: it lies in [0, 1], so that cells can be coloured by it.
    """

    title: str
    meaning: str
    digits: int = 3
    is_share: bool = True


METRICS: Mapping[str, Metric] = {
    "recall": Metric("Recall", "Papers of the context that the survey links or names ÷ papers"),
    "recall_linked": Metric("Recall, linked", "Papers that it links ÷ papers"),
    "recall_on_topic": Metric("Recall, on topic", "The same among the papers called on topic"),
    "article_recall": Metric(
        "The article's count", "Papers that a model counts ÷ papers; may exceed 1", is_share=False
    ),
    "article_recall_capped": Metric("The article's count, capped", "The same, at most 1"),
    "precision": Metric("Precision", "Right links ÷ all links"),
    "link_rate": Metric("Link rate", "Linked ÷ linked, named and mentioned"),
    "support_recall": Metric("Support recall", "Claims that their papers' abstracts support"),
    "support_precision": Metric("Support precision", "Citations that matter for their claim"),
    "language": Metric("Language", "Sentences in the survey's language"),
    "characters": Metric("Characters", "Length of a survey", 0, is_share=False),
    "outside": Metric(
        "Links outside", "Links to papers that are not in the context", 2, is_share=False
    ),
    "malformed": Metric("Malformed links", "Links that arXiv cannot have given", 2, is_share=False),
    "misattributed": Metric(
        "Misattributed", "Links beside another paper's name", 2, is_share=False
    ),
    "usd": Metric("Dollars", "Price of writing one survey", 4, is_share=False),
    "seconds": Metric(
        "Seconds", "From the first call of the writer to its last", 1, is_share=False
    ),
}

FEW_QUESTIONS = 20


def show(value: float | None, digits: int) -> str:
    """Write a figure; a dash for one that is not known."""
    if value is None:
        return "–"
    written = f"{value:.{digits}f}"
    return written.replace("-", "−") if float(written) else f"{0:.{digits}f}"
