"""The whole run, top to bottom: read, count, protect, compute. Writes nothing."""

import datetime as dt
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from geoanalyse import (
    addresses,
    area,
    context,
    counts,
    demo,
    grid,
    holderfile,
    holders,
    key,
    levels,
    protection,
    register,
    registerfile,
    routes,
)
from geoanalyse.addresses import Addresses, Events
from geoanalyse.analyse import Frame, analyse
from geoanalyse.area import Area
from geoanalyse.counts import Counts, Interval
from geoanalyse.errors import InputError, ProtectionError
from geoanalyse.geography import Geography, Indexes, Regions, Zones, owners, part_of, pieces, shipped_regions
from geoanalyse.grondslag import Grondslag
from geoanalyse.holderfile import Wish
from geoanalyse.key import Key
from geoanalyse.layer import Base, Layer, Unit, read_layers, shipped_folder
from geoanalyse.published import FollowedUp, Protected, Surroundings
from geoanalyse.register import Issue, Register
from geoanalyse.release import Release
from geoanalyse.signals import PER_BUURT
from geoanalyse.zonefile import read_previous, read_zones
from geoanalyse.zoning import make_zones, too_small

DEFAULT_YEARS = 4
"""Length of the period when none is asked for, up to the peildatum."""


EARLIEST = dt.date(1950, 1, 1)
"""No reference date lies before it."""
OTHER_ADDRESSES = 0.05
"""Share of addresses that may have come or gone since the zones were made."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for; see ``geoanalyse build --help`` for each option.

    ``today`` only serves to see whether something has expired or lies in the future.
    """

    area: str
    today: dt.date
    folder: Path | None = None
    layer_ids: tuple[str, ...] | None = None
    layer_folder: Path | None = None
    profile: str = "casustafel"
    period: Interval | None = None
    reference_date: dt.date | None = None
    key_file: Path | None = None
    max_faults: float = 0.0
    seed: int = 0
    geography: Path | None = None
    routes: Path | None = None
    top: int = PER_BUURT
    holder_lists: Path | None = None
    follow_up: Path | None = None


@dataclass(frozen=True, slots=True)
class Built:
    """A release, with what stays with the maker: the build report, what the register must remember, holder lists."""

    release: Release
    report: Mapping[str, Any]
    issue: Issue
    key: Key
    lists: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    wishes: tuple[Wish, ...] = ()


@dataclass(frozen=True, slots=True)
class _Source:
    """Input and everything that comes with it; raw side."""

    addresses: Addresses
    events: Mapping[str, Events]
    grondslag: Grondslag
    zones: Zones
    key: Key
    report: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, repr=False)
class Prepared:
    """Everything counted over all zones, before it is protected; raw side, never leaves memory."""

    area: Area
    layers: tuple[Layer, ...]
    geography: Geography
    counts: tuple[Counts, ...]
    period: Interval
    reference_date: dt.date
    source: _Source


@dataclass(frozen=True, slots=True, repr=False)
class Ready:
    """Input that is read, counted and protected over all zones; an area only selects."""

    request: Request
    prepared: Prepared
    protected: Protected
    flags: Mapping[str, levels.Flag]
    routes: routes.Routes
    wishes: tuple[Wish, ...]


def run(request: Request, progress: Callable[[str], None] = lambda _: None) -> Built:
    """Make one release of one area.

    Parameters
    ----------
    request : Request
    progress : callable
        Told in Dutch what starts.

    Raises
    ------
    InputError, LayerError, AreaError, ProtectionError
        With a Dutch line per fault; nothing was written.
    """
    made = ready(request, progress)
    return release_of(made, made.prepared.area, progress)


def ready(request: Request, progress: Callable[[str], None] = lambda _: None) -> Ready:
    """Read, count and protect: what the releases of all areas have in common.

    Parameters
    ----------
    request : Request
        Its area is that of the first release.
    progress : callable
        Told in Dutch what starts.

    Raises
    ------
    InputError, LayerError, AreaError, ProtectionError
        With a Dutch line per fault.
    """
    if request.follow_up is not None and request.profile == "openbaar":
        raise InputError("--opvolging: het profiel openbaar noemt geen signalen; laat deze optie weg")
    if request.holder_lists is not None and request.profile == "openbaar":
        raise InputError("--houderlijsten: het profiel openbaar noemt geen signalen; laat deze optie weg")
    table = routes.read(request.routes) if request.routes else routes.shipped()
    prepared = prepare(request, progress)
    source, layers = prepared.source, prepared.layers
    wishes = holderfile.read(request.holder_lists, layers, request.today, source.key) if request.holder_lists else ()
    flags = _flags(request, layers)
    progress("beschermen")
    protected = protection.protect(
        prepared.counts, prepared.geography, source.key.secret, request.profile, _levels(flags)
    )
    return Ready(request, prepared, protected, flags, table, wishes)


