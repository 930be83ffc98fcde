"""What a question is for, told to a model in its own template."""

from __future__ import annotations

from types import MappingProxyType

from kb.errors import Misconfigured
from kb.models.embed.spec import EmbedderSpec

TEMPLATE = "Instruct: {instruction}\nQuery:"
"""How models of the Qwen family, and many since, are told what a question is for; no space after the colon."""
TASKS = MappingProxyType(
    {
        "retrieval": "",
        "code": "Given a question or a description of what code does, retrieve the code that answers or does it",
        "duplicates": "Retrieve passages that say the same in other words",
        "classification": "Identify the category of the given text",
        "clustering": "Identify the topic of the given text",
        "parallel": "Retrieve the sentence that says the same in another language",
    }
)
"""What questions can be for, by name, with the instruction for it: a sentence in English, in which models learnt them,
whatever language the passages are in (model card of Qwen3-Embedding). Empty is the model's own."""


def query_prompt(spec: EmbedderSpec | None, instruction: str | None) -> str:
    """Returns what stands before a question: by the model's own template, with ``instruction`` where one is set.

    A model that nothing is known of (``spec`` is None) gets nothing, or the template of the Qwen family where an
    instruction is set. Passages carry none of it, so that another instruction asks for no passage anew.

    Raises:
        Misconfigured: an instruction is set, and the model is known to take none.
    """
    own = "" if spec is None else spec.query_prompt
    if instruction is None:
        return own
    if spec is not None and not takes_instructions(spec):
        raise Misconfigured(
            f"embedding.instruction is set, and {spec.model} takes no instructions: it begins every question with "
            f"{own!r}. Remove embedding.instruction, or use a model that takes them, such as Qwen3-Embedding."
        )
    return TEMPLATE.format(instruction=instruction.strip())


def takes_instructions(spec: EmbedderSpec) -> bool:
    """Returns whether the model's own prompt for questions is an instruction."""
    head, tail = TEMPLATE.split("{instruction}")
    return spec.query_prompt.startswith(head) and spec.query_prompt.endswith(tail)
