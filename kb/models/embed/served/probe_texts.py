"""The fixed texts that a server is proved with. Change them, and every proof is made anew."""

from __future__ import annotations

from itertools import count as counted

from kb.models.embed.served.protocol import TokenCount

SHORT = "How long is the warranty of the pump?"
CHINESE = "保修期为二十四个月，自交货之日起计算；过滤器每三个月更换一次。"
NEARLY_EMPTY = "."

_THINGS = ("pump", "boiler", "filter", "turbine", "valve", "sensor", "gearbox", "compressor", "generator")
_PLACES = ("the north hall", "the old mill", "building seven", "the harbour", "the second floor")
_DEEDS = (
    "was inspected by two engineers and found in order",
    "lost pressure during the night and was taken out of service",
    "has been replaced, because its bearings were worn",
    "runs at a higher temperature than its manual allows",
    "will be cleaned before the winter, as agreed with the supplier",
    "caused a delay of several hours, for which nobody was to blame",
    "needs oil of another grade than the one that is kept in stock",
)
_WORDS_PER_TOKEN = 0.75
"""Of these sentences, for tokenizers of whole words and their parts (Qwen3: .85, XLM-R: .80)."""


def long_words(words: int) -> str:
    """Returns a report of so many words; no two of its sentences are the same."""
    found: list[str] = []
    for index in counted():
        if len(found) >= words:
            return " ".join(found[:words])
        thing, place = _THINGS[index % len(_THINGS)], _PLACES[index % len(_PLACES)]
        deed = _DEEDS[index * index % len(_DEEDS)]
        found += f"Entry {index + 1}: the {thing} in {place} {deed}.".split()
    raise AssertionError  # counted() does not end


def of_length(tokens: int, count: TokenCount | None) -> str:
    """Returns the longest beginning of the report, in whole words, that has at most ``tokens`` tokens by ``count``.

    Where that is None, about so many. At least one word.
    """
    if count is None:
        return long_words(max(1, int(tokens * _WORDS_PER_TOKEN)))
    words = long_words(max(1, tokens)).split()
    fewest, most = 1, len(words)
    while fewest < most:
        middle = (fewest + most + 1) // 2
        if count([" ".join(words[:middle])])[0] <= tokens:
            fewest = middle
        else:
            most = middle - 1
    return " ".join(words[:fewest])


def other_ends(text: str) -> tuple[str, str]:
    """Returns ``text`` with other words at its beginning, and with other words at its end, about as long."""
    words = text.split()
    other = ["Nobody", "had", "seen", "the", "lighthouse", "since", "spring"][: max(1, len(words) // 8)]
    return " ".join([*other, *words[len(other) :]]), " ".join([*words[: -len(other)], *other])