def release_of(made: Ready, place: Area, progress: Callable[[str], None] = lambda _: None) -> Built:
    """Make the release of one area from what is ready.

    The register is read here, so that of a series of areas each is judged beside those before it.

    Raises
    ------
    AreaError, ProtectionError
        With a Dutch line: nothing can be published about the area, or not beside what was.
    """
    request, prepared, protected = made.request, made.prepared, made.protected
    source, layers, geography = prepared.source, prepared.layers, prepared.geography
    known = _register(request, source)
    release = analyse(
        protected,
        Frame(
            area=place,
            geography=geography,
            layers=layers,
            grondslag=source.grondslag,
            period=prepared.period,
            reference_date=prepared.reference_date,
            key_mark=source.key.mark,
            seed=request.seed,
            routes=made.routes,
            top=request.top,
            followed=_followed(request, replace(prepared, area=place)),
            caveat=" ".join(filter(None, (register.caveat(known), levels.caveat(made.flags, layers)))),
        ),
        progress,
    )
    issue = register.issue(release)
    register.refuse(issue, known)
    report = source.report | {
        "buiten_basis": {item.layer.id: item.outside for item in prepared.counts},
        "hele_adressenbestand": _fidelity(prepared.counts, protected),
        "niveaus": _levels(made.flags),
    }
    lists = holders.lists(release, made.wishes, source.addresses, source.events)
    return Built(release, report, issue, source.key, lists, made.wishes)


def _levels(flags: Mapping[str, levels.Flag]) -> dict[str, str]:
    return {name: flag.level for name, flag in flags.items()}


def prepare(request: Request, progress: Callable[[str], None] = lambda _: None) -> Prepared:
    """Read the input and count it per atom: the raw side of a run.

    Raises
    ------
    InputError, LayerError, AreaError, ProtectionError
        With a Dutch line per fault.
    """
    regions = Regions.read(request.geography) if request.geography else shipped_regions()
    place = area.find(request.area, regions)
    layers = read_layers(request.layer_folder or shipped_folder(), request.layer_ids)
    progress("gegevens lezen")
    source = _source(request, layers, regions)
    layers = tuple(layer for layer in layers if layer.id in source.events)
    if not layers:
        raise InputError("voor geen van deze lagen zijn er gegevens; zie `geoanalyse lagen`")
    _check_parts(layers)
    reference_date = _reference_date(request, source.grondslag)
    period = request.period or _default_period(reference_date, layers)
    _check_request(request, layers, period, reference_date)
    geography = Geography(regions, source.zones)
    progress("adressen tellen per zone")
    counted = _count(source, layers, geography, period)
    return Prepared(place, layers, geography, tuple(counted), period, reference_date, source)


def surroundings(folder: Path, request: Request, progress: Callable[[str], None] = lambda _: None) -> Surroundings:
    """Measure the public layers of a folder over the cells of an area; nothing of the input is looked at.

    Parameters
    ----------
    folder : Path
        Holds a TOML file per layer and the files these name (docs/omgeving.md).
    request : Request
        Names the area, and the layers that count.
    progress : callable
        Told in Dutch what starts.

    Raises
    ------
    InputError, AreaError, ProtectionError
        With a Dutch line per fault.
    """
    regions = Regions.read(request.geography) if request.geography else shipped_regions()
    taken = [layer.id for layer in read_layers(request.layer_folder or shipped_folder())]
    layers = context.read_layers(folder, taken, request.today)
    cells = area.find(request.area, regions).cells
    return protection.publish([context.measure(layer, cells, progress) for layer in layers], regions, taken)


