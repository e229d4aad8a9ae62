"""What earlier signals of an area led to, in Dutch: the same sentences on the map and in the list."""

from geoanalyse.layer import Layer
from geoanalyse.products import dutch
from geoanalyse.published import STAGES
from geoanalyse.release import Release

_KINDS = {
    "HOTSPOT": "hotspot",
    "HOOG": "hoog cijfer",
    "NIEUW": "nieuw in de buurt",
    "AANHOUDEND": "aanhoudend in de buurt",
    "SAMENLOOP": "meer lagen op één plek",
}


def sentences(release: Release) -> list[str]:
    """Say how many earlier signals there were, and what became of them; nothing when that is not part of the release.

    Returns
    -------
    list of str
    """
    if release.followed is None:
        return []
    signals, reported, followed, finished, led = (_count(release.followed.totals[stage]) for stage in STAGES)
    said = (
        f"Eerdere signalen van lijsten waarvan iets terugkwam, van buurten die vooral in dit gebied liggen: {signals}.",
        f"Over {reported} is iets teruggemeld. Opgevolgd: {followed}. Met een duidelijke uitkomst: {finished}.",
        f"Leidde tot iets: {led}. Elk aantal is apart afgerond.",
    )
    found = [" ".join(said)]
    if release.followed.never:
        named = [_reason(code, release.layers) for code in release.followed.never]
        found.append(f"Leidde tot nu toe nooit tot iets: {dutch.listing(named)}.")
    return found


def _count(counts: tuple[int, int, int]) -> str:
    value, low, high = counts
    return dutch.value_words(value, "waarde", 1, low, high)


def _reason(code: str, layers: tuple[Layer, ...]) -> str:
    """Name a reason by its kind and layer.

    Examples
    --------
    >>> _reason("SAMENLOOP", ())
    'meer lagen op één plek'
    """
    kind, _, layer = code.partition("-")
    title = next((each.title for each in layers if each.id == layer), layer)
    return f"{_KINDS.get(kind, kind.lower())}{f' ({title})' if title else ''}"
