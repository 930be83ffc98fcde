"""Rules in numbered places, asked for by number: other words for places, other numerals, other languages."""

from __future__ import annotations

from pathlib import Path

from kb.evaluate.embedding_cache import RememberingEmbedder
from tests.kinds.shelf import Case, case, misses, refused, written

_CLUB = (
    "The club is called Saltmarsh Rowing.", "Members pay 140 euros a year.", "The committee has five members.",
    "The treasurer keeps the accounts.", "Boats are entered in the log before every outing.",
    "Juniors row with a coach only.", "Keys are returned the same evening.", "Private boats lie on the upper rack.",
    "The annual meeting is held in March.", "A vote needs two thirds.", "Guests row twice at most.",
    "Oars are wiped dry.", "The ergometers are open to everybody.", "Smoking is not allowed in the boathouse.",
    "The club house is let in winter.", "Leaving needs a letter.", "Damage is paid by whoever caused it.",
    "The chair may bar a member for four weeks.", "Minutes hang on the board.", "Honorary members pay nothing.",
    "Rules change by a vote of the meeting.", "The club ends when fewer than seven members are left.",
)  # fmt: skip
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_TRUST = (
    "The trust preserves the mill.", "Seat of the trust is Ashby.", "The founder appoints three trustees.",
    "Trustees serve six years.", "The trust spends its income only.", "Money is kept at a savings bank.",
    "Accounts are examined each May.", "Trustees are not paid.", "The miller lives on the premises.",
    "Flour is sold at cost.", "The wheel is stopped at frost.", "What is left goes to the parish.",
)  # fmt: skip
_DORM = (
    "宿舍由后勤处管理。", "每间宿舍住四人。", "宿舍楼晚上十一点锁门。", "晚归者须在值班室登记。", "不得使用大功率电器。",
    "访客须在晚九点前离开。", "床位调换须经宿管同意。", "每周五下午打扫走廊。", "空调费用由住宿者分摊。", "禁止饲养宠物。",
    "垃圾每天放到楼下。", "损坏家具照价赔偿。", "钥匙遗失须交二十元。", "退宿须提前一周申请。", "本规定自九月一日起施行。",
)  # fmt: skip
_NUMERALS = [
    "一",
    "二",
    "三",
    "四",
    "五",
    "六",
    "七",
    "八",
    "九",
    "十",
    "十一",
    "十二",
    "十三",
    "十四",
    "十五",
]
_HAUS = (
    "Die Ruhezeit beginnt um 22 Uhr.", "Das Treppenhaus wird wöchentlich gewischt.", "Fahrräder stehen im Keller.",
    "Grillen ist auf Balkonen untersagt.", "Die Waschküche ist sonntags geschlossen.", "Haustüren bleiben zu.",
    "Schäden meldet man der Verwaltung.", "Der Garten gehört allen Mietern.",
)  # fmt: skip
_REGL = (
    "L'association porte le nom des Amis du canal.", "La cotisation est de 25 euros.", "Le bureau compte quatre membres.",
    "L'assemblée se réunit en juin.", "Les barques sont rendues propres.", "Les chiens restent à terre.",
)  # fmt: skip
_ESTAT = (
    "La asociación se llama Amigos del Faro.", "La cuota es de 30 euros.", "La junta se elige cada dos años.",
    "Las visitas se anuncian con una semana.", "El archivo se guarda en el ayuntamiento.",
)  # fmt: skip


