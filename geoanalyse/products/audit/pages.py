"""What a browser would fetch or run when it opens a page: nothing but what this version wrote."""

import html
import re
from collections.abc import Iterator
from functools import cache

from geoanalyse import __version__
from geoanalyse.dressing import BACKGROUNDS
from geoanalyse.products import atlaspagina, kaartbron, verantwoordingspagina
from geoanalyse.products.audit import vector
from geoanalyse.products.audit.themap import is_map
from geoanalyse.products.contents import Page
from geoanalyse.products.factsheet import page as factsheet
from geoanalyse.products.inline import package_text, source_hash

_LOADING = {
    *("action", "archive", "background", "cite", "classid", "codebase", "data", "dynsrc", "formaction", "href", "icon"),
    *("imagesrcset", "longdesc", "lowsrc", "manifest", "ping", "poster", "profile", "src", "srcdoc", "srcset", "style"),
    *("usemap", "xlink:href", "xml:base"),
}
"""Attributes of which the text is, or may hold, an address."""
_FOREIGN = {
    *("applet", "audio", "base", "embed", "fencedframe", "form", "frame", "frameset", "iframe", "img", "input", "math"),
    *("object", "portal", "source", "svg", "template", "track", "video"),
}
"""Elements that can fetch or send."""
_REQUEST = re.compile(
    r"(?i)@import|@namespace|\bsrc\s*\(|image-set|\bimage\s*\(|url\s*\(\s*(?!['\"]?\s*(?:data:|#))|expression\s*\(|\\"
)
# Every tag as our templates write it: browsers and our own reader cannot disagree about such a tag.
_TAG = re.compile(r'<(?:!DOCTYPE html|/?[a-z][a-z0-9]*(?: [a-z][a-z-]*(?:="[^"<]*")?)*)>')
_RAW = re.compile(r"(<(script|style)(?: [^>]*)?>)(.*?)(</\2>)", re.DOTALL)
_ENDING = re.compile(r"(?i)</(?:script|style)")
_POLICY = "content-security-policy"
_TITLE = re.compile(r"<title>([^<]*)</title>")
_BLOCK = re.compile(kaartbron.DATA.format("([A-Za-z0-9+/=]*)"))
_ACCOUNT = "verantwoording.html"
_HOLE = ("svg", dict[str, str]())  # where a drawing stood, which is judged apart
_OTHER_FILE = re.compile(r"factsheet-[A-Z0-9]+\.pdf")
_EXPRESSION = re.compile(r"{{.*?}}|{%.*?%}")


def faults(text: str) -> Iterator[str]:
    """Say what in a page is fetched, runs, or was not written by this version.

    Parameters
    ----------
    text : str
        The whole page.
    """
    page = Page(text)
    if is_factsheet(page):
        text, drawings = vector.apart(text)
        page = Page(text)
        page.tags = [each for each in page.tags if each != _HOLE]
        if text.count(vector.HOLE) != len(drawings) or not all(map(vector.is_ours, drawings)):
            yield "heeft een tekening met iets anders dan geoanalyse tekent"
    yield from _of_policy(page)
    yield from _of_tags(page)
    yield from _of_programs(page)
    if not _is_plain(text):
        yield "heeft onderdelen die anders zijn geschreven dan geoanalyse doet; een browser kan er iets anders in lezen"
    yield from _of_template(page, text)


def is_factsheet(page: Page) -> bool:
    """Whether a page says that it is a factsheet; then it is held to that, and may hold drawings."""
    return ("html", "factsheet") in {(tag, named.get("data-product")) for tag, named in page.tags}


def host_of(page: Page) -> str | None:
    """Give the one host that a map may ask for a background, when the reader switches it on."""
    told = _policies(page)
    return next((each.host for each in BACKGROUNDS.values() if told == [kaartbron.policy(each.host)]), None)


def _policies(page: Page) -> list[str]:
    return [
        named.get("content", "")
        for tag, named in page.tags
        if tag == "meta" and named.get("http-equiv", "").lower() == _POLICY
    ]


def _own_policy(page: Page) -> str:
    if is_map(page):
        return kaartbron.policy(host_of(page))
    if is_factsheet(page):
        return factsheet.policy()
    return atlaspagina.policy() if is_atlas(page) else verantwoordingspagina.policy()


