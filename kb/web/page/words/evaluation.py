"""The words of the screen for evaluations: how good it is in three figures, and what experts compare."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EvaluationWords:
    """The words of one language. ``{}`` fields are filled in by name."""

    title: str
    hint: str
    first: str
    """What stands below the share of questions whose right passage came first; ``{found}`` of ``{questions}``."""
    among: str
    answered: str
    refused: str
    """Added to ``answered`` where some were refused."""
    not_answered: str
    """In place of ``answered`` where no answer was made."""
    measured: str
    """``{when}`` and with how many ``{questions}``."""
    not_measured: str
    none_kept: str
    measure: str
    again: str
    compare: str
    compare_hint: str
    kept: str
    folder: str
    setting_a: str
    setting_b: str
    no_other: str
    as_set: str
    why_as_set: str
    meaning: str
    why_meaning: str
    words_only: str
    why_words_only: str
    balanced: str
    why_balanced: str
    second_look: str
    why_second_look: str
    careful: str
    why_careful: str
    generous: str
    why_generous: str
    few: str
    why_few: str
    own: str
    why_own: str
    own_settings: str
    limit: str
    answers: str
    run: str
    figures: str
    """What unfolds the table of a result."""
    latency: str
    """``{step}`` took ``{half}`` in half of the cases and ``{most}`` in all but a twentieth; in milliseconds."""
    search: str
    answer: str

    def of(self, group: str, name: str) -> str:
        """Returns the word with this name in a group of words."""
        return str(getattr(self, f"{group}_{name}" if group else name))


EN = EvaluationWords(
    title="How good is it on my questions?",
    hint="Measured with the questions you have marked the right passage for. Your library is not changed.",
    first="of my questions find the right passage first: {found} of {questions}.",
    among="of what answers them is among the first ten passages.",
    answered="of my questions get an answer: {found} of {questions}.",
    refused="{count} were refused, though a passage answers.",
    not_answered="No answer was made, so none was judged.",
    measured="Measured {when}. Questions: {questions}.",
    not_measured="Questions with a marked passage: {count}. Measure, and you know in a moment.",
    none_kept="To find out, ask something and press “This passage answers it” under the source that does; the search "
    "screen has the same button. Ten questions say a lot.",
    measure="Measure",
    again="Measure again",
    compare="Compare settings, or measure with other questions",
    compare_hint="Setting B is measured on top of setting A, with the same questions; the table says whether the "
    "difference is more than chance.",
    kept="My kept questions",
    folder="Folder with questions, on this machine",
    setting_a="Setting A",
    setting_b="Setting B",
    no_other="None: measure A alone",
    as_set="As it is set",
    why_as_set="What your questions are answered with now.",
    meaning="By meaning alone",
    why_meaning="Finds what says the same in other words or another language; misses names and numbers.",
    words_only="By words alone",
    why_words_only="Finds names, numbers and rare words exactly; misses what is said differently.",
    balanced="Meaning and words alike",
    why_balanced="Both count the same: how Footnote comes.",
    second_look="With a second look",
    why_second_look="A model on this machine orders what was found once more, where there is one; slower.",
    careful="Refuses readily",
    why_careful="Rather says once too often that the documents do not answer.",
    generous="Refuses seldom",
    why_generous="Answers wherever the passages are about the same thing.",
    few="Four passages",
    why_few="An answer draws on four passages: quicker, and with less to lean on.",
    own="Other settings…",
    why_own="Any setting of the manual, as NAME=VALUE, several with a space between.",
    own_settings="Other settings, NAME=VALUE",
    limit="At most so many questions",
    answers="Of these, answer",
    run="Run",
    figures="All figures",
    latency="{step}: {half} ms in half of the cases, {most} ms in all but a twentieth",
    search="searching",
    answer="answering",
)

ZH = EvaluationWords(
    title="对我的问题，它有多好？",
    hint="用你标出了正确段落的问题来衡量。文档库不会改变。",
    first="的问题首先找到正确的段落：{questions} 个中有 {found} 个。",
    among="能回答问题的内容在前十个段落之中。",
    answered="的问题得到了回答：{questions} 个中有 {found} 个。",
    refused="另有 {count} 个被拒答，尽管有段落能回答。",
    not_answered="没有生成回答，因此没有可评判的。",
    measured="{when} 用 {questions} 个问题测得。",
    not_measured="你已为 {count} 个问题标出了正确的段落。点击“衡量”，片刻便知。",
    none_kept="想知道结果，请先提问，再在能回答它的来源下点击“这段回答了问题”；检索页面也有同样的按钮。有十个问题就很能说明情况。",
    measure="衡量",
    again="重新衡量",
    compare="比较设置，或用其他问题衡量",
    compare_hint="设置乙在设置甲之上，用同样的问题衡量；表格会说明差别是否只是偶然。",
    kept="我保存的问题",
    folder="本机上的问题集文件夹",
    setting_a="设置甲",
    setting_b="设置乙",
    no_other="无：只衡量甲",
    as_set="当前设置",
    why_as_set="你的问题现在就是这样回答的。",
    meaning="只看语义",
    why_meaning="能找到换了说法或另一种语言的内容，但会漏掉名称和数字。",
    words_only="只看词语",
    why_words_only="能准确找到名称、数字和少见的词，但会漏掉换了说法的内容。",
    balanced="语义与词语并重",
    why_balanced="两者同样重要，这是默认方式。",
    second_look="加上二次排序",
    why_second_look="若本机有这样的模型，就对找到的段落再排一次序；较慢。",
    careful="从严，宁可拒答",
    why_careful="宁可多说几次“文档中没有答案”。",
    generous="从宽，少拒答",
    why_generous="只要段落谈的是同一件事就回答。",
    few="四个段落",
    why_few="一个回答只依据四个段落：更快，但依据更少。",
    own="其他设置……",
    why_own="手册中的任何设置，写成 名称=值，多个之间用空格分开。",
    own_settings="其他设置，名称=值",
    limit="最多提问数",
    answers="其中生成回答的数量",
    run="运行",
    figures="全部指标",
    latency="{step}：半数情况下 {half} 毫秒，除二十分之一外 {most} 毫秒以内",
    search="检索",
    answer="回答",
)
