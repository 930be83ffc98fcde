"""Saved pages whose answers are folded away, and what was filled in on them."""

from __future__ import annotations

from pathlib import Path

from kb.evaluate.embedding_cache import RememberingEmbedder
from tests.kinds.shelf import Case, case, misses, written


def _page(title: str, body: str) -> str:
    return f'<!doctype html><html><head><meta charset="utf-8"><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>'


FILES: dict[str, str | bytes] = {
    "gym-faq.html": _page(
        "Questions about the gym",
        """
<div class="accordion"><h3><button aria-expanded="false" aria-controls="a1">How do I freeze my membership?</button></h3>
<div id="a1" hidden="until-found"><p>A membership is frozen for up to three months by a note at the desk.</p></div></div>
<div class="accordion"><h3><button aria-expanded="false">Are towels provided?</button></h3>
<div class="panel collapse" style="max-height: 0; overflow: hidden"><p>Towels are lent for 2 euros.</p></div></div>
<details><summary>What is the minimum age?</summary><p>Members are at least sixteen years old.</p></details>
<div class="tab-pane" role="tabpanel" aria-hidden="true"><p>The sauna is heated from four in the afternoon.</p></div>
<dl><dt>Can I bring a guest?</dt><dd style="display: none">Guests pay 9 euros a visit.</dd></dl>""",
    ),
    "registration.html": _page(
        "Boat registration",
        """<form><p><label for="n">Name of the boat</label> <input id="n" value="Wagtail"></p>
<p><label>Sail number <input type="text" value="GBR-3381"></label></p>
<p><label for="h">Home port</label> <select id="h"><option>Cowes</option><option selected>Whitby</option><option>Hull</option></select></p>
<p><label><input type="checkbox" checked> Insurance paid</label> <label><input type="checkbox"> Winter berth wanted</label></p>
<p><label for="r">Remarks</label> <textarea id="r">Mast is stored in shed 4</textarea></p>
<p>Hull: <label><input type="radio" name="m" value="w"> wood</label> <label><input type="radio" name="m" value="s" checked> steel</label></p></form>""",
    ),
    "传感器常见问题.html": _page(
        "传感器常见问题",
        """
<div class="q"><button aria-expanded="false">电池能用多久？</button><div style="display:none"><p>一节电池大约能用十八个月。</p></div></div>
<details><summary>如何恢复出厂设置？</summary><p>按住背面的小孔八秒即可恢复出厂设置。</p></details>
<div class="q"><h3>保修期多长？</h3><div hidden><p>自购买之日起保修两年。</p></div></div>
<form>设备编号：<input value="SN-77120"> 安装位置：<select><option>客厅</option><option selected>地下室</option></select></form>""",
    ),
    "strom-faq.html": _page(
        "Fragen zum Stromvertrag",
        """
<div><button aria-expanded="false">Wie kündige ich?</button><div hidden><p>Der Vertrag wird mit einer Frist von sechs Wochen gekündigt.</p></div></div>
<details><summary>Wann kommt die Rechnung?</summary><p>Die Rechnung wird jedes Jahr im Februar verschickt.</p></details>
<form>Zählernummer: <input value="1-EMH-00917"> Tarif: <select><option>Basis</option><option selected="selected">Wärme Plus</option></select></form>""",
    ),
    "camping-faq.html": _page(
        "Questions sur le camping",
        """
<details><summary>Les chiens sont-ils admis ?</summary><p>Les chiens sont admis s'ils sont tenus en laisse.</p></details>
<div class="faq"><button aria-expanded="false">À quelle heure faut-il partir ?</button><div style="visibility:hidden"><p>Les emplacements sont libérés avant onze heures.</p></div></div>""",
    ),
    "shop.html": _page(
        "Delivery",
        """<div id="menu" style="display:none"><p>Delivery menu</p></div>
<p>Parcels leave the house on the day of the order.</p>
<div class="accordion-item"><h2>Do you deliver to islands?</h2><div class="accordion-collapse collapse"><div class="accordion-body">Islands are supplied once a week by ship.</div></div></div>
<div class="accordion-item"><h2>What does express cost?</h2><div class="accordion-collapse collapse"><div class="accordion-body">Express delivery costs 12.90 euros.</div></div></div>
<template><p>This is never seen by anybody.</p></template><noscript><p>Please switch scripts on.</p></noscript>""",
    ),
}

CASES: list[Case] = [
    case("How do I freeze my membership?", "three months"),
    case("Are towels provided at the gym?", "2 euros"),
    case("What is the minimum age for members?", "sixteen"),
    case("From when is the sauna heated?", "four in the afternoon"),
    case("How much do guests pay at the gym?", "9 euros"),
    case("Can I bring a guest?", "9 euros"),
    case("What is the name of the boat?", "Wagtail"),
    case("Which sail number does the boat have?", "GBR-3381"),
    case("What is the home port of the boat?", "Whitby", lacks=["Cowes", "Hull:"]),
    case("Where is the mast stored?", "shed 4"),
    case("Is the insurance of the boat paid?", "☒ Insurance paid"),
    case("Is a winter berth wanted?", "☐ Winter berth wanted"),
    case("What is the hull made of?", "☒ steel"),
    case("电池能用多久？", "十八个月"),
    case("如何恢复出厂设置？", "八秒"),
    case("保修期多长？", "两年"),
    case("传感器的设备编号是什么？", "SN-77120"),
    case("传感器安装在什么位置？", "地下室", lacks=["客厅"]),
    case("Wie kündige ich den Vertrag?", "sechs Wochen"),
    case("Wann kommt die Rechnung für den Strom?", "Februar"),
    case("Welche Zählernummer steht im Stromvertrag?", "1-EMH-00917"),
    case("Welcher Tarif ist gewählt?", "Wärme Plus", lacks=["Basis"]),
    case("Les chiens sont-ils admis au camping ?", "en laisse"),
    case("À quelle heure faut-il partir du camping ?", "onze heures"),
    case("Do you deliver to islands?", "once a week by ship"),
    case("What does express delivery cost?", "12.90"),
    case("How often are islands supplied?", "once a week"),
    case("When do parcels leave the house?", "day of the order"),
    case("保修几年？", "保修两年"),
    case("How long does the freeze of a membership last?", "three months"),
]


def test_the_answer_is_the_right_one(tmp_path: Path, remembering: RememberingEmbedder) -> None:
    missed = misses(written(tmp_path, FILES), CASES, remembering)
    assert len(missed) <= 1, missed
