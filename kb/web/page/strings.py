"""Every word of the page has a name here; ``strings_en.py`` and ``strings_zh.py`` hold the words."""

from __future__ import annotations

from dataclasses import dataclass

from kb.types import DENIED, CheckedSentence, Difference, DocumentState, Support
from kb.web.sentences.catalogue import said_in


@dataclass(frozen=True, slots=True)
class Strings:
    """The words of one language. ``{}`` fields are filled in by name."""

    ask_tab: str
    library_tab: str

    # Library
    choose_files: str
    all_collections: str
    name: str
    state: str
    pages: str
    size: str
    added: str
    actions: str
    delete: str
    retry: str
    edit_tags: str
    save: str
    left_out: str
    disable: str
    enable: str
    also_in: str
    dismiss: str
    vectors_title: str
    vectors_now: str
    vectors_to: str
    vectors_url: str
    vectors_ask: str
    vectors_cost: str
    vectors_move: str
    vectors_moving: str
    vectors_done: str
    vectors_stays: str
    embedder_title: str
    embedder_cut: str
    embedder_now: str
    embedder_proving: str
    embedder_quickest: str
    embedder_hint: str
    embedder_model: str
    embedder_engine: str
    embedder_width: str
    embedder_url: str
    embedder_instruction: str
    embedder_ask: str
    embedder_measuring: str
    embedder_cost: str
    embedder_cost_none: str
    embedder_switch: str
    embedder_changing: str
    embedder_embedding: str
    embedder_indexing: str
    embedder_checking: str
    embedder_stop: str
    embedder_undo: str
    embedder_questions: str
    cancel: str
    select: str
    previous: str
    next: str
    upload_waiting: str
    upload_sending: str
    upload_beside: str
    upload_replace: str
    upload_version: str
    upload_present: str
    upload_failed: str
    upload_too_large: str
    connection_lost: str
    something_wrong: str
    pause: str
    resume: str
    pause_all: str
    resume_all: str
    speed: str
    time_left: str
    all_paused: str
    job_paused: str
    job_waiting: str
    place: str
    pages_done: str
    passages_done: str
    seconds: str
    minutes: str
    hours: str
    state_queued: str
    state_parsing: str
    state_embedding: str
    state_indexing: str
    state_ready: str
    state_failed: str
    state_cancelled: str
    state_deleting: str

    # Ask
    question_placeholder: str
    ask: str
    stop: str
    source_gone: str
    model: str
    added_since: str
    added_until: str
    added_between: str
    narrowed_to: str
    as_words: str
    answered_by: str
    answered_by_quotes: str
    answered_by_library: str
    """No model wrote it: the answer is made of sentences of the documents."""
    searching: str
    thinking: str
    sources: str
    also_found: str
    searched_for: str
    source_n: str
    not_backed: str
    unsupported: str
    unsupported_hint: str
    weak: str
    weak_hint: str
    difference_missing: str
    difference_other_value: str
    difference_other_subject: str
    difference_opposite: str
    difference_exchanged: str
    difference_denied: str
    check_it: str
    closest: str
    context_searched: str
    context_beside: str
    edit_search: str
    search_alone: str
    reading_whole: str
    stopped: str
    incomplete: str
    dropped: str

    # Evaluation
    evaluation_tab: str
    evaluation_settings_form: str
    evaluation_starting: str
    evaluation_importing: str
    evaluation_embedding: str
    evaluation_searching: str
    evaluation_timing: str
    evaluation_answering: str
    evaluation_comparing: str
    evaluation_stopping: str
    evaluation_cancelled: str
    evaluation_none: str
    evaluation_asked: str
    evaluation_figure: str
    evaluation_as_set: str
    evaluation_interval: str
    evaluation_difference: str
    evaluation_history: str
    evaluation_runs: str
    evaluation_missed: str
    confirm_remove_result: str
    evaluation_question: str
    evaluation_wanted: str
    evaluation_found: str
    evaluation_unread: str
    evaluation_notes: str
    evaluation_disk: str
    evaluation_report: str
    keep_answer: str
    kept: str
    kept_none: str
    kept_questions: str
    figure_hit: str
    figure_recall: str
    figure_precision: str
    figure_chunk: str
    figure_iou: str
    figure_document: str
    figure_page: str
    figure_answer: str
    figure_answered: str
    figure_contains: str
    figure_citation: str
    figure_refusal: str

    language: str
    """The code of the language that all of this is in, as in HTML."""

    def said(self, sentence: str) -> str:
        """Returns a sentence of the program, such as a stored reason, in this language as far as that is known."""
        return said_in(self.language, sentence)

    def state_name(self, state: DocumentState) -> str:
        return str(getattr(self, f"state_{state.value}"))

    def doubt(self, check: CheckedSentence) -> str:
        """Returns why a sentence is in doubt, in whole sentences: what differs, where a fact of it shows it."""
        hint = self.weak_hint if check.support is Support.WEAK else self.unsupported_hint
        if check.reason is None:
            return hint
        known = Difference.DENIED if check.reason == DENIED else Difference.MISSING
        said: str = getattr(self, f"difference_{(check.difference or known).value}")
        differs = said.format(what=check.reason)
        return f"{hint} {differs}" if check.support is Support.WEAK else differs
