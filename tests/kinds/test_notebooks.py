"""Notebooks: text, code, results as text and tables; pictures and what belongs to the program are left out."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from ingest import formats
from kb.evaluate.embedding_cache import RememberingEmbedder
from tests.kinds.shelf import Case, case, misses, written

_PICTURE = base64.b64encode(bytes(range(256)) * 400).decode()


def notebook(*cells: dict[str, Any], version: int = 4, language: str = "python") -> str:
    about = {"kernelspec": {"name": language, "language": language}, "language_info": {"name": language}}
    if version == 3:
        return json.dumps(
            {"worksheets": [{"cells": list(cells)}], "metadata": about, "nbformat": 3, "nbformat_minor": 0}
        )
    return json.dumps({"cells": list(cells), "metadata": about, "nbformat": 4, "nbformat_minor": 5})


def text(*lines: str, joined: bool = False, attachments: dict[str, Any] | None = None) -> dict[str, Any]:
    source: Any = "\n".join(lines) if joined else [line + "\n" for line in lines]
    return {
        "cell_type": "markdown",
        "metadata": {},
        "source": source,
        **({"attachments": attachments} if attachments else {}),
    }


def code(source: str, *outputs: dict[str, Any], count: int | None = 1) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "metadata": {},
        "execution_count": count,
        "source": source,
        "outputs": list(outputs),
    }


def printed(said: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": [said]}


def plot(shown: str = "<Figure size 640x480 with 1 Axes>") -> dict[str, Any]:
    return {
        "output_type": "display_data",
        "metadata": {},
        "data": {"image/png": _PICTURE, "text/plain": [shown]},
    }


def table(html: str, plain: str) -> dict[str, Any]:
    return {
        "output_type": "execute_result",
        "execution_count": 1,
        "metadata": {},
        "data": {"text/html": [html], "text/plain": [plain]},
    }


FILES: dict[str, str | bytes] = {
    "tide.ipynb": notebook(
        text("# Tides at the pier", "", "The gauge was set to zero on 4 March."),
        code(
            "offset = 0.137  # metres, from the survey\nprint('mean level', 2.41)",
            printed("mean level 2.41\n"),
        ),
        code("import matplotlib.pyplot as plt\nplt.plot(levels)", plot()),
        text("The residual has a standard deviation of **6.2 centimetres**.", joined=True),
        code(
            "summary",
            table(
                "<table><thead><tr><th></th><th>station</th><th>range</th></tr></thead><tbody>"
                "<tr><th>0</th><td>Pier</td><td>3.8 m</td></tr><tr><th>1</th><td>Lock</td><td>2.9 m</td></tr></tbody></table>",
                "  station range\n0 Pier 3.8 m\n1 Lock 2.9 m",
            ),
        ),
    ),
    "bees.ipynb": notebook(
        text(
            "## Hive weights",
            "",
            "Hive 7 lost 1.9 kilograms in January.",
            attachments={"a.png": {"image/png": _PICTURE}},
        ),
        code(
            "weights.plot()",
            {
                "output_type": "display_data",
                "metadata": {},
                "data": {"image/svg+xml": "<svg><path d='M0 0 L9 9'/></svg>", "text/plain": ["<Axes>"]},
            },
        ),
        code(
            "fit(weights)",
            {
                "output_type": "error",
                "ename": "ValueError",
                "evalue": "the scale of hive 9 sent no data",
                "traceback": ["\u001b[0;31mValueError\u001b[0m"],
            },
        ),
        text("- Sugar syrup was fed on 12 October", "- Varroa count: 14 mites a day"),
    ),
    "old.ipynb": notebook(
        {
            "cell_type": "markdown",
            "metadata": {},
            "source": ["The kiln reached 1,240 degrees after nine hours."],
        },
        {
            "cell_type": "code",
            "language": "python",
            "input": ["ramp = 135"],
            "outputs": [
                {"output_type": "stream", "stream": "stdout", "text": ["ramp is 135 degrees an hour\n"]}
            ],
            "collapsed": False,
            "prompt_number": 1,
            "metadata": {},
        },
        version=3,
    ),
    "空气质量.ipynb": notebook(
        text("# 空气质量分析", "", "监测点设在学校屋顶，共采集四十二天的数据。"),
        code(
            "mean = df['pm25'].mean()\nprint(f'平均浓度：{mean:.1f} 微克')",
            printed("平均浓度：38.6 微克\n"),
            plot(),
        ),
        text("周末的浓度比工作日低 17%。"),
        code("threshold = 75  # 超标阈值"),
    ),
    "umfrage.ipynb": notebook(
        text("# Umfrage im Viertel", "", "Es haben 318 Haushalte geantwortet."),
        code(
            "quote <- 0.41\ncat('Rücklauf', quote)",
            printed("Rücklauf 0.41"),
            plot(),
        ),
        language="R",
    ),
    "wide.ipynb": notebook(
        text("The turbine model uses the Betz limit of 0.593."),
        code(
            "show(df)",
            {
                "output_type": "display_data",
                "metadata": {},
                "data": {
                    "application/vnd.plotly.v1+json": {"data": [{"y": list(range(500))}]},
                    "text/html": ["<div><script>var a = 'base64,AAAA';</script></div>"],
                },
            },
        ),
        {"cell_type": "raw", "metadata": {}, "source": ["Raw note: rotor diameter 54 metres."]},
    ),
}

CASES: list[Case] = [
    case("When was the gauge set to zero?", "4 March"),
    case("What is the standard deviation of the residual?", "6.2 centimetres"),
    case("What is the mean level?", "2.41"),
    case("Which offset comes from the survey?", "0.137"),
    case("What is the range at the lock?", "2.9 m", "Lock"),
    case("Which station has a range of 3.8 m?", "Pier"),
    case("How much weight did hive 7 lose in January?", "1.9 kilograms"),
    case("When was sugar syrup fed?", "12 October"),
    case("How high is the varroa count?", "14 mites"),
    case("Which hive's scale sent no data?", "hive 9"),
    case("How hot did the kiln get?", "1,240"),
    case("How many degrees an hour is the ramp?", "135"),
    case("After how many hours did the kiln reach its temperature?", "nine hours"),
    case("监测点设在哪里？", "学校屋顶"),
    case("平均浓度是多少？", "38.6"),
    case("周末的浓度比工作日低多少？", "17%"),
    case("采集了多少天的数据？", "四十二天"),
    case("超标阈值是多少？", "75"),
    case("Wie viele Haushalte haben geantwortet?", "318"),
    case("Wie hoch war der Rücklauf?", "0.41"),
    case("What is the Betz limit in the turbine model?", "0.593"),
    case("What is the rotor diameter?", "54 metres"),
    case("varroa mites a day", "14"),
    case("tide range pier", "3.8 m"),
    case("How large is the mean level in the tide notebook?", "2.41"),
    case("空气质量分析用了多少天的数据？", "四十二天"),
    case("What was hive 9's fault?", "sent no data"),
    case("What does the residual deviate by?", "6.2"),
    case("kiln ramp", "135"),
    case("Welche Quote hatte die Umfrage?", "0.41"),
]


def test_the_answer_is_the_right_one(tmp_path: Path, remembering: RememberingEmbedder) -> None:
    missed = misses(written(tmp_path, FILES), CASES, remembering)
    assert len(missed) <= 1, missed


def test_nothing_of_a_picture_or_a_program_is_read(tmp_path: Path) -> None:
    for name in FILES:
        said = "\n".join(block.text for block in formats.parse(written(tmp_path, FILES) / name, name).blocks)
        assert _PICTURE[:40] not in said
        for mark in ("image/png", "base64", "nbformat", "execution_count", "<svg", "\u001b[", "plotly"):
            assert mark not in said, (name, mark)