FILES: dict[str, str | bytes] = {
    "rowing-club-statutes.txt": "Statutes of the rowing club\n\n"
    + "\n\n".join(f"Art. {n}\n{text}" for n, text in enumerate(_CLUB, 1)),
    "mill-trust-deed.txt": "Deed of the mill trust\n\n"
    + "\n\n".join(f"ARTICLE {n} - {text}" for n, text in zip(_ROMAN, _TRUST, strict=True)),
    "学生宿舍管理规定.txt": "学生宿舍管理规定\n\n"
    + "\n\n".join(f"第{n}条 {text}" for n, text in zip(_NUMERALS, _DORM, strict=True)),
    "hausordnung.md": "# Hausordnung Birkenhof\n\n"
    + "\n\n".join(f"## § {n}\n\n{text}" for n, text in enumerate(_HAUS, 1)),
    "reglement.txt": "Règlement des Amis du canal\n\n"
    + "\n\n".join(f"Article {n}{'er' if n == 1 else ''}\n{text}" for n, text in enumerate(_REGL, 1)),
    "estatutos.txt": "Estatutos de la asociación del faro\n\n"
    + "\n\n".join(f"Artículo {n}.º {text}" for n, text in enumerate(_ESTAT, 1)),
    "handbook.md": """# Handbook of the observatory

## 2 Access

### 2.1 Cards

Cards are programmed at the porter's lodge.

### 2.2 Visitors

Visitors wear a yellow badge.

## 3 Instruments

### 3.1 Dome

The dome is closed when the wind exceeds 60 km/h.

### 3.2 Cooling

The camera is cooled down for forty minutes.

### 3.10 Spare parts

Spare mirrors are kept in hall B.

## 7 Travel

Flights are booked by the secretary.
""",
    "采购合同.md": """# 采购合同

## 3 交货

### 3.1 地点

货物送至南京仓库。

### 3.2 期限

卖方在签约后二十天内交货。

## 5 付款

### 5.1 预付

买方预付百分之三十。

### 5.2 尾款

验收合格后十天内付清尾款。

## 9 争议

争议由上海仲裁委员会裁决。
""",
    "exam-rules.txt": """Examination rules

Rule 1: Phones are switched off.
Rule 2: Latecomers are admitted for ten minutes.
Rule 3: Paper is handed out by the invigilator.
Rule 4: Nobody leaves in the last quarter of an hour.
Rule 5: Dictionaries are allowed in the second part.
""",
    "устав.txt": "Устав клуба\n\nСтатья 1. Клуб называется Маяк.\nСтатья 2. Взнос составляет пятьсот рублей.\nСтатья 3. Собрание проводится в апреле.\n",
    "rifugio.txt": "Regolamento del rifugio\n\nArt. 1 - Il rifugio apre a giugno.\nArt. 2 - Le prenotazioni si fanno per telefono.\nArt. 3 - I cani dormono nel fienile.\n",
    "就業規則.txt": "就業規則\n\n第1条 始業は午前九時とする。\n第2条 休憩は六十分とする。\n第3条 有給休暇は十日とする。\n",
    "assembly.txt": """Assembling the shelf

Step 1. Lay the side panels flat.
Step 2. Push the dowels in.
Step 3. Fix the back with eight nails.
Step 4. Turn the shelf upright.
Step 5. Fasten it to the wall.
""",
}

CASES: list[Case] = [
    case("What does article 5 of the rowing club statutes say?", _CLUB[4], lacks=_CLUB[14:15]),
    case("Rowing club statutes, Art. 15", _CLUB[14], lacks=_CLUB[4:5]),
    case("What is written in article twenty-one of the rowing club's statutes?", _CLUB[20]),
    case("What is in the twelfth article of the rowing club statutes?", _CLUB[11]),
    refused("What does article 31 of the rowing club statutes say?", "31"),
    case("Article IX of the mill trust deed", _TRUST[8]),
    case("What does Article 4 of the deed of the mill trust provide?", _TRUST[3]),
    case("mill trust: article eleven?", _TRUST[10]),
    case("学生宿舍管理规定第十三条的内容是什么？", _DORM[12]),
    case("宿舍规定第5条说了什么", _DORM[4]),
    case("《学生宿舍管理规定》第十条", _DORM[9], lacks=_DORM[0:1]),
    case("请引用学生宿舍管理规定的第八条", _DORM[7]),
    refused("学生宿舍管理规定第四十条规定了什么？", "四十"),
    case("Was steht in § 4 der Hausordnung?", _HAUS[3]),
    case("Hausordnung Paragraph 7", _HAUS[6]),
    case("Hausordnung §2", _HAUS[1]),
    case("Que dit l'article 4 du règlement des Amis du canal ?", _REGL[3]),
    case("règlement du canal, article premier", _REGL[0]),
    case("règlement du canal art. 6", _REGL[5]),
    case("¿Qué dice el artículo 3 de los estatutos del faro?", _ESTAT[2]),
    case("estatutos del faro, art. 5", _ESTAT[4]),
    case("What does section 3.1 of the observatory handbook say?", "exceeds 60 km/h"),
    case("observatory handbook § 3.10", "Spare mirrors", lacks=["60 km/h"]),
    case("Handbook of the observatory, section 7", "booked by the secretary"),
    case("采购合同第3.2条", "二十天内交货"),
    case("采购合同5.2款规定了什么？", "十天内付清尾款"),
    case("采购合同第九条", "上海仲裁委员会"),
    case("What is rule 4 of the examination?", "last quarter of an hour"),
    case("exam rules, rule no. 2", "ten minutes"),
    case("What do I do in step 3 of assembling the shelf?", "eight nails"),
    case("Что говорит статья 2 устава клуба?", "пятьсот", lacks=["апреле"]),
    case("Cosa dice l'articolo 3 del regolamento del rifugio?", "fienile", lacks=["giugno"]),
    case("就業規則の第二条", "六十分", lacks=["十日"]),
    case("shelf assembly step five", "Fasten it to the wall"),
]


def test_the_answer_is_the_right_one(tmp_path: Path, remembering: RememberingEmbedder) -> None:
    assert misses(written(tmp_path, FILES), CASES, remembering) == []