def _followed(request: Request, prepared: Prepared) -> FollowedUp | None:
    """Count what earlier signals of the area led to, and protect that."""
    if request.follow_up is None:
        return None
    from geoanalyse.followup import totals  # noqa: PLC0415 - for the few builds that ask for it

    source, regions = prepared.source, prepared.geography.regions
    found, inside = totals.read(request.follow_up, prepared.area, regions, demo=source.grondslag.demo)
    counts = (found.signals, found.reported, found.followed, found.finished, found.led)
    return protection.follow_up(counts, found.never, inside, source.key.secret)


def build(area: str = "zuidoost", **options: Any) -> Release:  # noqa: ANN401 - the fields of Request
    """Make a release in memory, for notebooks; without ``folder`` of the demo.

    Parameters
    ----------
    area : str
        As ``--gebied``.
    **options
        Fields of `Request`; ``today`` is needed with ``folder``.

    Examples
    --------
    >>> release = build("ganzenpoort", layer_ids=("kvk-registraties",))
    >>> release.area.title, release.grondslag.demo
    ('Ganzenpoort (Ganzenhoef e.o.)', True)
    """
    if "folder" in options and "today" not in options:
        raise InputError("geef bij eigen gegevens today=datetime.date.today(), om te zien of de grondslag nog geldt")
    return run(Request(area=area, **({"today": demo.REFERENCE_DATE} | options))).release


# --- input ------------------------------------------------------------------------------------------------------------


def _source(request: Request, layers: tuple[Layer, ...], regions: Regions) -> _Source:
    """Read own input, or make the demo."""
    if request.folder is None:
        made = demo.make(regions)
        wanted = {layer.id: made.events[layer.id] for layer in layers if layer.id in made.events}
        return _Source(made.addresses, wanted, demo.GRONDSLAG, shipped_zones(regions), key.from_secret(demo.KEY))
    base, events, grondslag, report = addresses.read_folder(
        request.folder,
        layers,
        today=request.today,
        max_faults=request.max_faults,
        unread=[layer.id for layer in read_layers(request.layer_folder or shipped_folder())],
    )
    if not events:
        raise InputError(
            f"{request.folder}: geen enkele laag gevonden; noem een bestand naar een laag, zie `geoanalyse lagen`"
        )
    is_demo = grondslag.demo and demo.is_unchanged({file.file: file.digest for file in report.files}, regions)
    if is_demo:
        own_key = key.from_secret(demo.KEY)
    elif request.key_file is None:
        reason = "de demobestanden zijn gewijzigd" if grondslag.demo else "eigen gegevens"
        raise ProtectionError(
            f"{reason}: geef uw sleutel met --sleutel BESTAND (maak er een met `geoanalyse sleutel maak`)"
        )
    else:
        own_key = key.read(request.key_file)
        if own_key.secret == demo.KEY:
            raise ProtectionError(f"{request.key_file}: dit is de openbare sleutel van de demo; maak een eigen sleutel")
    zones = _zones_in(request.folder, regions, is_demo=is_demo)
    return _Source(base, events, grondslag, zones, own_key, {"invoer": _plain(report)})


def shipped_zones(regions: Regions) -> Zones:
    """Read the zones of the demo that come with the package."""
    return read_zones(Path(__file__).parent / "data" / "zones-demo.parquet", regions)


def zones_of(base: Addresses, regions: Regions, previous: Zones | None = None) -> Zones:
    """Make a version of the zones from an address base; with `previous` one that only joins that one's zones."""
    eligible = {kind: base.eligible(kind) for kind in Base}
    cells = grid.cells_at(base.easting, base.northing)
    return make_zones(cells, base.building, eligible, regions, previous, base.main_use())


def _zones_in(folder: Path, regions: Regions, *, is_demo: bool) -> Zones:
    found = sorted(folder.glob("zones-*.parquet"))
    if is_demo and not found:
        return shipped_zones(regions)
    if not found:
        raise InputError(f"{folder}: geen zones-*.parquet; maak de zones eenmalig met `geoanalyse zones {folder}`")
    return newest_zones(found, regions)


