"""Documents by the names that questions give them."""

from __future__ import annotations

import pytest

from kb.text.document_names import borne_names, terms_of_name, variants, without_names


@pytest.mark.parametrize(
    ("document_name", "term"),
    [
        ("BESTBUY_2019_10K", "bestbuy"),
        ("BESTBUY_2019_10K", "2019"),
        ("BESTBUY_2019_10K", "10k"),
        ("Best Buy 2019", "bestbuy"),
        ("AmericanWaterWorks-2020", "water"),
        ("report_FY2018", "2018"),
        ("员工手册2024版", "手册"),
        ("Straßenverkehr", "strassenverkehr"),
    ],
)
def test_a_name_is_found_by_its_words_and_their_parts(document_name: str, term: str) -> None:
    assert term in terms_of_name(document_name)


def test_words_of_a_question_are_joined_as_a_name_may_join_them() -> None:
    assert variants("Best Buy in FY2018") == [
        "fy",
        "2018",
        "bestbuy",
        "buyin",
        "infy2018",
        "bestbuyin",
        "buyinfy2018",
    ]
    assert variants("inventories") == []


@pytest.mark.parametrize(
    ("question", "document_name", "rest"),
    [
        ("What was Best Buy's net income in FY2018?", "BESTBUY_2018_10K", "What was 's net income in ?"),
        ("How high is the turnover of Boeing?", "boeing-annual-report", "How high is the turnover of ?"),
        ("What is in the handbook?", "Employee handbook", "What is in the ?"),
        ("Who signed the treaty?", "The book of what and who", None),
        ("Boeing 2018", "BOEING_2018", None),
        ("Who signed the treaty?", "", None),
    ],
)
def test_what_is_asked_of_a_document_is_the_question_without_its_name(
    question: str, document_name: str, rest: str | None
) -> None:
    assert without_names(question, [document_name]) == rest


def test_several_documents_are_named_at_once() -> None:
    asked = "Did sales of Pfizer grow faster than those of Nike?"
    assert without_names(asked, ["PFIZER_2021", "NIKE_2021"]) == "Did sales of grow faster than those of ?"


def test_a_document_bears_the_names_that_recur_in_it_and_its_year() -> None:
    passages = [
        "FORM 10-K for the fiscal year ended June 30, 2019. Calder & Voss Holdings, Delaware",
        "Item 1. Calder & Voss Holdings makes valves. Valves are sold everywhere.",
        "We sold valves. In 2018 we sold fewer.",
        "Exhibit 3. Bylaws of Calder & Voss Holdings.",
    ]
    assert borne_names(passages)[0] == "Calder & Voss Holdings"
    assert borne_names(passages)[-1] == "2019"
    assert "Valves" not in borne_names(passages)
    assert borne_names(passages[:2]) == ()
    assert (
        borne_names(
            ["Der Bericht der Firma Kahl ist da.", "Die Firma Kahl wuchs.", "Die Firma Kahl ist alt."]
        )
        == ()
    )