def is_atlas(page: Page) -> bool:
    """Whether a page is the index of an atlas: it has the policy of one, and may then have nothing else."""
    return _policies(page) == [atlaspagina.policy()]


def _leads(page: Page, tag: str, key: str, text: str) -> bool:
    """Whether an address stays in the file, or is that of a factsheet beside an index."""
    beside = is_atlas(page) and (tag, key) == ("a", "href") and _OTHER_FILE.fullmatch(text)
    return bool(beside) or text.strip().startswith(("#", "data:image/"))


def _of_policy(page: Page) -> Iterator[str]:
    policies = _policies(page)
    if not any("default-src 'none'" in policy for policy in policies):
        yield "heeft geen regel die ophalen van internet verbiedt"
    elif policies != [_own_policy(page)]:
        yield f"heeft andere regels voor de browser dan geoanalyse {__version__} schrijft"


def _of_tags(page: Page) -> Iterator[str]:
    fetched = [
        tag
        for tag, named in page.tags
        for key, text in named.items()
        if key in _LOADING and not _leads(page, tag, key, text)
    ]
    if fetched:
        yield f"haalt {len(fetched)} keer iets op van buiten het bestand ({', '.join(sorted(set(fetched)))})"
    running = [tag for tag, named in page.tags if any(key.startswith("on") for key in named)]
    if running:
        yield f"heeft {len(running)} keer een programma bij een onderdeel ({', '.join(sorted(set(running)))})"
    equivalents = {named["http-equiv"].lower() for tag, named in page.tags if "http-equiv" in named}
    if equivalents - {_POLICY}:
        yield "stuurt de lezer door of geeft de browser opdrachten (meta)"
    foreign = sorted({tag for tag, _ in page.tags if tag in _FOREIGN})
    if foreign:
        yield f"heeft een onderdeel dat iets kan ophalen of insturen ({', '.join(foreign)})"


def _of_programs(page: Page) -> Iterator[str]:
    policy = _own_policy(page)
    if any(source_hash(program) not in policy for program in page.programs):
        yield f"heeft een programma dat niet van geoanalyse {__version__} is; open het niet, vraag een nieuw exemplaar"
    strange = [style for style in page.styles if source_hash(style) not in policy]
    if strange:
        yield f"heeft een opmaak die niet van geoanalyse {__version__} is"
    if any(_REQUEST.search(style) for style in strange):
        yield "heeft een opmaak die iets ophaalt van buiten het bestand"


def _is_plain(text: str) -> bool:
    """Whether every ``<`` outside scripts and styles begins a tag as our templates write it."""
    outside = _RAW.sub(r"\1\4", text)
    inside = (each[2] for each in _RAW.findall(text))
    return outside.count("<") == len(_TAG.findall(outside)) and not any(map(_ENDING.search, inside))


def _of_template(page: Page, text: str) -> Iterator[str]:
    """Hold a page to its template: a map to the last byte, another page to the tags and attributes it may have."""
    if is_map(page):
        title, block = _TITLE.search(text), _BLOCK.search(text)
        area = html.unescape(title[1]).removesuffix(kaartbron.TITLE.format("")) if title else ""
        if block is None or kaartbron.page(area, block[1], host_of(page)) != text:
            yield f"is naast het gegevensblok niet de kaart die geoanalyse {__version__} schrijft"
        return
    kind, template = ("factsheet", factsheet.TEMPLATE) if is_factsheet(page) else ("verantwoording", _ACCOUNT)
    if is_atlas(page):
        kind, template = "atlas", "atlas.html"
    allowed = _vocabulary(template)
    strange = sorted({tag for tag, named in page.tags if any((tag, key) not in allowed for key in named or ("",))})
    if strange:
        yield f"heeft onderdelen die een {kind} niet heeft ({', '.join(strange)})"


@cache
def _vocabulary(template: str) -> frozenset[tuple[str, str]]:
    """Give the tags of a template, each with each of its attributes."""
    page = Page(_EXPRESSION.sub("", package_text("templates", template)))
    return frozenset((tag, key) for tag, named in page.tags for key in (*named, ""))
