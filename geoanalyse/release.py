"""A release: everything that may leave, computed from the published table, under one digest."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from geoanalyse.area import Area
from geoanalyse.geography import Geography
from geoanalyse.grondslag import Grondslag
from geoanalyse.layer import Layer, Theme
from geoanalyse.published import FollowedUp, Protected
from geoanalyse.routes import Routes, shipped
from geoanalyse.signals import PER_BUURT, Signal

if TYPE_CHECKING:
    from pathlib import Path

    import folium
    import geopandas as gpd

    from geoanalyse.dressing import Dressing


@dataclass(frozen=True, slots=True)
class Release:
    """One analysis of one area: the value every product is made from.

    Attributes
    ----------
    area : Area
        The cells and regions named by ``--gebied``; always whole zones.
    geography : Geography
        Cells, zones and regions; public.
    layers : tuple of Layer
        In the order of their ids.
    protected : Protected
        The published table of this area (contract of ``zones.parquet``).
    statistics : pyarrow.Table
        One row per unit, level and layer (or ``thema:<thema>`` for a composite) over the whole period;
        columns as in ``geoanalyse.stats.SCHEMA``.
    borrowed : pyarrow.Table
        What a composite takes from layers that have no figure of their own for a unit; ``geoanalyse.stats.BORROWED``.
    signals : tuple of Signal
        Per theme: ranked, then those drawn by lot.
    grondslag : Grondslag
        Legal basis, printed on every product.
    start, end : datetime.date
        Period, ``end`` exclusive.
    reference_date : datetime.date
        Peildatum.
    zones_version, profile, key_mark : str
        What protected the table; ``key_mark`` tells two keys apart and reveals neither.
    snapped_in, snapped_out : int
        Addresses outside the named area that came in with a whole zone, and inside it that fell out.
    rates : mapping of str to float
        Published rate of the reference region per layer id, as a fraction of its addresses.
    windows : pyarrow.Table
        One row per region, layer and window of a series; columns as in ``geoanalyse.stats.series.SCHEMA``.
    changes : pyarrow.Table
        Differences between two windows that cannot well be chance; ``geoanalyse.stats.series.CHANGES``.
    trends : pyarrow.Table
        One row per region and layer with a series: its trend, hot-spot pattern and early warning; columns as in
        ``geoanalyse.stats.trends.SCHEMA``.
    scorecard : pyarrow.Table
        How well the earlier windows of each series told where the later events were; columns as in
        ``geoanalyse.stats.hindsight.SCHEMA``.
    inspections : pyarrow.Table
        Rates per inspection of the layers that name their inspections; ``geoanalyse.stats.inspections.SCHEMA``.
    standardised : pyarrow.Table
        Each unit beside what the uses of its addresses lead to expect; ``geoanalyse.stats.by_use.SCHEMA``.
    use_rates : pyarrow.Table
        Rates of the reference region by use; ``geoanalyse.stats.by_use.RATES``.
    digest : str
        SHA-256 of its table, that of the gemeenten it is compared with, options and version (`digest.of_release`).
    reference_digest : str
        SHA-256 of the published table of the gemeenten it is compared with.
    seed : int
        Start of every random number: those of `geoanalyse.stats.stability`, of `together`, and of the drawn signals.
    caveat : str
        Dutch sentence that every product prints, such as that the register of earlier releases was lost; empty
        when there is nothing to say.
    routes : Routes
        The rules behind the advice of each signal.
    top : int
        Most signals per buurt and theme.
    followed : FollowedUp, optional
        What earlier signals of the area led to, when that was asked for.
    """

    area: Area
    geography: Geography
    layers: tuple[Layer, ...]
    protected: Protected
    statistics: pa.Table
    borrowed: pa.Table
    signals: tuple[Signal, ...]
    grondslag: Grondslag
    start: dt.date
    end: dt.date
    reference_date: dt.date
    zones_version: str
    profile: str
    key_mark: str
    snapped_in: int
    snapped_out: int
    rates: Mapping[str, float]
    windows: pa.Table
    changes: pa.Table
    trends: pa.Table
    scorecard: pa.Table
    inspections: pa.Table
    standardised: pa.Table
    use_rates: pa.Table
    digest: str
    seed: int = 0
    caveat: str = ""
    reference_digest: str = ""
    routes: Routes = field(default_factory=shipped)
    top: int = PER_BUURT
    followed: FollowedUp | None = None

    def frame(self, level: str = "zone", layer: str | None = None) -> "gpd.GeoDataFrame":
        """Give the statistics of one level as a GeoDataFrame in lon/lat (EPSG:4326), one row per unit and layer.

        Parameters
        ----------
        level : str
            One of ``zone``, ``res9``, ``res8``, ``buurt``, ``wijk``, ``gemeente``.
        layer : str, optional
            Layer id, or ``thema:<theme>``; all of them when absent.

        Raises
        ------
        KeyError
            When the release has no such level or layer.
        """
        from geoanalyse.products.gis import frame  # noqa: PLC0415 - geopandas is heavy, and most callers do not need it

        return frame(self, level, layer)

    def kaart(self, path: "Path | str | None" = None, *, dressing: "Dressing | None" = None) -> "folium.Map":
        """Show the map, in a notebook without internet too; with `path` also write it to that file.

        Parameters
        ----------
        path : Path or str, optional
            File to write, as HTML.
        dressing : Dressing, optional
            What is added: a background to switch on, lines and water, colours (see `geoanalyse.dressing.read`).
        """
        from geoanalyse.products.kaart import PLAIN, folium_map  # noqa: PLC0415 - as above

        shown = folium_map(self, dressing or PLAIN)
        if path is not None:
            shown.save(str(path))
        return shown

    def together(self, first: str, second: str, level: str = "res9", *, permutations: int = 9999) -> pa.Table:
        """Say where a high rate of one layer has high rates of another round it (bivariate local Moran's I).

        Neighbours outside the area are not in a release: build the whole gemeente to have them at the edge too.

        Parameters
        ----------
        first, second : str
            Ids of the layer in the unit and of the layer round it; the order matters.
        level : str
            One of ``zone``, ``res9``, ``res8``, ``buurt``, ``wijk``.
        permutations : int
            Draws behind each p-value.

        Returns
        -------
        pyarrow.Table
            One row per unit in which both have a value; columns as in ``geoanalyse.stats.together.SCHEMA``.

        Raises
        ------
        KeyError
            When the release has no such layer.
        ValueError
            When the level is none of these, or at level ``zone`` the layers have other zones.
        """
        from geoanalyse.stats.together import together  # noqa: PLC0415 - a build does not need it

        layers = {layer.id: layer for layer in self.layers}
        if unknown := {first, second} - set(layers):
            raise KeyError(f"geen laag {', '.join(sorted(unknown))} in deze uitgave: kies uit {', '.join(layers)}")
        return together(
            self.statistics,
            layers[first],
            layers[second],
            level,
            self.geography,
            permutations=permutations,
            seed=self.seed,
        )

    @property
    def themes(self) -> tuple[Theme, ...]:
        """Themes that at least one layer of this release belongs to."""
        return tuple(theme for theme in Theme if any(theme in layer.themes for layer in self.layers))
