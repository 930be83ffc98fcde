"""Thirty filings written by a seeded script with the habits of real ones, and questions about them.

Ten companies, of which several have nearly the same name; two annual reports and a press release each. Statements have
a column a year and go over a page; most sections say "the Company" and name nobody. Everything is invented.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Company:
    """A company as its filings call it."""

    name: str
    short: str
    symbol: str
    business: str
    file_habit: str
    """``name``, ``symbol`` or ``number``: what its files are called by."""


@dataclass(frozen=True, slots=True)
class Filing:
    """A file, in Markdown."""

    file_name: str
    company: Company
    year: int
    text: str


@dataclass(frozen=True, slots=True)
class FilingQuestion:
    """A question, the file that answers it, and a line that stands in every passage that does."""

    text: str
    file_name: str
    company: Company
    lines: tuple[str, ...]
    derived: bool


COMPANIES = tuple(
    Company(*row)
    for row in (
        (
            "Northfield Water Corporation",
            "Northfield Water",
            "NFWC",
            "water and wastewater utilities",
            "number",
        ),
        ("Northfield Power Corporation", "Northfield Power", "NFPC", "electric generation", "name"),
        ("Alder Foods, Inc.", "Alder Foods", "ALDF", "packaged foods", "symbol"),
        ("Alder Food Services, Inc.", "Alder Food Services", "AFSV", "contract catering", "number"),
        ("Meridian Tool Company", "Meridian Tool", "MRTL", "hand and power tools", "name"),
        ("Meridian Health Group", "Meridian Health", "MRHG", "outpatient clinics", "number"),
        ("B&K Stores, Inc.", "B&K Stores", "BKS", "home improvement stores", "symbol"),
        ("Quill & Ash Holdings", "Quill & Ash", "QASH", "stationery and gifts", "number"),
        ("Tarn Semiconductor Ltd.", "Tarn Semiconductor", "TARN", "analog chips", "name"),
        ("Tarn Systems Ltd.", "Tarn Systems", "TSYS", "storage systems", "symbol"),
    )
)
_RISKS = (
    "Competition in our markets could reduce our prices and our share of sales.",
    "A failure of our information systems could interrupt operations.",
    "Changes in interest rates may raise the cost of our borrowings.",
    "We depend on a limited number of suppliers for critical inputs.",
    "Unfavorable weather may affect demand and the condition of our facilities.",
    "Changes in tax law may have an adverse effect on net income.",
)
_PLAIN = {
    "revenue": (("Total net revenue",), "What was the total revenue of {company} in fiscal {year}?"),
    "capex": (
        ("Purchases of property, plant and equipment",),
        "How much did {company} spend on capital expenditure in {year}?",
    ),
    "inventory": (("Inventories, net",), "What inventories did {company} hold at the end of {year}?"),
    "lease": (
        ("operating lease liabilities",),
        "What are the operating lease liabilities of {company} in FY{year}?",
    ),
    "auditor": (("independent registered public accounting firm",), "Who audits {company} for {year}?"),
    "people": (("full-time employees",), "How many employees did {company} have in {year}?"),
}
_DERIVED = {
    "gross margin": (("Cost of goods sold",), "What is the gross margin of {company} in FY{year}?"),
    "quick ratio": (("Total current liabilities",), "What was {company}'s quick ratio at the end of {year}?"),
    "DPO": (("Accounts payable",), "What is the FY{year} days payable outstanding (DPO) of {company}?"),
    "FCF": (
        ("Net cash provided by operating activities",),
        "What was the FCF conversion of {company} in {year}?",
    ),
    "capital-intensive": (
        ("Purchases of property, plant and equipment", "Property, plant and equipment, net"),
        "Is {company} a capital-intensive business based on FY{year} data?",
    ),
    "coverage": (("Interest expense",), "What is the interest coverage of {company} for {year}?"),
}


def filings(seed: int = 7) -> list[Filing]:
    """Returns the thirty files; the same ones for the same seed."""
    found = []
    for company in COMPANIES:
        chance = random.Random(f"{seed}{company.symbol}")
        texts = [(year, f"{year}_10K", _annual(company, year, chance)) for year in (2021, 2022)]
        texts.append((2023, "Q1_2023_8K", _press(company, chance)))
        found += [
            Filing(_file_name(company, kind, chance), company, year, text) for year, kind, text in texts
        ]
    return found


def questions(made: Sequence[Filing]) -> list[FilingQuestion]:
    """Returns twelve questions about each annual report, six of them for figures that no line states."""
    found = []
    for filing in made:
        if filing.year == 2023:
            continue
        for derived, kinds in ((False, _PLAIN), (True, _DERIVED)):
            for lines, wording in kinds.values():
                text = wording.format(company=filing.company.short, year=filing.year)
                found.append(FilingQuestion(text, filing.file_name, filing.company, lines, derived))
    return found


def _file_name(company: Company, kind: str, chance: random.Random) -> str:
    if company.file_habit == "name":
        return f"{company.short.replace(' ', '').upper()}_{kind}.md"
    if company.file_habit == "symbol":
        return f"{company.symbol.lower()}-{kind.lower()}.md"
    return f"000{chance.randint(1000000, 1999999)}-23-{chance.randint(100000, 999999)}.md"


def _annual(company: Company, year: int, chance: random.Random) -> str:
    return "\n\n".join(
        (
            *_cover(company, year),
            *_business(company, year, chance),
            *_discussion(year, chance),
            *_statements(year, chance),
            *_notes(year, chance),
            *_exhibits(company),
        )
    )


def _cover(company: Company, year: int) -> Iterator[str]:
    yield "UNITED STATES SECURITIES AND EXCHANGE COMMISSION"
    yield f"FORM 10-K\n\nANNUAL REPORT for the fiscal year ended December 31, {year}"
    yield f"{company.name}\n\n(Exact name of registrant as specified in its charter)"
    yield f"Common stock, par value $0.01; trading symbol {company.symbol}; New York Stock Exchange"
    yield "Indicate by check mark whether the registrant is a well-known seasoned issuer. Yes [x] No [ ]"


def _business(company: Company, year: int, chance: random.Random) -> Iterator[str]:
    yield "# Item 1. Business"
    yield (
        f'{company.name} (the "Company", "we") operates in {company.business}. The Company was organized in '
        f"{chance.randint(1890, 1995)} and serves customers in {chance.randint(5, 40)} states."
    )
    yield (
        f"Human capital. As of December 31, {year}, we had "
        f"{chance.randint(2, 90) * 100:,} full-time employees, of whom "
        f"{chance.randint(10, 60)}% are covered by collective bargaining agreements."
    )
    yield "# Item 1A. Risk Factors"
    yield from chance.sample(_RISKS, 5)


def _discussion(year: int, chance: random.Random) -> Iterator[str]:
    yield "# Item 7. Management's Discussion and Analysis"
    yield (
        f"Results of operations. Net revenue increased {chance.randint(1, 15)}% "
        f"in {year}, driven by price and volume. "
        "Selling, general and administrative expenses grew with wages and freight."
    )
    yield (
        "Liquidity. Our principal sources of liquidity are cash from "
        "operations and a revolving credit facility. We believe "
        "that these are sufficient for at least the next twelve months."
    )
    yield (
        f"Outlook. We expect investments of ${chance.randint(50, 900)} million "
        "in the coming year, mainly to replace "
        "equipment and to open new sites."
    )


def _statements(year: int, chance: random.Random) -> Iterator[str]:
    income = ("Total net revenue", "Cost of goods sold", "Gross profit", "Selling, general and administrative",
              "Operating income", "Interest expense", "Provision for income taxes", "Net income")  # fmt: skip
    assets = ("Cash and cash equivalents", "Marketable securities", "Accounts receivable, net", "Inventories, net",
              "Total current assets", "Property, plant and equipment, net", "Goodwill", "Total assets")  # fmt: skip
    debts = ("Accounts payable", "Accrued liabilities", "Current portion of long-term debt",
             "Total current liabilities", "Long-term debt", "Total stockholders' equity")  # fmt: skip
    flows = ("Net income", "Depreciation and amortization", "Net cash provided by operating activities",
             "Purchases of property, plant and equipment", "Dividends paid", "Repurchases of common stock",
             "Net change in cash")  # fmt: skip
    yield "# Item 8. Financial Statements"
    yield _table("Consolidated Statements of Income", income, (year, year - 1, year - 2), chance)
    yield _table("Consolidated Balance Sheets: Assets", assets, (year, year - 1), chance)
    yield "Page 58"
    yield _table(
        "Consolidated Balance Sheets (continued): Liabilities and Equity", debts, (year, year - 1), chance
    )
    yield _table("Consolidated Statements of Cash Flows", flows, (year, year - 1, year - 2), chance)


def _table(title: str, lines: Sequence[str], years: Sequence[int], chance: random.Random) -> str:
    head = f"| (in millions) | {' | '.join(map(str, years))} |\n|---|{'---|' * len(years)}"
    rows = [f"| {line} | {' | '.join(f'{chance.randint(20, 9000):,}' for _ in years)} |" for line in lines]
    return "\n".join((f"## {title}\n", head, *rows))


def _notes(year: int, chance: random.Random) -> Iterator[str]:
    yield "## Notes to Consolidated Financial Statements"
    yield (
        "Note 1. Summary of significant accounting policies. The consolidated "
        "financial statements include the accounts of "
        "the Company and its subsidiaries. Inventories are stated at the lower "
        "of cost and net realizable value."
    )
    yield (
        f"Note 4. Leases. At December 31, {year}, operating lease liabilities "
        f"were ${chance.randint(40, 800)} million with a "
        f"weighted average remaining term of {chance.randint(3, 12)} years."
    )
    yield (
        f"Note 9. Debt. Senior notes of ${chance.randint(100, 900)} million "
        f"mature in {year + chance.randint(3, 9)} and bear "
        f"interest at {chance.randint(20, 70) / 10}%."
    )
    yield (
        "Report of independent registered public accounting firm. We have "
        "audited the accompanying consolidated balance "
        f"sheets of the Company. /s/ {chance.choice(('Harrow & Pike LLP', 'Dunmore LLP', 'Castell Roy LLP'))}"
    )


def _exhibits(company: Company) -> Iterator[str]:
    yield "# Exhibits"
    yield f"3.1 Restated certificate of incorporation of {company.name}. 21.1 Subsidiaries. 31.1 Certification."


def _press(company: Company, chance: random.Random) -> str:
    return "\n\n".join(
        (
            f"# {company.short} reports first quarter 2023 results",
            f"{company.name} ({company.symbol}) today announced results for the "
            "quarter ended March 31, 2023. Net sales were "
            f"${chance.randint(100, 3000)} million, compared with 2022, and "
            "the company confirmed its outlook for the year.",
            _table("Condensed income", ("Net sales", "Operating income", "Net income"), (2023, 2022), chance),
            "About us. This release contains forward-looking statements that "
            "involve risks, capital expenditure, inventories "
            "and revenue among them.",
            "Contacts: investor relations, media relations.",
        )
    )
