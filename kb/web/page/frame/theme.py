"""The look of what Gradio draws: system fonts, quiet colours, light and dark."""

from __future__ import annotations

from kb.web.page.toolkit import gr

_SANS = (
    "system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "PingFang SC", "Microsoft YaHei",
    "Noto Sans CJK SC", "sans-serif",
)  # fmt: skip
_MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")


def theme() -> gr.themes.Base:
    """Returns a theme of installed fonts, so that nothing is fetched; colours are variables of page.css."""
    return gr.themes.Base(
        primary_hue="blue", neutral_hue="stone", radius_size="md", font=_SANS, font_mono=_MONO
    ).set(
        body_background_fill="var(--paper)",
        body_background_fill_dark="var(--paper)",
        body_text_color="var(--ink)",
        body_text_color_dark="var(--ink)",
        body_text_color_subdued="var(--quiet)",
        body_text_color_subdued_dark="var(--quiet)",
        background_fill_primary="var(--sheet)",
        background_fill_primary_dark="var(--sheet)",
        background_fill_secondary="var(--paper)",
        background_fill_secondary_dark="var(--paper)",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_border_width="0px",
        block_border_width_dark="0px",
        block_shadow="none",
        block_label_text_color="var(--quiet)",
        block_label_text_color_dark="var(--quiet)",
        border_color_primary="var(--rule)",
        border_color_primary_dark="var(--rule)",
        border_color_accent="var(--accent)",
        border_color_accent_dark="var(--accent)",
        color_accent="var(--accent)",
        color_accent_soft="var(--tint)",
        color_accent_soft_dark="var(--tint)",
        input_background_fill="var(--sheet)",
        input_background_fill_dark="var(--sheet)",
        input_background_fill_focus="var(--sheet)",
        input_background_fill_focus_dark="var(--sheet)",
        input_border_color="var(--rule)",
        input_border_color_dark="var(--rule)",
        input_border_color_focus="var(--accent)",
        input_border_color_focus_dark="var(--accent)",
        button_primary_background_fill="var(--accent)",
        button_primary_background_fill_dark="var(--accent)",
        button_primary_text_color="var(--on-accent)",
        button_primary_text_color_dark="var(--on-accent)",
        button_secondary_background_fill="transparent",
        button_secondary_background_fill_dark="transparent",
        button_secondary_background_fill_hover="var(--tint)",
        button_secondary_background_fill_hover_dark="var(--tint)",
        button_secondary_text_color="var(--ink)",
        button_secondary_text_color_dark="var(--ink)",
        link_text_color="var(--accent)",
        link_text_color_dark="var(--accent)",
    )
