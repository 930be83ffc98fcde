"""The words of tables that are written by script: schemas in two languages, with questions for their rows."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

Way = tuple[str, str, tuple[str, ...]]
"""The way of asking, the question, and the values that its row holds and no other does."""


class At(NamedTuple):
    """What a value is made from."""

    rng: random.Random
    place: int
    """Of the row, from 0."""
    half: int


_Make = Callable[[At], str]
"""Makes the value of a column."""

_FIRST = (
    "Anja Bertil Carla Dario Elin Fabio Greta Henrik Ines Jonas Karin Lars Mara Nils Olga Piet Rosa Sven Tilda Vera",
    "Adam Beata Cyril Dora Emil Frida Gustav Hanna Ivan Julia Kurt Lena Milan Nora Oskar Paula Ralf Sonja Timo Ulla",
)
_LAST = (
    "Aaland Brandt Dahl Ekman Fiedler Gran Holm Iversen Jung Kvist Lund Moe Nyberg Olsen Pihl Quist Rask Storm Uhl Vik",
    "Abel Berg Conrad Dietz Engel Falk Gruber Haas Imhof Jansen Keller Lorenz Maurer Nagel Ott Peters Reuter Sauer",
)
_GIVEN = ("芳伟娜敏静强磊洋艳勇军杰娟涛明超秀霞平刚", "桂英建华文辉力玉萍红玲志鹏丹云峰凯琳慧斌")
_FAMILY = ("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕")
_TOWN = (
    "Aldby Brekka Corvin Dunmore Eskil Farsund Glanmor Hollin Isvik Jarrow Lomond Marvik Norholm Ostby Penrith",
    "Alnwick Bramley Cotter Drayton Elgin Fulford Garston Harwick Ilkeston Jesmond Kirby Lanark Melton Oakham",
)
_SEA = (
    ["East", "West", "North", "South", "Upper", "Lower", "Old", "New"],
    ["Great", "Little", "Far", "Near", "High", "Deep", "Long", "Broad"],
)
_ZH_TOWN = ("青阳临江安平白水长丰东岭海宁金沙南溪平湖", "瑞昌松林通河武山新田玉泉云浮昭化紫阳永福")
_PARTS = (
    ["valve", "pump", "gasket", "bearing", "filter", "nozzle", "bracket", "hinge", "lever", "sensor"],
    ["rotor", "spring", "clamp", "flange", "piston", "relay", "switch", "coupling", "washer", "gauge"],
)
_ZH_PARTS = (
    ["阀门", "水泵", "垫片", "轴承", "滤芯", "喷嘴", "支架", "铰链", "手柄", "传感器"],
    ["转子", "弹簧", "夹具", "法兰", "活塞", "继电器", "开关", "联轴器", "垫圈", "压力表"],
)
_KINDS = (
    ["brass", "steel", "rubber", "copper", "nylon", "ceramic"],
    ["zinc", "bronze", "plastic", "titanium", "silicone", "carbon"],
)
_ZH_KINDS = (
    ["黄铜", "钢制", "橡胶", "紫铜", "尼龙", "陶瓷"],
    ["锌制", "青铜", "塑料", "钛合金", "硅胶", "碳纤维"],
)


def _words(text: str | Sequence[str]) -> Sequence[str]:
    return text.split() if isinstance(text, str) else text


def _person(at: At) -> str:
    first, last = _words(_FIRST[at.half]), _words(_LAST[at.half])
    turn, rest = divmod(at.place, len(first) * len(last))
    initial = f"{chr(ord('A') + turn)}. " if turn else ""
    return f"{first[rest % len(first)]} {initial}{last[(rest // len(first) + rest) % len(last)]}"


def _zh_person(at: At) -> str:
    given, family = _GIVEN[at.half], _FAMILY[at.half]
    size = len(given)
    last = given[(at.place // size // size + at.place) % size]
    return f"{family[at.place % size]}{given[at.place // size % size]}{last}"


def _town(at: At) -> str:
    towns, sides = _words(_TOWN[at.half]), _SEA[at.half]
    name = f"{sides[at.place % len(sides)]} {towns[at.place // len(sides) % len(towns)]}"
    return (
        name if at.place < len(towns) * len(sides) else f"{name} {at.place // (len(towns) * len(sides)) + 1}"
    )


def _zh_town(at: At) -> str:
    text = _ZH_TOWN[at.half]
    size = len(text) // 2
    name = (
        text[2 * (at.place % size) :][:2]
        + "东西南北中上下新"[at.place // size % 8]
        + "镇村乡站"[at.place // size // 8 % 4]
    )
    return name if at.place < size * 32 else f"{name}{at.place // (size * 32) + 1}"


def _one_of(*halves: Sequence[str]) -> _Make:
    return lambda at: at.rng.choice(halves[at.half])


def _part(kinds: Sequence[Sequence[str]], parts: Sequence[Sequence[str]], joint: str) -> _Make:
    def make(at: At) -> str:
        size = 10 * (at.place // 60) + 10
        return joint.join((kinds[at.half][at.place % 6], parts[at.half][at.place // 6 % 10], f"{size} mm"))

    return make


def _id(pattern: str) -> _Make:
    return lambda at: pattern.format(1000 + 7 * at.place + at.half)


def _number(low: int, high: int, unit: str = "") -> _Make:
    return lambda at: f"{at.rng.randint(low, high)}{unit}"


def _day(pattern: str) -> _Make:
    def make(at: At) -> str:
        day = date(1990, 1, 3) + timedelta(days=2 * at.place + at.half)
        return pattern.format(d=day, month=day.strftime("%B"), day=day.day, m=day.month, y=day.year)

    return make


@dataclass(frozen=True, slots=True)
class Schema:
    """Columns, how their values are made, and how people ask: one template a half."""

    language: str
    title: str
    columns: tuple[str, ...]
    makers: tuple[_Make, ...]
    key: int
    """The column that names a row."""
    unique: int
    """Another column whose values only one row has: a number, a date or an id."""
    pair: tuple[int, int]
    """Two columns of which a row is asked for by both; the second is as a rule not unique."""
    ask_key: tuple[str, str]
    ask_unique: tuple[str, str]
    ask_pair: tuple[str, str]

    def rows(self, rng: random.Random, count: int, half: int) -> list[list[str]]:
        """Returns rows in a random order."""
        rows = [[make(At(rng, place, half)) for make in self.makers] for place in range(count)]
        rng.shuffle(rows)
        return rows

    def questions(self, row: Sequence[str], half: int) -> Iterator[Way]:
        """Yields a question for ``row`` by its name, by a value, and by two."""
        known = (row[self.key], row[self.unique])
        yield "name", self.ask_key[half].format(row[self.key]), known
        yield "value", self.ask_unique[half].format(row[self.unique]), known
        yield "two values", self.ask_pair[half].format(*(row[column] for column in self.pair)), known


_DEPARTMENTS = (
    ["Laboratory", "Workshop", "Shipping", "Canteen", "Archive", "Sales"],
    ["Reception", "Payroll", "Legal", "Kitchen", "Repairs", "Design"],
)
_ZH_DEPARTMENTS = (
    ["财务部", "采购部", "研发部", "生产部", "档案室", "销售部"],
    ["前台", "人事部", "法务部", "食堂", "维修部", "设计部"],
)
_STATES = (["open", "closed", "planned"], ["active", "paused", "retired"])
_ZH_STATES = (["开放", "关闭", "筹建"], ["运行", "暂停", "停用"])

SCHEMAS = (
    Schema(
        "en",
        "Staff",
        ("Name", "Department", "Room", "Extension", "Joined"),
        (_person, _one_of(*_DEPARTMENTS), _number(100, 399), _id("{}"), _number(2001, 2024)),
        0,
        3,
        (0, 1),
        ("What is the extension of {}?", "In which room does {} sit?"),
        ("Who has the extension {}?", "Whose phone number is {}?"),
        ("Since when has {} worked in the {}?", "Which number do I dial for {} in {}?"),
    ),
    Schema(
        "en",
        "Spare parts",
        ("No.", "Article", "Stock", "Price", "Supplier"),
        (
            _id("PPR-{}"),
            _part(_KINDS, _PARTS, " "),
            _number(0, 900),
            _number(2, 990, ".50 EUR"),
            _one_of(*_DEPARTMENTS),
        ),
        1,
        0,
        (1, 4),
        ("How many of the {} are in stock?", "What does a {} cost?"),
        ("What is {}?", "How much is article {}?"),
        ("What does the {} from {} cost?", "Is there a {} by {} in stock?"),
    ),
    Schema(
        "en",
        "Stations",
        ("Station", "Opened", "Platforms", "Passengers a day", "State"),
        (_town, _day("{day} {month} {y}"), _number(1, 12), _number(200, 90000), _one_of(*_STATES)),
        0,
        1,
        (0, 4),
        ("How many platforms does {} have?", "How many passengers use {} every day?"),
        ("Which station opened on {}?", "What was opened on {}?"),
        ("When was {}, which is {}, opened?", "Is {} {}?"),
    ),
    Schema(
        "en",
        "Invoices",
        ("Invoice", "Date", "Customer", "Amount", "Paid"),
        (
            _id("2023/{}"),
            _day("{d:%Y-%m-%d}"),
            _person,
            _number(1000, 99000, ".00"),
            _one_of(("yes", "no"), ("paid", "due")),
        ),
        2,
        0,
        (2, 1),
        ("What did {} have to pay?", "How high is the invoice for {}?"),
        ("Who received invoice {}?", "What is the amount of {}?"),
        ("What did {} owe on {}?", "Which invoice did {} get on {}?"),
    ),
    Schema(
        "zh",
        "员工名单",
        ("姓名", "部门", "房间", "分机", "入职年份"),
        (_zh_person, _one_of(*_ZH_DEPARTMENTS), _number(100, 399), _id("{}"), _number(2001, 2024)),
        0,
        3,
        (0, 1),
        ("{}的分机号是多少？", "{}在哪个房间办公？"),
        ("分机{}是谁的？", "谁的分机号是{}？"),
        ("{}是哪一年进入{}的？", "怎样打电话找到{}（{}）？"),
    ),
    Schema(
        "zh",
        "备件",
        ("编号", "名称", "库存", "单价", "供应部门"),
        (
            _id("BJ-{}"),
            _part(_ZH_KINDS, _ZH_PARTS, ""),
            _number(0, 900),
            _number(2, 990, ".50元"),
            _one_of(*_ZH_DEPARTMENTS),
        ),
        1,
        0,
        (1, 4),
        ("{}还有多少库存？", "{}的单价是多少？"),
        ("{}是什么备件？", "编号{}的价格是多少？"),
        ("{}供应的{}多少钱？".replace("{}供应的{}", "{}（{}供应）"), "{}是{}供应的吗，库存多少？"),
    ),
    Schema(
        "zh",
        "车站",
        ("车站", "开通日期", "站台数", "日均客流", "状态"),
        (_zh_town, _day("{y}年{m}月{day}日"), _number(1, 12), _number(200, 90000), _one_of(*_ZH_STATES)),
        0,
        1,
        (0, 4),
        ("{}有几个站台？", "{}每天有多少客流？"),
        ("{}开通的是哪个车站？", "哪个车站于{}开通？"),
        ("{}（{}）是什么时候开通的？", "{}现在是{}吗？"),
    ),
    Schema(
        "zh",
        "发票",
        ("发票号", "日期", "客户", "金额", "是否已付"),
        (
            _id("2023/{}"),
            _day("{d:%Y-%m-%d}"),
            _zh_person,
            _number(1000, 99000, ".00"),
            _one_of(("是", "否"), ("已付", "未付")),
        ),
        2,
        0,
        (2, 1),
        ("{}应付多少钱？", "{}的发票金额是多少？"),
        ("发票{}是开给谁的？", "{}号发票的金额是多少？"),
        ("{}在{}应付多少？", "{}于{}收到了哪张发票？"),
    ),
)
