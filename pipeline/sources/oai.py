"""Read one page of arXiv's OAI-PMH interface (``ListRecords`` in the format ``arXivRaw``).

Of arXiv's formats only ``arXivRaw`` says when each version was submitted, so that the first one's
day and the version's number are known; ``arXiv`` gives the newest version's day as ``created``.
The texts are as raw as in the public snapshot.

Source: https://www.openarchives.org/OAI/2.0/openarchivesprotocol.htm,
https://info.arxiv.org/help/oa/index.html and https://github.com/arXiv/oaipmh
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from lxml import etree

from pipeline.errors import MalformedAnswer, RequestRejected
from pipeline.sources.records import read_fields
from pipeline.types import Paper

_OAI = "{http://www.openarchives.org/OAI/2.0/}"
_RAW = "{http://arxiv.org/OAI/arXivRaw/}"
_FIELDS = ("id", "title", "abstract", "authors", "categories", "comments", "doi", "journal-ref")
_PREFIX = "oai:arXiv.org:"
_WITHDRAWN = "I"
"""The newest version's ``source_type`` then; not every author says it in the comment, where
``search.is_withdrawn`` looks."""


@dataclass(frozen=True, slots=True)
class Token:
    """Asks for the next page.

    Attributes:
        text: opaque; only the server reads it.
        expires: when the server forgets it, or null where it does not say.
    """

    text: str
    expires: datetime | None = None

    def is_over(self, now: float) -> bool:
        """Tell whether the server has forgotten the token at a moment in epoch seconds."""
        return self.expires is not None and self.expires.timestamp() <= now


@dataclass(frozen=True, slots=True)
class OaiPage:
    """One page of a list of records.

    Attributes:
        answered: the server's day when it answered; null where it was not asked.
        papers: that were added or changed.
        deleted: ids that are gone.
        unreadable: how many records do not hold what a paper needs.
        days: on which the page's records changed last, in the page's order.
        token: asks for the next page; null on the last one.
        expired: the server knows the token no more, and sent nothing.
    """

    answered: date | None = None
    papers: tuple[Paper, ...] = ()
    deleted: tuple[str, ...] = ()
    unreadable: int = 0
    days: tuple[date, ...] = ()
    token: Token | None = None
    expired: bool = False


def read_page(body: bytes) -> OaiPage:
    """Read an answer to ``ListRecords``.

    Raises:
        MalformedAnswer: it is no whole OAI-PMH document, or one with a DTD.
        RequestRejected: the server refuses an argument.
    """
    root = _parse(body)
    answered = _moment(root.findtext(f"{_OAI}responseDate"))
    if root.tag != f"{_OAI}OAI-PMH" or answered is None:
        raise MalformedAnswer("arXiv's answer is no OAI-PMH document")
    day = answered.date()
    error = root.find(f"{_OAI}error")
    if error is not None:
        return _read_error(error, day)
    records = root.find(f"{_OAI}ListRecords")
    if records is None:
        raise MalformedAnswer("arXiv's answer holds neither records nor an error")
    return _read_records(records, day)


def _parse(body: bytes) -> etree._Element:
    """Parse XML that may be hostile: no entities, no network, no giant nodes, no DTD."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise MalformedAnswer("arXiv's answer is no whole XML") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise MalformedAnswer("arXiv's answer brings a DTD, which OAI-PMH has none of")
    return root


def _read_error(error: etree._Element, day: date) -> OaiPage:
    match error.get("code"):
        case "noRecordsMatch":
            return OaiPage(day)
        case "badResumptionToken":
            return OaiPage(day, expired=True)
        case code:
            said = re.sub(r"[^ -~]+", " ", f"{code}: {error.text or ''}")[:300]
            raise RequestRejected(f"arXiv's OAI-PMH interface refuses the request ({said.strip()})")


def _read_records(records: etree._Element, day: date) -> OaiPage:
    papers: list[Paper] = []
    deleted: list[str] = []
    unreadable = 0
    for record in records.iterfind(f"{_OAI}record"):
        header = record.find(f"{_OAI}header")
        if header is not None and header.get("status") == "deleted":
            deleted.append(header.findtext(f"{_OAI}identifier", "").removeprefix(_PREFIX))
            continue
        try:
            papers.append(_read_paper(record))
        except ValueError:
            unreadable += 1
    return OaiPage(
        answered=day,
        papers=tuple(papers),
        deleted=tuple(deleted),
        unreadable=unreadable,
        days=tuple(_days(records)),
        token=_read_token(records),
    )


def _read_paper(record: etree._Element) -> Paper:
    raw = record.find(f"{_OAI}metadata/{_RAW}arXivRaw")
    if raw is None:
        raise ValueError("the record has no metadata")
    fields: dict[str, object] = {
        name: text for name in _FIELDS if (text := raw.findtext(f"{_RAW}{name}")) is not None
    }
    versions = raw.findall(f"{_RAW}version")
    fields["versions"] = [
        {"version": one.get("version"), "created": one.findtext(f"{_RAW}date")} for one in versions
    ]
    if versions and _WITHDRAWN in versions[-1].findtext(f"{_RAW}source_type", ""):
        fields["comments"] = f"Withdrawn. {fields.get('comments', '')}"
    return read_fields(fields)


def _days(records: etree._Element) -> Iterator[date]:
    for stamp in records.iterfind(f"{_OAI}record/{_OAI}header/{_OAI}datestamp"):
        moment = _moment(stamp.text)
        if moment is not None:
            yield moment.date()


def _read_token(records: etree._Element) -> Token | None:
    token = records.find(f"{_OAI}resumptionToken")
    if token is None or not (token.text or "").strip():
        return None
    return Token(token.text.strip(), _moment(token.get("expirationDate")))


def _moment(text: str | None) -> datetime | None:
    """Read a day or a moment of OAI-PMH, which are in UTC."""
    try:
        moment = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
