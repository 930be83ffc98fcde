"""One thing of a sentence changed, or only its form: what the scripted cases of ``citation_cases`` are made with.

The word lists here are the benchmark's own and none of the product's: a check that knew them from its own data alone
would otherwise be measured on what it was given.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence

NUMBER = re.compile(r"\d[\d,.]*\d|\d")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_AUXILIARY = re.compile(r"\b(is|are|was|were|has|had|can|could|will|would|did|does)\b(?! not)", re.IGNORECASE)
_COPULA_ZH = re.compile(r"(?<![不没可但还只就都而要若算于])(是|能够|可以)(?![否非])")
_UNITS = {
    "en": {
        "miles": "kilometres", "kilometres": "miles", "kilometers": "miles", "km": "miles", "feet": "metres",
        "metres": "feet", "meters": "feet", "acres": "hectares", "dollars": "pounds", "pounds": "dollars",
        "years": "months", "months": "years", "weeks": "days", "days": "weeks", "hours": "minutes",
        "minutes": "hours", "seconds": "minutes", "million": "billion", "billion": "million", "percent": "degrees",
        "%": " degrees", "tons": "pounds", "inches": "centimetres", "centuries": "decades", "mph": "km/h",
        "people": "houses", "students": "teachers", "men": "ships", "degrees": "percent",
    },
    "zh": {
        "英里": "公里", "公里": "英里", "平方公里": "公顷", "米": "公里", "英尺": "厘米", "万": "亿", "亿": "万",
        "美元": "英镑", "英镑": "美元", "小时": "分钟", "分钟": "小时", "吨": "公斤", "个月": "年", "天": "周",
        "%": "倍", "摄氏度": "华氏度", "人": "户", "名": "家", "世纪": "年代",
    },
}  # fmt: skip
_COMPARISONS = {
    "en": {
        "more than": "less than", "less than": "more than", "fewer than": "more than", "over": "under",
        "largest": "smallest", "smallest": "largest", "highest": "lowest", "lowest": "highest",
        "increased": "decreased", "increase": "decrease", "decreased": "increased", "higher": "lower",
        "lower": "higher", "larger": "smaller", "smaller": "larger", "greater": "smaller", "before": "after",
        "after": "before", "oldest": "youngest", "longest": "shortest", "at least": "at most", "most": "least",
        "first": "last", "northern": "southern", "southern": "northern", "eastern": "western", "western": "eastern",
        "early": "late", "late": "early", "best": "worst", "rise": "fall", "rose": "fell", "fell": "rose",
    },
    "zh": {
        "超过": "不到", "多于": "少于", "少于": "多于", "高于": "低于", "低于": "高于", "大于": "小于", "最大": "最小",
        "最小": "最大", "最高": "最低", "最低": "最高", "增加": "减少", "减少": "增加", "上升": "下降", "下降": "上升",
        "更多": "更少", "最多": "最少", "之前": "之后", "之后": "之前", "最早": "最晚", "北部": "南部", "南部": "北部",
        "东部": "西部", "西部": "东部", "提高": "降低", "增长": "下降",
    },
}  # fmt: skip
_ONES = [
    *("zero", "one", "two", "three", "four", "five", "six", "seven"),
    *("eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen"),
]
_TENS = {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}
_SPELT_EN = re.compile(rf"\b(?:({'|'.join(_TENS)})(?:-({'|'.join(_ONES[1:10])}))?|({'|'.join(_ONES[2:])}))\b")
_HAN_DIGITS = "零一二三四五六七八九"
_SPELT_ZH = re.compile(
    "(?<![一二三四五六七八九十百千万几第数])([二三四五六七八九])(?=[个名次座种位部支条所家艘项])"
)
_DATE_EN = re.compile(
    rf"\b({'|'.join(MONTHS)}) (\d{{1,2}}), (\d{{4}})\b|\b(\d{{1,2}}) ({'|'.join(MONTHS)}) (\d{{4}})\b"
)
_DATE_ZH = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")

Alter = Callable[[str, str, random.Random], str | None]
"""(sentence, language, draw) -> the sentence with one thing changed; None where it has no such thing."""


def other_number(sentence: str, _language: str, draw: random.Random) -> str | None:
    """Returns ``sentence`` with one digit of a number changed."""
    found = [match for match in NUMBER.finditer(sentence) if match.group().strip("0,.")]
    if not found:
        return None
    match = draw.choice(found)
    places = [index for index, character in enumerate(match.group()) if character.isdigit()]
    at = places[-1] if len(places) < 3 else draw.choice(places[1:])
    digit = str((int(match.group()[at]) + draw.randint(1, 8)) % 10)
    wrong = match.group()[:at] + digit + match.group()[at + 1 :]
    if wrong == match.group() or wrong in sentence:
        return None
    return sentence[: match.start()] + wrong + sentence[match.end() :]


def negated(sentence: str, language: str, _draw: random.Random) -> str | None:
    """Returns ``sentence`` with a negation put in; None where it has one, or more than one place for it."""
    if language == "en":
        found = list(_AUXILIARY.finditer(sentence))
        if len(found) != 1 or re.search(r"\b(not|no|never|nor|without)\b|n't", sentence):
            return None
        return f"{sentence[: found[0].end()]} not{sentence[found[0].end() :]}"
    found = list(_COPULA_ZH.finditer(sentence))
    if len(found) != 1 or re.search("不|没|未|无|非", sentence):
        return None
    return f"{sentence[: found[0].start()]}不{sentence[found[0].start() :]}"


def other_unit(sentence: str, language: str, draw: random.Random) -> str | None:
    """Returns ``sentence`` with another unit, or another noun, behind one of its numbers."""
    units = _UNITS[language]
    written = "|".join(map(re.escape, sorted(units, key=len, reverse=True)))
    ends = r"(?!\w)" if language == "en" else ""
    pattern = rf"(\d[\d,.]*[ -]?(?:万|亿|million |billion )?)({written}){ends}"
    return _swapped(sentence, re.compile(pattern), 2, units, draw)


def turned_comparison(sentence: str, language: str, draw: random.Random) -> str | None:
    """Returns ``sentence`` with a comparison turned round: more for less, first for last."""
    pairs = _COMPARISONS[language]
    written = "|".join(sorted(pairs, key=len, reverse=True))
    pattern = rf"\b({written})\b" if language == "en" else f"({written})"
    return _swapped(sentence, re.compile(pattern), 1, pairs, draw)


def other_month(sentence: str, language: str, draw: random.Random) -> str | None:
    """Returns ``sentence`` with another month in one of its dates."""
    if language == "en":
        others = {month: MONTHS[(index + draw.randint(1, 11)) % 12] for index, month in enumerate(MONTHS)}
        return _swapped(sentence, re.compile(rf"\b({'|'.join(MONTHS)})\b(?= \d)"), 1, others, draw)
    others = {str(month): str((month + draw.randint(0, 10)) % 12 + 1) for month in range(1, 13)}
    return _swapped(sentence, re.compile(r"(?<!\d)(1[0-2]|[1-9])(?=月)"), 1, others, draw)


def other_spelt_number(sentence: str, language: str, draw: random.Random) -> str | None:
    """Returns ``sentence`` with another number in words for one of its own: four for forty-five."""
    if language == "zh":
        others = {digit: draw.choice(_HAN_DIGITS.replace(digit, "")[2:]) for digit in _HAN_DIGITS}
        return _swapped(sentence, _SPELT_ZH, 1, others, draw)
    found = list(_SPELT_EN.finditer(sentence))
    if not found:
        return None
    match = draw.choice(found)
    wrong = draw.choice([word for word in (*_ONES[2:], *_TENS) if word not in match.group()])
    return sentence[: match.start()] + wrong + sentence[match.end() :]


def respelt(sentence: str, language: str, _draw: random.Random) -> str | None:
    """Returns ``sentence`` with its first number in words in digits, and nothing else changed."""
    match = (_SPELT_EN if language == "en" else _SPELT_ZH).search(sentence)
    if match is None:
        return None
    if language == "zh":
        value = _HAN_DIGITS.index(match[1])
    elif match[3]:
        value = _ONES.index(match[3])
    else:
        value = _TENS[match[1]] + (_ONES.index(match[2]) if match[2] else 0)
    return f"{sentence[: match.start()]}{value}{sentence[match.end() :]}"


def redated(sentence: str, language: str, draw: random.Random) -> str | None:
    """Returns ``sentence`` with its first date in another form, and nothing else changed."""
    match = (_DATE_EN if language == "en" else _DATE_ZH).search(sentence)
    if match is None:
        return None
    if language == "zh":
        year, month, day = (int(part) for part in match.groups())
    else:
        name = match[1] or match[5]
        month, day, year = MONTHS.index(name) + 1, int(match[2] or match[4]), int(match[3] or match[6])
    iso = f"{year}-{month:02}-{day:02}"
    forms = {"en": [iso, f"{day} {MONTHS[month - 1]} {year}"], "zh": [iso, f"{year}/{month}/{day}"]}
    form = draw.choice([form for form in forms[language] if form != match.group()])
    return sentence[: match.start()] + form + sentence[match.end() :]


def replaced(sentence: str, here: Sequence[str], others: Sequence[str], draw: random.Random) -> str | None:
    """Returns ``sentence`` with one of ``here`` that stands in it replaced by one of ``others``."""
    found = [name for name in here if name in sentence]
    other = [name for name in others if name not in sentence]
    return sentence.replace(draw.choice(found), draw.choice(other), 1) if found and other else None


def exchanged(sentence: str, names: Sequence[str]) -> str | None:
    """Returns ``sentence`` with two of ``names``, which stand in it once each, in each other's place."""
    held = [name for name in dict.fromkeys(names) if sentence.count(name) == 1]
    apart = [
        (left, right)
        for left in held
        for right in held
        if left < right and left not in right and right not in left
    ]
    if not apart:
        return None
    left, right = apart[0]
    return sentence.replace(left, "\0").replace(right, left).replace("\0", right)


def _swapped(
    sentence: str, pattern: re.Pattern[str], group: int, others: Mapping[str, str], draw: random.Random
) -> str | None:
    found = list(pattern.finditer(sentence))
    if not found:
        return None
    match = draw.choice(found)
    return sentence[: match.start(group)] + others[match[group]] + sentence[match.end(group) :]