def newest_zones(files: Sequence[Path], regions: Regions) -> Zones:
    """Read the version that joins all others of the folder."""
    if len(files) > 1:
        versions = {path: read_previous(path) for path in files}
        newest = [
            path
            for path, zones in versions.items()
            if {other.version for other in versions.values()} <= {zones.version, *zones.ancestors}
        ]
        if not newest:
            raise InputError(
                f"{files[0].parent}: {len(files)} bestanden zones-*.parquet die niet van elkaar afstammen; "
                "houd de versie waarop is uitgegeven"
            )
        files = newest
    return read_zones(files[0], regions)


def _reference_date(request: Request, grondslag: Grondslag) -> dt.date:
    day = request.reference_date or grondslag.reference_date
    if day is None:
        raise InputError("de peildatum ontbreekt; geef --peildatum jjjj-mm-dd of zet peildatum in grondslag.toml")
    if day < EARLIEST:
        raise InputError(f"de peildatum ligt voor {EARLIEST.year}; kies een dag waarop de gegevens golden")
    return day


def _default_period(reference_date: dt.date, layers: tuple[Layer, ...]) -> Interval:
    """Give the last four years of whole quarters, or of whole years where a layer asks for them."""
    month = 1 if any(layer.period_unit is Unit.YEAR for layer in layers) else (reference_date.month - 1) // 3 * 3 + 1
    end = dt.date(reference_date.year, month, 1)
    return end.replace(year=end.year - DEFAULT_YEARS), end


def _check_request(request: Request, layers: tuple[Layer, ...], period: Interval, reference_date: dt.date) -> None:
    faults = counts.faults_in_period(layers, period)
    if request.folder is not None and reference_date > request.today:
        faults.append("de peildatum ligt in de toekomst; kies met --peildatum een dag waarop de gegevens al golden")
    if period[1] > reference_date:
        faults.append("--periode: loopt door na de peildatum; kies een eerder einde of een latere --peildatum")
    if faults:
        raise InputError(faults)


def _check_parts(layers: tuple[Layer, ...]) -> None:
    """Refuse a part without its whole: its values are held to what the whole one leaves possible."""
    known = {layer.id for layer in layers}
    faults = [
        f"laag {layer.id} is een deel van {layer.part_of} en kan niet zonder; kies beide lagen, of geen van beide"
        for layer in layers
        if layer.part_of is not None and layer.part_of not in known
    ]
    if faults:
        raise InputError(faults)


def _flags(request: Request, layers: tuple[Layer, ...]) -> dict[str, levels.Flag]:
    """Read from which level the holder shows each layer; the build decides nothing by itself."""
    if request.folder is None:
        return {}
    others = [layer.id for layer in read_layers(request.layer_folder or shipped_folder())]
    return levels.read(request.folder, layers, request.today, unread=others)


def _register(request: Request, source: _Source) -> Register:
    if request.key_file is None or source.key.secret == demo.KEY:  # own input never has the key of the demo
        return Register(source.key.mark)
    return registerfile.read(request.key_file, source.key.mark)


# --- counting ---------------------------------------------------------------------------------------------------------


def _count(source: _Source, layers: tuple[Layer, ...], geography: Geography, period: Interval) -> list[Counts]:
    """Count every layer over all zones: the area only selects, so a zone has one value whatever is asked for."""
    cells = grid.cells_at(source.addresses.easting, source.addresses.northing)
    part_by_base = {
        base: _part_of(source.addresses, cells, geography, base) for base in {layer.base for layer in layers}
    }
    counted = []
    for layer in layers:
        zones = geography.zones.base[layer.base]
        by = pieces(zones, geography.regions, layer.atom)
        part = part_by_base[layer.base]
        delivered = source.events[layer.id].zone
        if delivered is not None:
            part = _delivered_parts(layer, delivered, geography)
        of_address = owners(by.of_part, part)
        counted.append(counts.count(layer, source.events[layer.id], of_address, len(by.names), period))
        more = int((counted[-1].total > by.addresses * layer.clamp).sum()) if not layer.capped else 0
        if more:  # nothing hides how many there are, so the margin would be wrong
            raise InputError(
                f"laag {layer.id}: in {more} zones zijn meer adressen geteld dan zones-{geography.zones.version} kent; "
                "maak met `geoanalyse zones MAP --vorige BESTAND` een nieuwe versie"
            )
    if len(source.addresses):
        _check_zones(source, geography, cells, part_by_base)
        outside = geography.regions.region_of(cells) < 0
        nowhere = _part_of(source.addresses, cells, geography, Base.ALL) < 0
        source.report["adressen"] = {
            "totaal": len(source.addresses),
            "buiten_de_geografie": int(outside.sum()),
            "in_geen_zone": int((nowhere & ~outside).sum()),
        }
    return counted


