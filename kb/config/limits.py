"""How much each key may ask for."""

from __future__ import annotations

from pydantic import Field

from kb.config.section import Section


class LimitSettings(Section):
    """How much each key may ask for; whoever comes without a key is the owner, and has no limit."""

    requests_a_minute: int = Field(
        default=600, ge=1, le=1_000_000, description="The most requests that a key may send in a minute."
    )
    running_answers: int = Field(
        default=8, ge=1, le=10_000, description="The most answers that are made for a key at the same time."
    )
    upload_megabytes_a_day: int = Field(
        default=4096,
        ge=1,
        le=100_000_000,
        description="The most that a key may send in a day, files and all else.",
    )
    storage_megabytes: int = Field(
        default=0,
        ge=0,
        le=100_000_000,
        description="The most that a person who is no owner keeps, whichever page or key it came by, and a key of an "
        "owner in the collections that it is for; 0 sets no limit.",
    )
