"""A wrong guess of the encoding makes a document unfindable; so guesses are measured."""

from __future__ import annotations

import codecs

import pytest

from ingest.parse.encoding import decode

SENTENCES = {
    "en": "The pilot comes aboard twice a day, except on Sundays – “weather permitting”.",
    "de": "Der Wärter schrieb jeden Abend auf, was die See über Nacht gebracht hatte.",
    "fr": "Le gardien écrivait chaque soir ce que la mer avait apporté à la côte.",
    "es": "El farero apuntaba cada noche lo que había traído el mar, según el año.",
    "it": "La più alta è la torre della città, perché così la vedono le navi.",
    "pl": "Latarnik zapisywał każdego wieczoru, co przyniosło morze, i tak powstała książka.",
    "tr": "Fenerci her akşam denizin getirdiği şeyleri yazardı, böylece kitap oluştu.",
    "ru": "Смотритель маяка каждый вечер записывал, что принесло ему море.",
    "el": "Ο φαροφύλακας έγραφε κάθε βράδυ όσα είχε φέρει η θάλασσα.",
    "he": "שומר המגדלור רשם בכל ערב את מה שהביא הים אל החוף.",
    "ar": "كان حارس المنارة يكتب كل مساء ما جاء به البحر إلى الشاطئ.",
    "th": "ผู้ดูแลประภาคารจดบันทึกทุกเย็นว่าทะเลนำสิ่งใดมาบ้าง",
    "zh": "守塔人每天晚上都记下海水带来的东西，风从北方来，船都回到了港口。",
    "zh-tw": "守塔人每天晚上都記下海水帶來的東西，風從北方來，船都回到了港口。",
    "ja": "灯台守は毎晩、海が運んできたものを書き留めた。北から嵐が来た。",
    "ko": "등대지기는 매일 저녁 바다가 가져온 것을 적었다. 북쪽에서 폭풍이 왔다.",
}
LEGACY = [
    *(("en", code) for code in ("cp1252",)),
    *((lang, code) for lang in ("de", "fr", "es", "it") for code in ("cp1252", "latin-1")),
    *(("pl", code) for code in ("cp1250", "iso8859-2")),
    ("tr", "cp1254"),
    *(("ru", code) for code in ("cp1251", "koi8-r", "cp866")),
    *(("el", code) for code in ("cp1253", "iso8859-7")),
    ("he", "cp1255"),
    ("ar", "cp1256"),
    ("th", "cp874"),
    *(("zh", code) for code in ("gbk", "gb18030", "hz")),
    ("zh-tw", "big5"),
    *(("ja", code) for code in ("shift_jis", "cp932", "euc_jp", "iso2022_jp")),
    *(("ko", code) for code in ("euc_kr", "cp949")),
]
UNICODE = [
    (lang, code)
    for lang in ("en", "de", "ru", "zh", "ja", "ko")
    for code in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")
]


@pytest.mark.parametrize(("lang", "encoding"), [*LEGACY, *UNICODE])
def test_one_sentence_is_enough(lang: str, encoding: str) -> None:
    text = SENTENCES[lang]
    decoded = decode(text.encode(encoding))
    assert decoded is not None
    assert (decoded.text, decoded.replaced) == (text, 0)


@pytest.mark.parametrize("length", [8, 12, 20, 30])
def test_short_chinese_in_gbk(length: int) -> None:
    text = SENTENCES["zh"][:length]
    decoded = decode(text.encode("gbk"))
    assert decoded is not None
    assert decoded.text == text


@pytest.mark.parametrize("bom", [codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_the_mark_is_no_text(bom: bytes) -> None:
    encoding = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le"}.get(bom, "utf-16-be")
    decoded = decode(bom + "Hafen".encode(encoding))
    assert decoded is not None
    assert decoded.text == "Hafen"


def test_utf8_with_a_damaged_byte_stays_utf8_and_says_so() -> None:
    data = bytearray((SENTENCES["zh"] * 3).encode())
    data[31] = 0xFF
    decoded = decode(bytes(data))
    assert decoded is not None
    assert decoded.encoding == "utf-8"
    assert decoded.text.startswith("守塔人每天")
    assert decoded.replaced >= 1
    assert "could not be read as utf-8" in decoded.warnings[0]


def test_a_log_with_a_few_zero_bytes_is_still_text() -> None:
    decoded = decode(b"started\n" * 50 + b"\x00\x00" + b"stopped\n" * 50)
    assert decoded is not None
    assert "stopped" in decoded.text


@pytest.mark.parametrize(
    "data", [bytes(1000), bytes(range(256)) * 8, b"\x7fELF\x02\x01" + bytes(range(64)) * 9]
)
def test_binary_is_no_text(data: bytes) -> None:
    assert decode(data) is None