def _part_of(base: Addresses, cells: grid.Cells, geography: Geography, kind: Base) -> Indexes:
    """Give the part of the zones each address lies in, -1 for one that is not on the base or in no zone."""
    eligible = base.eligible(kind)
    part = np.full(len(cells), -1, dtype=np.int32)
    part[eligible] = part_of(geography.zones.base[kind], geography.regions, cells[eligible])
    return part


def _delivered_parts(layer: Layer, names: npt.NDArray[np.uint64], geography: Geography) -> Indexes:
    """Find the zones that a holder sent; a name of another version or another base is refused."""
    known = geography.zones.base[layer.base].part
    spot = np.minimum(np.searchsorted(known, names), max(len(known) - 1, 0))
    unknown = int((known[spot] != names).sum()) if len(known) else len(names)
    if unknown:
        keys = "1 sleutel" if unknown == 1 else f"{unknown} sleutels"
        raise InputError(
            f"{layer.id}, kolom {addresses.ZONE_COLUMN}: van {keys} kent "
            f"zones-{geography.zones.version} de zone niet op de basis {layer.base}; "
            "laat de bronhouder `geoanalyse zones toepassen` doen met deze versie"
        )
    return spot.astype(np.int32)


def _check_zones(
    source: _Source, geography: Geography, cells: grid.Cells, part_by_base: Mapping[Base, Indexes]
) -> None:
    """Refuse zones of other addresses, and zones that have become too small: a zone of ten may hold one of ours."""
    zones = geography.zones.base[Base.ALL]
    known, number = np.unique(cells, return_counts=True)
    _, ours, theirs = np.intersect1d(known, zones.cell, assume_unique=True, return_indices=True)
    same = np.minimum(number[ours], zones.cell_addresses[theirs]).sum()
    if same < (1 - OTHER_ADDRESSES) * max(len(cells), zones.addresses.sum()):
        raise InputError(
            f"zones-{geography.zones.version}: deze zones zijn van een ander adressenbestand; "
            "gebruik de adressen waarvan ze zijn gemaakt, of maak nieuwe met `geoanalyse zones`"
        )
    for base, part in part_by_base.items():
        zone = owners(geography.zones.base[base].part_zone, part)
        small = too_small(zone, source.addresses.building, len(geography.zones.base[base].zone))
        if small:
            raise InputError(
                f"zones-{geography.zones.version}: {small} zones van de basis {base} hebben te weinig adressen over; "
                "maak met `geoanalyse zones MAP --vorige BESTAND` een versie die ze samenvoegt"
            )


def _fidelity(counted: Sequence[Counts], protected: Protected) -> dict[str, dict[str, int]]:
    """Exact totals beside published ones, for the maker alone."""
    published = protected.table.filter(pc.equal(protected.table["rounding"], "zone"))
    sums = published.group_by("layer").aggregate([("value", "sum")]).to_pylist()
    shown = {row["layer"]: row["value_sum"] for row in sums}
    return {
        item.layer.id: {
            "exact": int(item.total.sum()),
            "som_van_afgeronde_waarden": int(shown.get(item.layer.id) or 0),
        }
        for item in counted
    }


def _plain(report: addresses.InputReport) -> dict[str, Any]:
    return {
        "bestanden": [
            {
                "bestand": file.file,
                "vorm": file.format,
                "sha256": file.digest,
                "rijen": file.rows,
                "rijen_geweigerd": file.rows_rejected,
                "geweigerd": [list(entry) for entry in file.rejected],
            }
            for file in report.files
        ],
        "lagen_zonder_bestand": list(report.absent),
        "max_fouten": report.max_faults,
    }


class _CallableModule(types.ModuleType):
    """Let ``geoanalyse.build(...)`` work although ``geoanalyse.build`` is this module."""

    def __call__(self, area: str = "zuidoost", **options: Any) -> Release:  # noqa: ANN401
        return build(area, **options)


sys.modules[__name__].__class__ = _CallableModule
