"""Series as charts that can be edited on a slide, with their margins and the workbook behind them."""

import datetime as dt
from collections.abc import Sequence
from io import BytesIO

import xlsxwriter
from lxml import etree
from pptx.chart.chart import Chart
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_TICK_LABEL_POSITION
from pptx.slide import Slide
from pptx.util import Pt

from geoanalyse.products import drawingml, dutch, figures, timeline
from geoanalyse.products.casusbeeld.parts import INK_RGB, SOFT_RGB, Box, placed, run, told_of
from geoanalyse.products.labels import printable
from geoanalyse.products.palette import INK
from geoanalyse.products.timeline import Lane

BAR = "8F9BB3"
"""Fill of a column."""

_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_A = f"{{{drawingml.A}}}"


def chart_on(slide: Slide, lane: Lane, area: str, box: Box, moment: dt.datetime) -> None:
    """Put a series on a slide: a column for each window, its margin, and a gap where there is no value."""
    data = CategoryChartData(number_format="0")
    names = [_window(each.start, each.end) for each in lane.windows]
    if any(part for _, part in names):
        for year in dict.fromkeys(year for year, _ in names):
            level = data.add_category(year)
            for of, part in names:
                if of == year:
                    level.add_sub_category(part)
    else:
        data.categories = [year for year, _ in names]
    title = printable(f"{lane.title}, {lane.place}" if lane.place else lane.title)
    data.add_series(title, [each.value for each in lane.windows])
    shape = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *placed(box), data)
    last = lane.windows[-1]
    unknown = sum(each.value is None for each in lane.windows)
    gaps = f" {dutch.plural(unknown, 'periode', 'perioden')} zonder cijfer." if unknown else ""
    words = figures.window_words(last)
    when = dutch.calendar_unit(last.start, last.end)
    told_of(
        shape,
        f"grafiek {lane.title}",
        f"Grafiek: {lane.title} per periode in {lane.place or area}, met de marge. {dutch.sentence(when)}: {words}."
        f"{gaps}",
    )
    _styled(shape.chart, title, lane)
    chart = shape.chart
    _with_margins(chart, lane, depth=2 if any(part for _, part in names) else 1)
    chart.part.chart_workbook.update_from_xlsx_blob(_workbook(title, lane, names, moment))


def _styled(chart: Chart, title: str, lane: Lane) -> None:
    chart.has_legend = False
    chart.has_title = True
    chart.font.size = Pt(10)
    chart.font.color.rgb = INK_RGB
    run(chart.chart_title.text_frame.paragraphs[0], title, size=12, bold=True, colour=INK_RGB)
    plot = chart.plots[0]
    plot.gap_width = 45
    plot.series[0].format.fill.solid()
    plot.series[0].format.fill.fore_color.rgb = RGBColor.from_string(BAR)
    values, periods = chart.value_axis, chart.category_axis
    values.minimum_scale = 0
    values.maximum_scale = timeline.top_of(lane)
    values.major_gridlines.format.line.color.rgb = RGBColor(0xD9, 0xDC, 0xE0)
    values.format.line.fill.background()
    periods.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    periods.format.line.color.rgb = SOFT_RGB


def _window(start: dt.date, end: dt.date) -> tuple[str, str]:
    """Give the year of a window, and its quarter or month; empty for a year."""
    months = 12 * (end.year - start.year) + end.month - start.month
    if months >= 12:  # noqa: PLR2004 - a year
        return str(start.year), ""
    if months == 3:  # noqa: PLR2004 - a quarter
        return str(start.year), str(1 + (start.month - 1) // 3)
    return str(start.year), str(start.month)


def _margins(lane: Lane) -> list[tuple[int | None, int | None]]:
    """How far each margin reaches above and below its value; nothing where there is no value or no upper end."""
    return [
        (
            None if each.value is None or each.high is None else each.high - each.value,
            None if each.value is None or each.low is None else each.value - each.low,
        )
        for each in lane.windows
    ]


def _with_margins(chart: Chart, lane: Lane, *, depth: int) -> None:
    """Add error bars of our own to the series: the library has none."""
    series = chart.plots[0].series[0]._element  # noqa: SLF001 - see above
    bars = etree.Element(f"{_C}errBars")
    for tag, value in (("errBarType", "both"), ("errValType", "cust"), ("noEndCap", "0")):
        etree.SubElement(bars, f"{_C}{tag}", val=value)
    count = len(lane.windows)
    for offset, (tag, side) in enumerate((("plus", 0), ("minus", 1)), start=1):
        column = "ABCDE"[depth + offset]
        held = etree.SubElement(etree.SubElement(bars, f"{_C}{tag}"), f"{_C}numRef")
        etree.SubElement(held, f"{_C}f").text = f"Sheet1!${column}$2:${column}${count + 1}"
        cache = etree.SubElement(held, f"{_C}numCache")
        etree.SubElement(cache, f"{_C}formatCode").text = "General"
        etree.SubElement(cache, f"{_C}ptCount", val=str(count))
        for index, reach in enumerate(_margins(lane)):
            if reach[side] is not None:
                point = etree.SubElement(cache, f"{_C}pt", idx=str(index))
                etree.SubElement(point, f"{_C}v").text = str(reach[side])
    line = etree.SubElement(etree.SubElement(bars, f"{_C}spPr"), f"{_A}ln", w="12700")
    etree.SubElement(etree.SubElement(line, f"{_A}solidFill"), f"{_A}srgbClr", val=INK.lstrip("#").upper())
    series.insert(series.index(series.find(f"{_C}cat")), bars)


def _workbook(title: str, lane: Lane, names: Sequence[tuple[str, str]], moment: dt.datetime) -> bytes:
    """Write the workbook behind a chart, which opens when somebody edits it."""
    target = BytesIO()
    parts = any(part for _, part in names)
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.set_properties({"created": moment})
        sheet = book.add_worksheet("Sheet1")
        first = 2 if parts else 1
        for index, head in enumerate((title, "marge naar boven", "marge naar beneden")):
            sheet.write_string(0, first + index, head)
        for row, (window, (year, part), reach) in enumerate(
            zip(lane.windows, names, _margins(lane), strict=True), start=1
        ):
            if not parts or row == 1 or names[row - 2][0] != year:
                sheet.write_string(row, 0, year)
            if parts:
                sheet.write_string(row, 1, part)
            for index, number in enumerate((window.value, *reach)):
                if number is not None:
                    sheet.write_number(row, first + index, number)
    return target.getvalue()
