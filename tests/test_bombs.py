"""Files that are small on disk and large in memory, or endless, are refused before they are unpacked."""

import io
import json
import sqlite3
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from geoanalyse.products import containers, contents, kaartblok, parquetpages, pdftext
from geoanalyse.products.contents import Column, UnreadError

MEGABYTE = 1_000_000


@contextmanager
def within(most: int) -> Iterator[None]:
    """What happens inside takes no more memory of Python than this."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()


def workbook(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
        for name, part in parts.items():
            book.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED)
    return target.getvalue()


# --- xlsx -------------------------------------------------------------------------------------------------------------


def test_parts_of_a_workbook_share_one_limit() -> None:
    part = bytes(40 * MEGABYTE)
    bomb = workbook({f"xl/{number}.xml": part for number in range(5)})
    assert len(bomb) < MEGABYTE
    with within(130 * MEGABYTE), pytest.raises(UnreadError, match="te groot"):
        containers.zip_parts(bomb)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_entities_are_refused_in_any_encoding(encoding: str) -> None:
    xml = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "jan@voorbeeld.nl">]><a>&b;</a>'
    with pytest.raises(UnreadError):
        list(containers.of_xlsx(workbook({"xl/workbook.xml": xml.encode(encoding)})))


def test_xml_of_a_million_elements_is_not_parsed() -> None:
    bomb = workbook({"xl/workbook.xml": b"<a>" + b"<b/>" * 1_000_000 + b"</a>"})
    with within(40 * MEGABYTE), pytest.raises(UnreadError, match="te groot"):
        list(containers.of_xlsx(bomb))


# --- JSON, CSV and HTML -----------------------------------------------------------------------------------------------


def test_texts_are_found_however_deep() -> None:
    nested: object = "onderin"
    for _ in range(50_000):
        nested = [nested]
    assert list(contents.strings({"a": nested, "b": {"c": "d"}})) == ["a", "onderin", "b", "c", "d"]


def test_json_that_nests_too_deep_or_is_too_long_is_refused() -> None:
    for text in ("[" * 200_000, '{"a":' * 200_000, json.dumps("a" * 17 * MEGABYTE)):
        with pytest.raises(UnreadError):
            list(contents.of_json(text.encode()))


@pytest.mark.parametrize("content", [b"a\n" * 600_000, b";" * 1000, b"a" * 17 * MEGABYTE])
def test_a_csv_with_too_many_lines_or_columns_is_refused(content: bytes) -> None:
    with within(80 * MEGABYTE), pytest.raises(UnreadError, match=r"te groot|te veel"):
        list(contents.of_csv(content))


def test_a_page_with_too_many_elements_is_refused() -> None:
    with within(40 * MEGABYTE), pytest.raises(UnreadError, match="te veel"):
        list(contents.of_html(b"<a>" * 600_000))


# --- PDF --------------------------------------------------------------------------------------------------------------


def test_streams_of_a_pdf_share_one_limit() -> None:
    packed = zlib.compress(bytes(40 * MEGABYTE))
    stream = b"1 0 obj <</Filter /FlateDecode>> stream\n" + packed + b"\nendstream endobj\n"
    with within(130 * MEGABYTE), pytest.raises(UnreadError, match="te groot"):
        list(pdftext.of_pdf(b"%PDF-1.7\n" + stream * 5 + b"%%EOF"))


# --- GeoPackage -------------------------------------------------------------------------------------------------------


def database(*statements: str) -> bytes:
    made = sqlite3.connect(":memory:")
    made.execute("PRAGMA application_id = 0x47504B47")
    for statement in statements:
        made.execute(statement)
    made.commit()
    return bytes(made.serialize())


def test_a_value_that_a_definition_makes_cannot_grow() -> None:
    bomb = database(
        "CREATE TABLE a (b, c AS (hex(zeroblob(100000000))) VIRTUAL)",
        "INSERT INTO a (b) VALUES (1)",
    )
    with within(200 * MEGABYTE), pytest.raises(UnreadError):
        list(containers.of_gpkg(bomb))


def test_a_question_that_never_ends_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "_MOST_STEPS", 20)
    endless = "WITH RECURSIVE a(b) AS (SELECT 1 UNION ALL SELECT b + 1 FROM a) SELECT count(*) FROM a"
    with (
        containers.geopackage(database("CREATE TABLE a (b)")) as opened,
        pytest.raises(sqlite3.OperationalError, match="interrupted"),
    ):
        opened.execute(endless).fetchone()


# --- Parquet ----------------------------------------------------------------------------------------------------------


def parquet(table: pa.Table, **options: object) -> bytes:
    target = io.BytesIO()
    pq.write_table(table, target, **options)
    return target.getvalue()


def test_pages_are_read_by_their_own_headers() -> None:
    content = parquet(pa.table({"a": list(range(1000)), "b": ["x", None] * 500}), data_page_size=1000)
    metadata = pq.ParquetFile(io.BytesIO(content)).metadata.row_group(0)
    for column in (metadata.column(0), metadata.column(1)):
        start = min(filter(None, (column.dictionary_page_offset, column.data_page_offset)))
        found = list(parquetpages.pages(content, start, start + column.total_compressed_size))
        data = [page for page in found if page.kind != parquetpages.DICTIONARY]
        assert sum(page.values for page in data) == column.num_values == 1000
        assert sum(page.unpacked for page in found) <= column.total_uncompressed_size


def test_a_text_that_comes_back_is_kept_once() -> None:
    text = "lang " * 200_000
    many = pa.DictionaryArray.from_arrays(pa.array([0] * 100_000, pa.int32()), [text]).cast(
        pa.dictionary(pa.int32(), pa.string())
    )
    content = parquet(pa.table({"a": many}), store_schema=False)
    assert len(content) < MEGABYTE
    (column,) = (piece for piece in containers.of_parquet(content) if isinstance(piece, Column))
    assert column.values.to_pylist() == [text]


def test_a_page_that_says_more_than_the_footer_is_refused() -> None:
    content = parquet(pa.table({"a": pa.array([0] * 15_000)}))
    told = b"\x15\xb0\xea\x01\x15\x10"  # 15,000 values, by dictionary, as Thrift writes them
    assert content.count(told) == 1
    list(containers.of_parquet(content))
    with pytest.raises(UnreadError, match="groter dan de voetregel zegt"):
        list(containers.of_parquet(content.replace(told, b"\x15\xfe\xff\x7f\x15\x10")))


def test_a_footer_that_tells_of_too_much_is_refused() -> None:
    content = parquet(pa.table({"a": pa.nulls(80_000_000, pa.int8())}))
    assert len(content) < MEGABYTE
    with pytest.raises(UnreadError, match="te groot"):
        list(containers.of_parquet(content))


def test_texts_that_build_on_each_other_are_refused() -> None:
    content = parquet(
        pa.table({"a": ["lang " * 1000] * 1000}), use_dictionary=False, column_encoding={"a": "DELTA_BYTE_ARRAY"}
    )
    with pytest.raises(UnreadError, match="opgeslagen op een manier"):
        list(containers.of_parquet(content))


@pytest.mark.parametrize("place", [5, 8, 20])
def test_a_header_that_is_none_is_refused(place: int) -> None:
    content = bytearray(parquet(pa.table({"a": list(range(100))})))
    content[place] = 0xFF
    with pytest.raises(UnreadError):
        list(containers.of_parquet(bytes(content)))


# --- the map ----------------------------------------------------------------------------------------------------------


def test_columns_that_follow_from_others_share_one_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kaartblok, "MOST_NUMBERS", 5000)
    arrays = [["i1", 1000], *[["look", 0, 0]] * 100]
    with pytest.raises(ValueError, match="te veel getallen"):
        kaartblok.numbers(arrays, bytes(1000))
