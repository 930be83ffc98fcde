"""Notes, lists, logs and lines of keys and values without a full stop, beside prose about something near."""

from __future__ import annotations

from pathlib import Path

from kb.evaluate.embedding_cache import RememberingEmbedder
from tests.kinds.shelf import Case, case, misses, written

FILES: dict[str, str | bytes] = {
    "allotment.md": """# Plot 14

* Water tap key: 2291, turn left twice
* Compost turned: first Sunday of the month
* Seed order by 15 February
* Shed padlock 7-0-3
* Neighbour with the ladder - Mrs Okafor, plot 16
* No bonfires before dusk
""",
    "boat.txt": """Notes on Solvei

engine oil 10W-40, 3.2 litres
impeller changed May 2023
mooring line: 14 mm polyester
VHF channel 72 for the club
gas bottle sits under the starboard bench
insurance runs out 30 June
""",
    "deploy.log": """2024-05-02 03:10:11 INFO  gateway started on port 8443
2024-05-02 03:10:14 WARN  cache: 3 entries dropped, disk almost full
2024-05-02 03:11:40 ERROR billing-worker exited with code 137: out of memory
2024-05-02 03:12:02 INFO  billing-worker restarted by supervisor
2024-05-02 03:15:55 ERROR mailer: certificate of smtp.example.net expired on 1 May
2024-05-02 03:16:10 INFO  nightly backup finished, 48 GB in 22 minutes
""",
    "studio.md": """# Recording studio

## Rules of the house

- no drinks on the mixing desk
- shoes off in the live room
- key deposit: 50 euros, cash only

## Gear

1. Large microphone: Neumann U 87, serial 4471-B
2. Headphone amp under the desk, channel 3 is broken
3. Piano tuned every second Tuesday
""",
    "奶奶的便条.txt": """家里的事

大门密码：7392，按井号确认
快递放在三楼王阿姨家
垃圾分类：周二收可回收物
煤气卡在厨房左边第二个抽屉
阳台的花两天浇一次水
修空调找小陈，电话138-0000-4412
""",
    "值班记录.md": """# 值班记录

- 三月四日 凌晨两点 二号水泵停机，原因是滤网堵塞
- 三月五日 上午九点 更换滤网，恢复运行
- 三月七日 门禁系统断电四十分钟
- 备用钥匙：保安室铁柜第三格
""",
    "ferienhaus.md": """# Ferienhaus Notizen

- Türcode 5518, danach Raute drücken
- Mülltonne: dienstags vor sieben
- Sicherungskasten hinter dem Bild im Flur
- WLAN-Passwort: Moewe-2210-Sand
- Abreise bis 10 Uhr
""",
    "maison.txt": """Maison de campagne

code du portail : 4086
chaudière : appuyer dix secondes sur le bouton gris
médecin de garde : Dr Lemaire, 05 55 01 22 33
les clés de la cave sont derrière le pot de basilic
poubelles sorties le jeudi soir
""",
    "piso.txt": """Notas del piso

clave del wifi: limonero88
contador de la luz en el rellano
fontanero: Ramón, 600 112 233
la llave del trastero está debajo del felpudo
basura después de las ocho
""",
    "garden-village.txt": """A morning in the village

The gardens lie behind the church, and everybody who has one is there on Sundays. An old man told us that the key to good soil is patience. The neighbours lend each other tools and drink tea from flasks. The water comes from a spring on the hill, and nobody has ever paid for it.

In the evening the singers meet in the hall. The piano is old, and the drinks are cheap. A sign at the door reads that shoes must be clean.
""",
    "sea-letter.txt": """A letter from the coast

The boats come in before dark. The engine of the old trawler can be heard for miles, and the oil makes rainbows on the water. My sister says that the club has moved to another pier, where the gas lamps are still lit by hand. The mail came late, because the billing office had closed.
""",
    "乡村散文.txt": """村里的早晨

清晨的村子很安静，奶奶在厨房里烧水，阳台上的花刚刚开。邻居家的孩子在门口等快递，大人们在商量修路的事情。水泵的声音从远处传来，像一首老歌。傍晚大家聚在树下，谈论天气和庄稼。
""",
}

CASES: list[Case] = [
    case("What is the code for the water tap?", "2291", document="allotment.md"),
    case("When is the compost turned?", "first Sunday", document="allotment.md"),
    case("By when do the seeds have to be ordered?", "15 February", document="allotment.md"),
    case("Who has the ladder?", "Mrs Okafor", document="allotment.md"),
    case("shed padlock combination", "7-0-3", document="allotment.md"),
    case("Which oil does the engine take?", "10W-40", document="boat.txt"),
    case("When was the impeller changed?", "May 2023", document="boat.txt"),
    case("Where is the gas bottle?", "starboard bench", document="boat.txt"),
    case("On which channel is the club?", "72", document="boat.txt"),
    case("When does the insurance end?", "30 June", document="boat.txt"),
    case("Why did the billing worker exit?", "out of memory", document="deploy.log"),
    case("Which certificate expired?", "smtp.example.net", document="deploy.log"),
    case("How long did the nightly backup take?", "22 minutes", document="deploy.log"),
    case("On which port did the gateway start?", "8443", document="deploy.log"),
    case("How much is the key deposit?", "50 euros", document="studio.md"),
    case("Which channel of the headphone amp is broken?", "channel 3", document="studio.md"),
    case("What is the serial number of the large microphone?", "4471-B", document="studio.md"),
    case("How often is the piano tuned?", "second Tuesday", document="studio.md"),
    case("大门密码是多少？", "7392", document="奶奶的便条.txt"),
    case("煤气卡放在哪里？", "第二个抽屉", document="奶奶的便条.txt"),
    case("空调坏了找谁修？", "小陈", document="奶奶的便条.txt"),
    case("阳台的花多久浇一次水？", "两天", document="奶奶的便条.txt"),
    case("二号水泵为什么停机？", "滤网堵塞", document="值班记录.md"),
    case("备用钥匙在哪儿？", "第三格", document="值班记录.md"),
    case("Wie lautet der Türcode?", "5518", document="ferienhaus.md"),
    case("Wo ist der Sicherungskasten?", "hinter dem Bild", document="ferienhaus.md"),
    case("Quel est le code du portail ?", "4086", document="maison.txt"),
    case("Où sont les clés de la cave ?", "basilic", document="maison.txt"),
    case("¿Cuál es la clave del wifi?", "limonero88", document="piso.txt"),
    case("¿Dónde está la llave del trastero?", "felpudo", document="piso.txt"),
]


def test_the_answer_is_the_right_one(tmp_path: Path, remembering: RememberingEmbedder) -> None:
    missed = misses(written(tmp_path, FILES), CASES, remembering)
    assert len(missed) <= 1, missed
