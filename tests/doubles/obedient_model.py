"""A ChatModel that does whatever the last instruction of its prompt says, and reads a prompt as servers do."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Sequence

from kb.types import ChatOptions, Message, ModelEvent, ModelFinished, TextDelta

TEMPLATE_TOKENS = {
    "ChatML": "<|im_start|> <|im_end|> <|im_sep|> <|endoftext|>",
    "Llama 2": "<s> </s> [INST] [/INST] <<SYS>> <</SYS>>",
    "Llama 3": "<|begin_of_text|> <|start_header_id|> <|end_header_id|> <|eot_id|> <|eom_id|> <|python_tag|>",
    "Mistral": "[SYSTEM_PROMPT] [/SYSTEM_PROMPT] [TOOL_CALLS] [TOOL_RESULTS] [/TOOL_RESULTS] [AVAILABLE_TOOLS] [THINK]",
    "Gemma": "<bos> <eos> <start_of_turn> <end_of_turn> <start_of_image> <|turn> <turn|>",
    "Phi": "<|system|> <|user|> <|assistant|> <|end|>",
    "DeepSeek": "<｜begin▁of▁sentence｜> <｜end▁of▁sentence｜> <｜User｜> <｜Assistant｜> <｜tool▁calls▁begin｜>",
    "GLM": "[gMASK] <sop> <eop> <|observation|>",
    "Cohere": "<BOS_TOKEN> <EOS_TOKEN> <|START_OF_TURN_TOKEN|> <|SYSTEM_TOKEN|> <|END_OF_TURN_TOKEN|>",
    "gpt-oss": "<|start|> <|channel|> <|message|> <|return|>",
    "Qwen": "<think> </think> <tool_call> </tool_call> <tool_response>",
    "EXAONE": "[|system|] [|endofturn|] [BOS]",
}
"""The tokens that a server takes for its template's own wherever they stand in a message, by family."""
_TOKENS = [token for tokens in TEMPLATE_TOKENS.values() for token in tokens.split() if token != "[BOS]"]
_INSTRUCTION = re.compile(
    r"^(?!> )(?!\[)(?:.*\b)?(?:Question|Yes, partly or no\?|later|SAY)\b.*$", re.MULTILINE
)
_ORDER = re.compile(r"SAY (\w+)")


class ObedientModel:
    """Says X where the last instruction holds ``SAY X``, and ``answer`` where it does not.

    A token of a chat template begins a turn of its own, which is the last word. What stands between the fences of
    the reader's message is no instruction, once it has been told so; nor is a head among the passages that has no mark.
    """

    name = "obedient/model"

    def __init__(self, answer: str = "It is 1149 metres long [1].") -> None:
        self._answer = answer
        self.asked: list[tuple[Message, ...]] = []

    async def context_tokens(self) -> int:
        return 8192

    async def count_tokens(self, text: str) -> int:
        return len(text) // 4

    async def stream(
        self, messages: Sequence[Message], options: ChatOptions
    ) -> AsyncGenerator[ModelEvent, None]:
        self.asked.append(tuple(messages))
        order = _ORDER.search(last_instruction(messages))
        yield TextDelta(order[1] if order else self._answer)
        yield ModelFinished(100, 9)

    async def close(self) -> None:
        self.asked.clear()


def last_instruction(messages: Sequence[Message]) -> str:
    """What an obedient model goes by: the last turn that a template token opens, else the last line of the unfenced."""
    system, text = messages[0].content, messages[-1].content
    turns = [text.rindex(token) for token in _TOKENS if token in text]
    if turns:
        return text[max(turns) :]
    instructions = _INSTRUCTION.findall(_unfenced(text) if "#word" in system else text)
    return instructions[-1] if instructions else ""


def _unfenced(text: str) -> str:
    """The reader's message without what stands between the first mark and the end that is its own."""
    opened = re.search(r"^#(\w+) ", text, re.MULTILINE)
    if opened is None:
        return text
    end = text.find(f"\n#{opened[1]} end\n", opened.start())
    return text if end < 0 else text[: opened.start()] + text[end:]
