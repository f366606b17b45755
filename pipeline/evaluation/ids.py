"""Find arXiv ids in every form in which a text can cite them.

Source: https://info.arxiv.org/help/arxiv_identifier.html
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

_ARCHIVES = frozenset(
    "acc-phys adap-org alg-geom ao-sci astro-ph atom-ph bayes-an chao-dyn chem-ph cmp-lg comp-gas"
    " cond-mat cs dg-ga funct-an gr-qc hep-ex hep-lat hep-ph hep-th math math-ph mtrl-th nlin"
    " nucl-ex nucl-th patt-sol physics plasm-ph q-alg q-bio quant-ph solv-int supr-con".split()
)
"""Those that had ids of the old scheme, until March 2007."""

_NEW = re.compile(r"(\d\d)(\d\d)\.(\d{4,5})", re.ASCII)
_OLD = re.compile(r"([a-z-]+)(?:\.[a-z]{2})?/(\d\d)(\d\d)\d{3}", re.ASCII | re.IGNORECASE)
_VERSION = re.compile(r"v\d{1,4}$", re.ASCII | re.IGNORECASE)

_OLD_FORM = r"[a-z-]+(?:\.[a-z]{2})?/\d{4,}"
_LINK = re.compile(
    r"(?<![a-z0-9-])(?:"
    r"(?P<arxiv>arxiv\.org/(?:abs|pdf|html|format|e-print|ps|src)/)"
    r"|alphaxiv\.org/[a-z]+/|ar5iv(?:\.labs\.arxiv)?\.org/(?:abs|html|pdf)/"
    r"|(?:huggingface|hf)\.co/papers/|semanticscholar\.org/arxiv/|scirate\.com/arxiv/"
    r"|arxiv-vanity\.com/papers/)(?:arxiv:)?(?P<id>[!-~]+)"
    rf"|(?:10\.48550/arxiv\.|(?<![a-z0-9])arxiv ?: ?)"
    rf"(?P<key>(?:\d{{3,}}\.\d{{3,}}|{_OLD_FORM})(?:v\d{{1,4}})?)",
    re.ASCII | re.IGNORECASE,
)
_STOP = re.compile(r"[()\[\]{}<>|\"'`,;#?&*\\]|/(?!\d)")
_FORM = rf"(?:\d{{4}}\.\d{{4,5}}|{_OLD_FORM})(?:v\d{{1,4}})?(?![0-9A-Za-z])"
_AT_START = re.compile(_FORM, re.ASCII | re.IGNORECASE)
_BARE = re.compile(rf"(?<![0-9A-Za-z./-]){_FORM}", re.ASCII)
_NUMERIC = re.compile(rf"\d{{3,}}\.\d{{3,}}|{_OLD_FORM}", re.ASCII | re.IGNORECASE)
_HEAD = re.compile(r"(?:https?://)?[A-Za-z0-9./_-]*\Z", re.ASCII)
_LONGEST_HEAD = 80
"""Characters looked at before a link for the rest of its address."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One place in a folded text that points to a paper.

    Attributes:
        kind: ``listed``, ``outside`` (another well-formed id), ``malformed`` (no id of arXiv's).
        id: as the list has it, normalised, or what stands there instead of an id.
        start, end: of the whole address.
    """

    kind: Literal["listed", "outside", "malformed"]
    id: str
    start: int
    end: int


def read_id(text: str) -> str | None:
    """Give the normal form of an id: no version, no class (``math.AG/0601001`` → ``math/0601001``).

    Returns:
        null where arXiv cannot have given this id: a month beyond 12, too few or many digits.
    """
    bare = _VERSION.sub("", text.strip())
    if match := _NEW.fullmatch(bare):
        year, month, number = match.groups()
        digits = 4 if year < "15" else 5
        is_dated = "01" <= month <= "12" and year + month >= "0704"
        return bare if is_dated and len(number) == digits else None
    if match := _OLD.fullmatch(bare):
        archive, month = match[1].lower(), match[3]
        is_old = archive in _ARCHIVES and "01" <= month <= "12"
        return f"{archive}/{bare.partition('/')[2]}" if is_old else None
    return None


def index_ids(ids: Iterable[str]) -> dict[str, str]:
    """Give each id of a list by its normal form; one that arXiv cannot have given by itself."""
    return {read_id(one) or one: one for one in ids}


def find_references(text: str, listed: Mapping[str, str]) -> tuple[Reference, ...]:
    """Find all references of a folded text, in its order.

    Addresses of arXiv and of sites that show its papers, DOIs and ``arXiv:`` keys count whatever
    they point to; a bare number only where it is in the list.

    Args:
        listed: ids of the list by their normal form (see ``index_ids``).
    """
    found = list(_find_links(text, listed))
    ends = {reference.end for reference in found}
    for match in _BARE.finditer(text):
        known = _look_up(match[0], listed)
        if known is not None and match.end() not in ends:
            found.append(Reference("listed", known, match.start(), match.end()))
    return tuple(sorted(found, key=lambda reference: reference.start))


def _find_links(text: str, listed: Mapping[str, str]) -> Iterator[Reference]:
    for match in _LINK.finditer(text):
        written = _cut(match["id"]) if match["id"] else match["key"]
        start = match.start() - _count_before(text, match.start())
        end = match.start("id" if match["id"] else "key") + len(written)
        normal = read_id(written)
        known = _look_up(written, listed)
        if known is not None:
            yield Reference("listed", known, start, end)
        elif normal is not None:
            yield Reference("outside", normal, start, end)
        elif written and (match["arxiv"] or _NUMERIC.fullmatch(_VERSION.sub("", written))):
            yield Reference("malformed", written, start, end)


def _look_up(written: str, listed: Mapping[str, str]) -> str | None:
    return listed.get(read_id(written) or _VERSION.sub("", written))


def _cut(address: str) -> str:
    """Give the id at the start of an address's rest, or all that stands in its place."""
    if match := _AT_START.match(address):
        return match[0]
    stop = _STOP.search(address)
    cut = address[: stop.start()] if stop else address
    return re.sub(r"\.pdf$", "", cut.rstrip(".:!_~"), flags=re.IGNORECASE)


def _count_before(text: str, start: int) -> int:
    """Give how many characters before a place belong to the same address."""
    head = _HEAD.search(text, max(start - _LONGEST_HEAD, 0), start)
    return len(head[0]) if head else 0
