"""What all sections of the settings have in common."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationInfo, field_validator

from kb.system.addresses import login_of
from kb.system.redact import know_secret


class Section(BaseModel):
    """A section: unknown names are refused, secrets become known as such."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, hide_input_in_errors=True)

    @field_validator("*", mode="before")
    @classmethod
    def _no_number(cls, value: object, info: ValidationInfo) -> object:
        """Refuses true and false where a number is wanted: they would be taken for 1 and 0."""
        annotation = cls.model_fields[str(info.field_name)].annotation
        if isinstance(value, bool) and annotation is not bool:
            raise ValueError("true and false are no value for it")
        return value

    def model_post_init(self, _context: Any) -> None:
        """Makes its keys known as secrets, and what logs in to its addresses."""
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, SecretStr):
                know_secret(value.get_secret_value())
            elif isinstance(value, str) and "://" in value:
                for secret in login_of(value):
                    know_secret(secret)
