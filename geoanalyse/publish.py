"""Build, register, write: the only way a release of own data should leave."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from geoanalyse import demo, holders, key, productregister, registerfile
from geoanalyse.area import Area
from geoanalyse.build import Built, Ready, Request, ready, release_of, run
from geoanalyse.dressing import Dressing
from geoanalyse.errors import AreaError, ProtectionError, ReleaseError
from geoanalyse.productregister import Entry
from geoanalyse.products.folder import Product, check_place, write_product, write_release
from geoanalyse.release import Release


def publish(
    request: Request, out: Path, progress: Callable[[str], None] = lambda _: None, dressing: Dressing | None = None
) -> tuple[Release, Path]:
    """Make a release and write its products.

    The register judges and remembers the release before the first file is there: what may have left is always known,
    also when two releases are made at once.

    Parameters
    ----------
    request : Request
    out : Path
        Folder of all releases; this one goes to ``<out>/<gebied>/<peildatum>``.
    progress : callable
        Told in Dutch what starts, and the name of each finished file.
    dressing : Dressing, optional
        What is added to the map.

    Returns
    -------
    release : Release
    folder : Path

    Raises
    ------
    InputError, LayerError, AreaError, ProtectionError, ReleaseError
        With a Dutch line per fault; nothing was written.
    """
    _check(request, out)
    everything = ready(request, progress)
    return publish_area(everything, everything.prepared.area, out, progress, dressing)


def publish_area(
    everything: Ready,
    place: Area,
    out: Path,
    progress: Callable[[str], None] = lambda _: None,
    dressing: Dressing | None = None,
) -> tuple[Release, Path]:
    """Make the release of one area from what is ready, and write its products; see `publish`.

    Raises
    ------
    AreaError, ProtectionError, ReleaseError
        With a Dutch line per fault; nothing was written.
    """
    request = everything.request
    built = release_of(everything, place, progress)
    _remember(request, built)
    folder = write_release(
        built.release, built.report, out, dressing=dressing, progress=progress, confidential=built.lists
    )
    productregister.add(out, made(built, request.today))
    return built.release, folder


def publish_product(
    request: Request, out: Path, make: Callable[[Release], Product], progress: Callable[[str], None] = lambda _: None
) -> tuple[Release, Path]:
    """Make a release and write something made from it, without the release itself.

    The release counts as issued all the same: what is made from it shows its figures.

    Parameters
    ----------
    request : Request
    out : Path
        Folder of all releases; this goes to ``<out>/<gebied>/<peildatum>-<naam>``.
    make : callable
        Makes the product from the release.
    progress : callable
        Told in Dutch what starts.

    Returns
    -------
    release : Release
    folder : Path

    Raises
    ------
    InputError, LayerError, AreaError, ProtectionError, ReleaseError
        With a Dutch line per fault; nothing was written.
    """
    built = _built(request, out, progress)
    product = make(built.release)  # what cannot be made has not been issued
    _remember(request, built)
    folder = write_product(built.release, out, product)
    (entry,) = made(replace(built, wishes=()), request.today)
    productregister.add(out, [replace(entry, product=product.kind, file=product.name)])
    return built.release, folder


def publish_areas(
    request: Request,
    places: Sequence[Area],
    out: Path,
    progress: Callable[[str], None] = lambda _: None,
) -> Iterator[tuple[Area, Release | str, Path]]:
    """Make and write the releases of several areas from input that is read and protected once.

    An area about which nothing can be published, or of which the gate holds a product back, does not stop the others.

    Yields
    ------
    place : Area
    release : Release or str
        The Dutch lines that say why there is none.
    folder : Path

    Raises
    ------
    InputError, LayerError, ProtectionError
        With a Dutch line per fault of what they have in common, before anything is written.
    """
    _check(request, out)
    everything = ready(request, progress)
    for place in places:
        progress(place.title)
        try:
            release, folder = publish_area(everything, place, out)
        except (AreaError, ProtectionError, ReleaseError) as error:
            yield place, str(error), out
        else:
            yield place, release, folder


def _built(request: Request, out: Path, progress: Callable[[str], None]) -> Built:
    """Make a release, once it is known that it can be written."""
    _check(request, out)
    return run(request, progress)


def _check(request: Request, out: Path) -> None:
    if request.key_file is not None:
        key.read(request.key_file)  # a key file that is named must be there, also where the demo does not use it
    check_place(out)


def _remember(request: Request, built: Built) -> None:
    """Have the register judge and remember a release, before the first file is there."""
    if request.key_file is not None and built.key.secret != demo.KEY:
        registerfile.add(request.key_file, built.key.mark, built.issue)


def made(built: Built, day: dt.date) -> Iterator[Entry]:
    """Say what was made on a day: the release, and each list for a holder."""
    release = built.release
    entry = Entry(
        event=productregister.MADE,
        product=productregister.RELEASE,
        day=day,
        area=release.area.title,
        reference_date=release.reference_date.isoformat(),
        digest=release.digest,
        file="",
        recipient="",
        legal_basis=release.grondslag.decision,
        classification=release.grondslag.classification,
        retain_until=release.grondslag.retain_until,
        demo=release.grondslag.demo,
    )
    yield entry
    for wish in built.wishes:
        yield replace(
            entry,
            product=productregister.HOLDER_LIST,
            file=f"{wish.file}.xlsx",
            recipient=wish.recipient,
            legal_basis=wish.legal_basis,
            classification=holders.MARK,
            retain_until=wish.retain_until,
        )
