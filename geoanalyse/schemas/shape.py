"""Pieces of JSON Schema 2020-12: one function per kind of value."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import pyarrow as pa

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ONE_LINE = r"^[^\r\n\u2028\u2029]*\S[^\r\n\u2028\u2029]*$"
"""Some text, on one line."""


def document(name: str, title: str, description: str, shape: Schema) -> Schema:
    """Make a schema a document of its own.

    Examples
    --------
    >>> document("punt", "Een punt", "Voorbeeld.", {"type": "object"})["$id"]
    'urn:geoanalyse:schema:punt'
    """
    head = {"$schema": DIALECT, "$id": f"urn:geoanalyse:schema:{name}", "title": title, "description": description}
    return head | shape


def thing(properties: Mapping[str, Schema], *, optional: Collection[str] = (), **more: Any) -> Schema:  # noqa: ANN401
    """Describe an object with these keys and no others; all are needed but the optional ones.

    Examples
    --------
    >>> thing({"a": {"type": "string"}, "b": {"type": "integer"}}, optional=["b"])["required"]
    ['a']
    """
    needed = [name for name in properties if name not in set(optional)]
    return {"type": "object", "properties": dict(properties), "required": needed, "additionalProperties": False} | more


def by_name(values: Schema, names: str = "") -> Schema:
    """Describe an object whose keys are names, with a pattern, and whose values are alike."""
    return {"type": "object", "additionalProperties": values} | ({"propertyNames": {"pattern": names}} if names else {})


def text(about: str = "", *, longest: int | None = None, pattern: str = "") -> Schema:
    """Describe a text."""
    limits = {"maxLength": longest, "pattern": pattern or None, "description": about or None}
    return {"type": "string"} | {key: value for key, value in limits.items() if value is not None}


def choice(words: Iterable[str], about: str = "") -> Schema:
    """Describe a text from a closed list.

    Examples
    --------
    >>> choice(["hoog", "laag"])
    {'enum': ['hoog', 'laag']}
    """
    return {"enum": [str(word) for word in words]} | ({"description": about} if about else {})


def day(about: str = "") -> Schema:
    """Describe a day, as ISO text; in TOML a date without quotes."""
    return {"type": "string", "format": "date"} | ({"description": about} if about else {})


def whole(least: int | None = 0, most: int | None = None, about: str = "") -> Schema:
    """Describe a whole number."""
    limits = {"minimum": least, "maximum": most, "description": about or None}
    return {"type": "integer"} | {key: value for key, value in limits.items() if value is not None}


def number(least: float | None = None, most: float | None = None, about: str = "") -> Schema:
    """Describe a number."""
    limits = {"minimum": least, "maximum": most, "description": about or None}
    return {"type": "number"} | {key: value for key, value in limits.items() if value is not None}


def sequence(items: Schema, *, least: int | None = None, most: int | None = None, about: str = "") -> Schema:
    """Describe a list of things that are alike."""
    limits = {"minItems": least, "maxItems": most, "description": about or None}
    return {"type": "array", "items": items} | {key: value for key, value in limits.items() if value is not None}


def or_none(shape: Schema) -> Schema:
    """Allow null too.

    Examples
    --------
    >>> or_none({"type": "integer"})
    {'type': ['integer', 'null']}
    >>> or_none({"enum": ["a"]})
    {'enum': ['a', None]}
    """
    if "enum" in shape:
        return shape | {"enum": [*shape["enum"], None]}
    if isinstance(shape.get("type"), str):
        return shape | {"type": [shape["type"], "null"]}
    return {"anyOf": [shape, {"type": "null"}]}


def of_arrow(kind: pa.DataType) -> Schema:  # noqa: PLR0911 - one line per kind
    """Describe the values of a column of a table.

    Examples
    --------
    >>> of_arrow(pa.list_(pa.uint64()))["items"]["minimum"]
    0
    """
    if pa.types.is_list(kind):
        return sequence(of_arrow(kind.value_type))
    if pa.types.is_struct(kind):
        return thing({part.name: of_arrow(part.type) for part in kind})
    if pa.types.is_integer(kind):
        bits = kind.bit_width - pa.types.is_signed_integer(kind)
        return whole(-(2**bits) if pa.types.is_signed_integer(kind) else 0, 2**bits - 1)
    if pa.types.is_floating(kind):
        return number()
    if pa.types.is_date(kind):
        return day()
    if pa.types.is_binary(kind):
        return {"type": "string", "contentEncoding": "base64"}
    return text()


def of_row(schema: pa.Schema, told: Mapping[str, Schema], empty: Collection[str]) -> Schema:
    """Describe a row of a table.

    Parameters
    ----------
    schema : pyarrow.Schema
        Every column is a key that must be there.
    told : mapping of str to dict
        What is known of a column beside its type.
    empty : collection of str
        Columns that may be null.

    Raises
    ------
    KeyError
        When `told` or `empty` name another column.
    """
    if strange := {*told, *empty} - set(schema.names):
        raise KeyError(f"geen kolom: {', '.join(sorted(strange))}")
    shapes = {name: of_arrow(schema.field(name).type) | told.get(name, {}) for name in schema.names}
    for name, shape in shapes.items():
        if "enum" in shape:
            shape.pop("type", None)
        shapes[name] = or_none(shape) if name in empty else shape
    return thing(shapes)


def as_json(value: object) -> Any:  # noqa: ANN401 - what was read from TOML or a table
    """Give a value as JSON has it: dates as ISO text, bytes as base64.

    Examples
    --------
    >>> as_json({"van": dt.date(2025, 1, 31), "cellen": (1, 2)})
    {'van': '2025-01-31', 'cellen': [1, 2]}
    """
    import base64  # noqa: PLC0415 - only bytes need it

    if isinstance(value, Mapping):
        return {str(key): as_json(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(each) for each in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value
