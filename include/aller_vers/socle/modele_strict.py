"""What a file says, as a model: frozen, and refused where it says what nobody asked for."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class ModeleStrict(BaseModel):
    """A model that nothing changes, and that knows all of its fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")
