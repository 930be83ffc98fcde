"""Answers of a model that cite nothing, or cite a passage that says something else: each sentence is judged."""

from __future__ import annotations

from kb.answer.verify.checker import check
from kb.evaluate.embedding_cache import RememberingEmbedder
from kb.retrieval.sentence_similarity import SentenceSimilarity
from kb.types import Support
from tests.kb.answer.samples import hit

PASSAGES = (
    "Service manual\nThe kettle boiler holds 18 litres. Its safety valve opens at 3.2 bar. The burner was replaced in 2019.",
    "The Alvar line\nThe tram leaves the depot at 5:40. It carries up to 210 passengers. Dogs travel free of charge on Sundays.",
    "Minutes of the council\nThe council approved the budget with eleven votes against four. Ms Rautio chaired the meeting. The bridge will not be closed in winter.",
    "茶园管理\n茶树每年修剪两次，第一次在三月。工人平均每天采茶十八公斤。仓库设在北坡，冬天不通风。",
    "Betriebsanleitung\nDie Presse erzeugt eine Kraft von 40 Tonnen. Das Öl wird alle 500 Stunden gewechselt. Kinder dürfen die Halle nicht betreten.",
    "Guide du musée\nLe musée possède 3 400 tableaux. L'entrée est gratuite le premier dimanche du mois. La tour a été restaurée en 1987.",
)
"""Passage n is named ``[n]``."""

WRONG = (
    "The kettle boiler holds 81 litres [1].",
    "The safety valve of the boiler opens at 32 bar [1].",
    "The burner was replaced in 2017 [1].",
    "The boiler was replaced by a heat pump in 2019 [1].",
    "The kettle boiler has a warranty of five years.",
    "1. The kettle boiler holds 28 litres [1].",
    "The tram leaves the depot at 6:40 [2].",
    "The tram carries up to 120 passengers [2].",
    "Dogs travel free of charge on Saturdays [2].",
    "Bicycles travel free of charge on Sundays [2].",
    "The tram is driven by a woman named Helmi.",
    "The council approved the budget with four votes against eleven [3].",
    "Ms Rautio left the meeting before the vote [3].",
    "Ms Aaltonen chaired the meeting [3].",
    "The bridge will be closed in winter [3].",
    "The council rejected the budget [3].",
    "The budget amounts to 40 million euros.",
    "茶树每年修剪三次[4]。",
    "工人平均每天采茶八十公斤[4]。",
    "仓库设在南坡[4]。",
    "仓库冬天通风[4]。",
    "茶园属于一家国有公司。",
    "Die Presse erzeugt eine Kraft von 60 Tonnen [5].",
    "Das Öl wird alle 50 Stunden gewechselt [5].",
    "Kinder dürfen die Halle betreten [5].",
    "Die Presse wurde 1998 in Essen gebaut.",
    "Le musée possède 4 300 tableaux [6].",
    "L'entrée est gratuite le premier lundi du mois [6].",
    "La tour a été restaurée en 1978 [6].",
    "Le musée emploie soixante personnes.",
)
RIGHT = (
    "The kettle boiler holds 18 litres [1].",
    "The safety valve opens at 3.2 bar [1].",
    "The boiler's burner was replaced in 2019 [1].",
    "1. The kettle boiler holds eighteen litres [1].",
    "2. Its burner was replaced in 2019 [1].",
    "The tram leaves the depot at 5:40 [2].",
    "Up to 210 passengers are carried by the tram [2].",
    "On Sundays dogs travel free of charge [2].",
    "The budget was approved by the council with 11 votes against 4 [3].",
    "The meeting was chaired by Ms Rautio [3].",
    "In winter the bridge will not be closed [3].",
    "The bridge stays open in winter [3].",
    "茶树每年修剪2次[4]。",
    "工人每天平均采茶18公斤[4]。",
    "仓库设在北坡[4]。",
    "仓库冬天不通风[4]。",
    "第一次修剪在3月[4]。",
    "Die Presse hat eine Kraft von 40 Tonnen [5].",
    "Alle 500 Stunden wird das Öl gewechselt [5].",
    "Kinder dürfen nicht in die Halle [5].",
    "Le musée possède 3400 tableaux [6].",
    "Le premier dimanche du mois, l'entrée est gratuite [6].",
    "La tour a été restaurée en 1987 [6].",
    "The kettle boiler holds 18 litres.",
    "Dogs travel free on Sundays.",
    "Ms Rautio chaired the meeting.",
    "仓库设在北坡。",
    "Das Öl wird alle 500 Stunden gewechselt.",
    "La tour a été restaurée en 1987.",
    "3) The safety valve opens at 3.2 bar [1].",
)


def _support(sentence: str, similarity: SentenceSimilarity) -> set[Support]:
    hits = [hit(text, number=number) for number, text in enumerate(PASSAGES, 1)]
    return {found.support for found in check(sentence, hits, similarity).checks}


def test_a_wrong_sentence_is_seldom_shown_as_supported(remembering: RememberingEmbedder) -> None:
    similarity = SentenceSimilarity(remembering)
    missed = [one for one in WRONG if Support.SUPPORTED in (_support(one, similarity) or {Support.SUPPORTED})]
    # words and vectors take five for supported: a noun for another (bicycles, dogs), an act beside the same person
    assert len(missed) <= 5, missed


def test_a_right_sentence_is_seldom_called_unsupported(remembering: RememberingEmbedder) -> None:
    similarity = SentenceSimilarity(remembering)
    missed = [one for one in RIGHT if _support(one, similarity) != {Support.SUPPORTED}]
    assert missed == []
