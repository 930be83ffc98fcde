"""Names, sizes and times as a person should see them: plain text still, made markup elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from html import escape

from kb.text.document_names import shown_name
from kb.types import Anchor, Filters
from kb.types.places import describe, place_words
from kb.web.page.strings import Strings

_LANGUAGES = {
    "ar": "العربية", "bg": "Български", "bn": "বাংলা", "ca": "Català", "cs": "Čeština", "da": "Dansk", "de": "Deutsch",
    "el": "Ελληνικά", "en": "English", "es": "Español", "et": "Eesti", "fa": "فارسی", "fi": "Suomi", "fr": "Français",
    "gu": "ગુજરાતી", "he": "עברית", "hi": "हिन्दी", "hr": "Hrvatski", "hu": "Magyar", "hy": "Հայերեն",
    "id": "Bahasa Indonesia", "is": "Íslenska", "it": "Italiano", "ja": "日本語", "ka": "ქართული", "km": "ភាសាខ្មែរ",
    "kn": "ಕನ್ನಡ", "ko": "한국어", "lo": "ລາວ", "lt": "Lietuvių", "lv": "Latviešu", "mk": "Македонски", "ml": "മലയാളം",
    "mr": "मराठी", "my": "မြန်မာ", "ne": "नेपाली", "nl": "Nederlands", "no": "Norsk", "pa": "ਪੰਜਾਬੀ", "pl": "Polski",
    "pt": "Português", "ro": "Română", "ru": "Русский", "si": "සිංහල", "sk": "Slovenčina", "sl": "Slovenščina",
    "sq": "Shqip", "sr": "Српски", "sv": "Svenska", "sw": "Kiswahili", "ta": "தமிழ்", "te": "తెలుగు", "th": "ไทย",
    "tr": "Türkçe", "uk": "Українська", "ur": "اردو", "vi": "Tiếng Việt", "zh": "中文",
}  # fmt: skip
"""The languages that ``kb.text.language`` tells apart, in the words of those who speak them."""


def language_name(code: str) -> str:
    """Returns a language in its own words; ``code`` itself where it has none here."""
    return _LANGUAGES.get(code, code)


def conditions(filters: Filters, strings: Strings, names: Mapping[str, str] | None = None) -> list[str]:
    """Returns the words of each condition of ``filters``; ``names`` are those of documents by their ids."""
    documents = (names.get(value, value) if names else value for value in filters.documents)
    said = [shown_name(name) for name in (*filters.collections, *documents, *filters.folders)]
    said += [suffix.upper() for suffix in filters.types]
    said += [language_name(code) for code in filters.languages]
    said += [f"#{tag}" for tag in filters.tags]
    until = _day_before(filters.before) if filters.before else None
    if filters.since and until:
        said.append(strings.added_between.format(since=filters.since, until=until))
    elif filters.since:
        said.append(strings.added_since.format(since=filters.since))
    elif until:
        said.append(strings.added_until.format(until=until))
    return said


def _day_before(day: str) -> str:
    try:
        return (date.fromisoformat(day) - timedelta(days=1)).isoformat()
    except (ValueError, OverflowError):
        return day


def size(count: int) -> str:
    """Returns ``count`` bytes as a person reads it."""
    amount = float(count)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 10 else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"


def local_time(added: str) -> str:
    """Returns an ISO time as the clock of this machine shows it; ``added`` itself where it is none."""
    try:
        return datetime.fromisoformat(added).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return added


def duration(seconds: float, strings: Strings) -> str:
    """Returns a length of time as coarse as it is uncertain."""
    if seconds < 90:
        return strings.seconds.format(count=max(1, round(seconds)))
    minutes = round(seconds / 60)
    return (
        strings.minutes.format(count=minutes)
        if minutes < 90
        else strings.hours.format(count=round(minutes / 60))
    )


def with_commands(text: str) -> str:
    """Returns a sentence as markup: what is to be typed, between backticks, is told apart."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def place(anchor: Anchor, strings: Strings) -> str:
    """Returns where a passage is, in words: its page or its lines, and the headings above it."""
    parts = [describe(anchor.place, place_words(strings.language))] if anchor.place else []
    parts += [shown_name(heading) for heading in anchor.heading_path[-2:]]
    return " · ".join(parts)
