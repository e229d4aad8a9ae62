"""Of which release a file says it is: digest, area, period, profile and the like, in the words of each kind of file."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from geoanalyse.products import dutch
from geoanalyse.products.labels import printable

_DUTCH = {
    "digest": "kenmerk",
    "area": "gebied",
    "title": "gebied",
    "start": "periode",
    "end": "periode",
    "reference_date": "peildatum",
    "zones_version": "zoneversie",
    "profile": "profiel",
    "key_mark": "sleutelmerk",
    "classification": "rubricering",
    "retain_until": "bewaartermijn",
    "caveat": "voorbehoud",
    "demo": "merkteken van de demo",
    "k": "kleinste groep",
    "layers": "lagen",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells one release from another; None for what a file does not say."""

    digest: str | None = None
    area: str | None = None
    title: str | None = None
    start: str | None = None
    end: str | None = None
    reference_date: str | None = None
    zones_version: str | None = None
    profile: str | None = None
    key_mark: str | None = None
    classification: str | None = None
    retain_until: str | None = None
    caveat: str | None = None
    demo: str | None = None
    k: str | None = None
    layers: str | None = None


def of_manifest(known: Mapping[str, Any]) -> Identity:
    """Read it from a manifest."""
    area, period, protection, basis = (known[name] for name in ("gebied", "periode", "bescherming", "grondslag"))
    return Identity(
        digest=_text(known.get("kenmerk")),
        area=_text(area.get("naam")),
        title=_text(area.get("titel")),
        start=_text(period.get("van")),
        end=_text(period.get("tot")),
        reference_date=_text(known.get("peildatum")),
        zones_version=_text(protection.get("zones_versie")),
        profile=_text(protection.get("profiel")),
        key_mark=_text(protection.get("sleutelmerk")),
        classification=_text(basis.get("rubricering")),
        retain_until=_text(basis.get("bewaren_tot")),
        caveat=_text(protection.get("voorbehoud") or ""),
        demo=_text(known.get("let_op", "")),
        k=str(protection.get("k")),
        layers=_names(entry.get("id") for entry in known.get("lagen", []) if isinstance(entry, dict)),
    )


def of_table(marks: Mapping[str, str], layers: Any) -> Identity:  # noqa: ANN401 - an iterable of names
    """Read it from the metadata of ``zones.parquet``, and the layers in it."""
    return Identity(
        digest=marks.get("kenmerk", ""),
        area=marks.get("gebied", ""),
        start=marks.get("periode_van", ""),
        end=marks.get("periode_tot", ""),
        reference_date=marks.get("peildatum", ""),
        zones_version=marks.get("zones_versie", ""),
        profile=marks.get("profiel", ""),
        key_mark=marks.get("sleutelmerk", ""),
        classification=marks.get("rubricering", ""),
        caveat=marks.get("voorbehoud", ""),
        demo=marks.get("let_op", ""),
        k=marks.get("k", ""),
        layers=_names(layers),
    )


def of_map(header: Mapping[str, Any]) -> Identity:
    """Read it from the header of a map, which writes the reference date in words and names no key."""
    return Identity(
        digest=_text(header.get("digest")),
        area=_text(header.get("area")),
        title=_text(header.get("title")),
        start=_text(header.get("start")),
        end=_text(header.get("end")),
        zones_version=_text(header.get("zones_version")),
        profile=_text(header.get("profile")),
        classification=_text(header.get("classification")),
        retain_until=_text(header.get("retain_until")),
        caveat=_text(header.get("caveat")),
        demo=_text(header.get("demo")),
        k=str(header.get("k")),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _names(layers: Any) -> str:  # noqa: ANN401
    return ", ".join(sorted(name for name in layers if isinstance(name, str)))


def differing(one: Identity, other: Identity) -> list[str]:
    """Name in Dutch what two files say differently of their release."""
    found = [
        _DUTCH[field.name]
        for field in fields(Identity)
        if None not in (left := getattr(one, field.name), right := getattr(other, field.name)) and left != right
    ]
    return list(dict.fromkeys(found))


# --- in running text --------------------------------------------------------------------------------------------------


def missing_in_package(of: Identity, descriptions: Mapping[str, str]) -> list[str]:
    """Name what the description of a layer of a GeoPackage should say and does not."""
    told = {
        "gebied": of.area,
        "periode_van": of.start,
        "periode_tot": of.end,
        "peildatum": of.reference_date,
        "zones_versie": of.zones_version,
        "profiel": of.profile,
        "sleutelmerk": of.key_mark,
        "kenmerk": of.digest,
        "rubricering": of.classification,
    }
    wanted = {key: f"{key} {text}" for key, text in told.items() if text}
    return [key for key, text in wanted.items() if not all(text in each for each in descriptions.values())]


def missing_in_text(of: Identity, text: str, kind: str) -> list[str]:
    """Name what an account or a factsheet should say of its release and does not.

    Parameters
    ----------
    of : Identity
        What other files of the release say.
    text : str
        Everything that people read in the file.
    kind : str
        Suffix of the file.
    """
    flat = " ".join(text.split())
    return [label for label, words in _phrases(of, kind) if " ".join(words.split()) not in flat]


def missing_in_explanation(of: Identity, lines: Mapping[str, str]) -> list[str]:
    """Name what the sheet that explains a list should say and does not."""
    period, day, until = _period(of), _day(of.reference_date), _day(of.retain_until)
    wanted = {
        "Gebied": of.title,
        "Periode": period,
        "Peildatum": day,
        "Rubricering": of.classification,
        "Bewaren tot": until,
        "Profiel": dutch.PROFILES.get(of.profile or ""),
        "Zoneversie": of.zones_version,
        "Sleutelmerk": of.key_mark,
        "Kenmerk": of.digest,
    }
    return [subject.lower() for subject, text in wanted.items() if text and lines.get(subject) != text]


def _phrases(of: Identity, kind: str) -> Iterator[tuple[str, str]]:
    period, day, until = _period(of), _day(of.reference_date), _day(of.retain_until)
    told = {
        "gebied": of.title,
        "kenmerk": of.digest,
        "zoneversie": of.zones_version,
        "sleutelmerk": of.key_mark,
        "periode of peildatum": f"{dutch.sentence(period)}. Peildatum {day}." if period and day else "",
        "profiel": dutch.PROFILES.get(of.profile or ""),
        "bewaartermijn": f"Bewaren tot en met {until}" if until else "",
        "merkteken van de demo": of.demo,
        # paper and slides may cut these short
        "rubricering": of.classification if kind == ".html" else "",
        "voorbehoud": of.caveat if kind == ".html" else "",
    }
    yield from (
        (label, printable(words) if kind in {".pdf", ".pptx"} else words) for label, words in told.items() if words
    )


def _period(of: Identity) -> str:
    try:
        return dutch.period(dt.date.fromisoformat(of.start or ""), dt.date.fromisoformat(of.end or ""))
    except ValueError:
        return ""


def _day(text: str | None) -> str:
    try:
        return dutch.date(dt.date.fromisoformat(text or ""))
    except ValueError:
        return ""
