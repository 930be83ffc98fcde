"""What every section of the settings is made of: frozen values, unknown names refused, keys made known as secrets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    SecretStr,
    ValidationInfo,
    field_validator,
)

from kb.system.addresses import secrets_of
from kb.system.redact import know_secret


def expanded(path: Path) -> Path:
    """Returns ``path`` with its ``~``, which not every program expands that passes one on."""
    try:
        return path.expanduser()
    except RuntimeError:  # of somebody whom the system does not know: then it is a name as any other
        return path


TypedPath = Annotated[Path, AfterValidator(expanded)]


class Section(BaseModel):
    """Values that belong together, as ``[name]`` in ``footnote.toml`` holds them."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, hide_input_in_errors=True)

    @field_validator("*", mode="before")
    @classmethod
    def _no_number(cls, value: object, info: ValidationInfo) -> object:
        """Refuses true and false where a number is wanted: they would be taken for 1 and 0."""
        annotation = cls.model_fields[str(info.field_name)].annotation
        if isinstance(value, bool) and annotation is not bool and bool not in get_args(annotation):
            raise ValueError("true and false are no value for it")
        return value

    def model_post_init(self, _context: Any) -> None:
        """Makes its keys known as secrets, and what may be a key in its addresses."""
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, SecretStr):
                know_secret(value.get_secret_value())
            elif isinstance(value, str) and "://" in value:
                for secret in secrets_of(value):
                    know_secret(secret)


def _clean_key(value: object) -> object:
    """Returns a key without the white space that files and clipboards leave around it; None where nothing is left.

    Raises:
        ValueError: no header can hold it.
    """
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    if not isinstance(text, str):
        return value
    text = text.strip()
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("not a key")
    return SecretStr(text) if text else None


Key = Annotated[SecretStr | None, BeforeValidator(_clean_key)]
"""A setting that is a key. Its field says in ``address`` which setting of its section has the server that it is for."""
