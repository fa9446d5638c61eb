from decimal import Decimal

import pytest

from kpis.numbers import UnreadableNumber, decimal_mark_of, parse_number


@pytest.mark.parametrize(
    ("text", "mark", "number"),
    [
        ("12", None, "12"),
        ("-3.25", None, "-3.25"),
        ("\u22123,25", None, "-3.25"),
        ("1.234,5", None, "1234.5"),
        ("1,234.5", None, "1234.5"),
        ("1 234 567,8", None, "1234567.8"),
        ("1'234.5", None, "1234.5"),
        ("1,234", ".", "1234"),
        ("1,234", ",", "1.234"),
        ("0.125", None, "0.125"),
        ("1.234.567", None, "1234567"),
        ("93,4 %", None, "93.4"),
        (".5", None, "0.5"),
        ("1e3", None, "1000"),
        ("10000000.2", None, "10000000.2"),
    ],
)
def test_numbers_are_read_as_people_write_them(text, mark, number):
    assert parse_number(text, mark) == Decimal(number)


@pytest.mark.parametrize(
    ("text", "mark", "reason"),
    [
        ("", None, "text"),
        ("n/a", None, "text"),
        ("NaN", None, "text"),
        ("Infinity", None, "text"),
        ("-inf", None, "text"),
        ("=1+1", None, "text"),
        ("1,234", None, "two_ways"),
        ("1.234", None, "two_ways"),
        ("1,5", ".", "mark"),
        ("1.5", ",", "mark"),
        ("1,23.4", None, "text"),
        ("1e300", None, "large"),
        ("1" + "0" * 300, None, "large"),
        ("0." + "1" * 40, None, "decimals"),
        ("1e-300", None, "decimals"),
        ("0x10", None, "text"),
        ("１２", None, "text"),
        ("--1", None, "text"),
    ],
)
def test_what_is_no_number_says_why(text, mark, reason):
    with pytest.raises(UnreadableNumber) as refused:
        parse_number(text, mark)
    assert refused.value.reason == reason


def test_column_tells_its_decimal_mark():
    assert decimal_mark_of(["1,234", "2,5"]) == ","
    assert decimal_mark_of(["1,234.5", "7"]) == "."
    assert decimal_mark_of(["1,234", "7"]) is None
    assert decimal_mark_of(["1,5", "1.5"]) is None
