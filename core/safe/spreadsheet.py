"""Tables in and out: cells that no spreadsheet program takes for a formula, and rows read within limits."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import IO

import python_calamine

from core.safe.words import gettext_noop
from core.safe.zip import UnsafeArchive, checked_zip

MAX_BYTES = 50 * 1024 * 1024
MAX_ROWS = 200_000
MAX_COLUMNS = 500
MAX_CELL = 32_767
# A formula begins with one of these, also behind blanks, which spreadsheet programs skip.
_FORMULA = re.compile(r"[\s\x00-\x20\u00a0\ufeff\u200b]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

Cell = str | int | float | Decimal | date | bool | None


class UnreadableTable(ValueError):
    """The table is not read; the message says why in words a person can act on."""


def guarded(value: object) -> Cell:
    """A value as an exported cell: numbers and dates stay what they are, text never becomes a formula."""
    if value is None or isinstance(value, bool | int | Decimal | date):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    text = _ILLEGAL.sub("", str(value))[: MAX_CELL - 1]
    return f"'{text}" if _FORMULA.match(text) else text


def guarded_row(values: list[object]) -> list[Cell]:
    """A row of cells for `csv.writer`, or for xlsxwriter with `write_string` for every text."""
    return [guarded(value) for value in values]


def unguarded(text: str) -> str:
    """What was typed, from a cell this portal exported: an export imports again as the same text."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


def read_rows(file: IO[bytes], name: str) -> Iterator[list[str]]:
    """Rows of a CSV or XLSX file as text, with blank rows left out; raises `UnreadableTable` in words."""
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise UnreadableTable(gettext_noop("The table is larger than %(limit)d MB.", limit=MAX_BYTES // 1024**2))
    packed = name.lower().endswith(".xlsx") or data.startswith(b"PK\x03\x04")
    return _limited(_xlsx_rows(data) if packed else _csv_rows(data))


def _limited(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    for number, row in enumerate(rows, start=1):
        if number > MAX_ROWS:
            raise UnreadableTable(gettext_noop("The table has more than %(limit)d rows.", limit=MAX_ROWS))
        if len(row) > MAX_COLUMNS:
            raise UnreadableTable(
                gettext_noop("line %(line)d: More than %(limit)d columns.", line=number, limit=MAX_COLUMNS)
            )
        if any(cell.strip() for cell in row):
            yield row


def _csv_rows(data: bytes) -> Iterator[list[str]]:
    text = _decoded(data)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UnreadableTable(
                gettext_noop("line %(line)d: The line cannot be read as a table.", line=reader.line_num or 1)
            ) from error
        yield [unguarded(cell) for cell in row]


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", "replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")
    if "\x00" in text:
        raise UnreadableTable(gettext_noop("The file is not a text. Save the table as CSV (UTF-8) or XLSX."))
    return text


def _delimiter(text: str) -> str:
    """The delimiter that appears outside quotes in the first line with words."""
    first = next((line for line in text[:100_000].splitlines() if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", first)
    return max(",;\t", key=lambda mark: (bare.count(mark), mark == ","))


def read_sheets(data: bytes) -> Iterator[tuple[str, Iterator[list[str]]]]:
    """The name and the rows of each sheet of an XLSX file, hidden ones too; raises `UnreadableTable` in words."""
    for position, name in enumerate(_workbook(data).sheet_names):
        yield name, _limited(_xlsx_rows(data, position))


def _workbook(data: bytes) -> python_calamine.CalamineWorkbook:
    try:
        checked_zip(data).close()
        return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except UnsafeArchive as error:
        raise UnreadableTable(error.args[0]) from error
    except (python_calamine.CalamineError, OSError) as error:
        raise UnreadableTable(gettext_noop("The Excel file is damaged or protected by a password.")) from error


def _xlsx_rows(data: bytes, position: int = 0) -> Iterator[list[str]]:
    workbook = _workbook(data)
    try:
        sheet = workbook.get_sheet_by_index(position)
        if sheet.total_height > MAX_ROWS or sheet.total_width > MAX_COLUMNS:
            raise UnreadableTable(
                gettext_noop(
                    "The table has more than %(rows)d rows or %(columns)d columns.", rows=MAX_ROWS, columns=MAX_COLUMNS
                )
            )
        rows = sheet.to_python()
    except (python_calamine.CalamineError, IndexError, OSError) as error:
        raise UnreadableTable(gettext_noop("The Excel file is damaged or protected by a password.")) from error
    return ([_as_text(cell) for cell in row] for row in rows)


def _as_text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == cell.time().min else cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return unguarded(cell) if isinstance(cell, str) else "" if cell is None else str(cell)
