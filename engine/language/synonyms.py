"""Words of other languages for what this language calls by another name: one table for each role of a name.

Nearness of letters alone would take `int` for the filter `min`. An empty word says that there is nothing of
that kind, so that nothing is suggested. Data only.
"""

from __future__ import annotations

from collections.abc import Mapping

Synonyms = Mapping[str, str]


def _table(**words: str) -> dict[str, str]:
    """Return the table of names, each with the words that mean it; `_` are those that mean nothing."""
    return {word: name.strip("_") for name, listed in words.items() for word in listed.split()}


TYPE_SYNONYMS = _table(
    boolean="bool",
    datetime="timestamp time instant moment",
    decimal="number numeric float double real",
    id="uuid identifier",
    integer="int long whole",
    list="array tuple sequence set",
    money="amount price currency",
    string="str text varchar char",
    table="object dict dictionary map mapping hash record struct",
    timezone="tz zone",
)
FILTER_SYNONYMS = _table(
    cut="truncate substring substr slice left",
    datetime="timestamp time",
    default="coalesce d ifnull nvl",
    digest="hash md5 sha1 sha256",
    ends_with="endswith",
    integer="int to_int toint",
    join="concat",
    length="size count len",
    lower="lowercase tolower",
    map="attr pluck",
    number="float double decimal numeric num to_number tonumber",
    starts_with="startswith",
    string="str text to_string tostring",
    trim="strip ltrim rtrim",
    unique="distinct uniq",
    upper="uppercase toupper",
    where="selectattr select filter",
    _="bool boolean object dict dictionary array list json tojson format strftime title average",
)
TEST_SYNONYMS = {"undefined": "not defined"} | _table(
    list="array tuple sequence iterable",
    map="object dict dictionary mapping record",
    none="null nil",
    number="int integer float double decimal numeric",
    string="str text",
    _="bool boolean timestamp date datetime money first last",
)
PATH_SYNONYMS = _table(
    avg="average mean",
    ceil="ceiling",
    ends_with="endswith",
    join="concat",
    length="size count len",
    lower="lowercase tolower",
    not_null="coalesce default ifnull nvl",
    starts_with="startswith",
    to_array="array list",
    to_number="int integer float double decimal numeric number num tonumber",
    to_string="str string text tostring",
    _="bool boolean object dict dictionary timestamp date json format upper range where",
)
