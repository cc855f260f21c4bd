"""Loading what is plainly sound with one call per field: a push carries thousands of values, nearly all sound.

The schemas stay the only definition of what may be sent. A field says by `quick(value)` what a sound value
becomes, and raises anything at all where it is not sure; then marshmallow loads the whole again, and tells
everything that is wrong.
"""

from collections.abc import Callable
from typing import Any

from marshmallow import Schema, ValidationError, fields, missing

Load = Callable[[Any], Any]

_UNSURE = (ValidationError, ValueError, TypeError, KeyError)


def loading(schema: Schema) -> Load:
    """Return a function that loads as `schema.load` does, errors included, and quickly what is sound."""
    quick = _of_schema(schema)

    def load(sent: Any) -> Any:
        try:
            return quick(sent)
        except _UNSURE:
            return schema.load(sent)

    return load


def _of_schema(schema: Schema) -> Load:
    """Return a loader of sound objects. Schemas with hooks have none: marshmallow alone runs them."""
    if any(schema._hooks.values()):  # noqa: SLF001 (marshmallow tells it nowhere else)
        raise TypeError(f"{type(schema).__name__} has hooks")
    parts = [
        (name, _of_field(field), field.load_default, field.allow_none, field.required)
        for name, field in schema.load_fields.items()
    ]
    known = schema.load_fields.keys()

    def load(sent: Any) -> dict[str, Any]:
        if type(sent) is not dict or not sent.keys() <= known:
            raise TypeError
        found = {}
        for name, quick, default, allows_none, is_required in parts:
            value = sent.get(name, missing)
            if value is missing:
                if is_required:
                    raise KeyError(name)
                if default is not missing:
                    found[name] = default() if callable(default) else default
            elif value is not None:
                found[name] = quick(value)
            elif allows_none:
                found[name] = None
            else:
                raise TypeError
        return found

    return load


def _of_field(field: fields.Field[Any]) -> Load:
    if isinstance(field, fields.Nested):
        return _of_schema(field.schema)
    if type(field) is fields.List:
        return _of_list(_of_field(field.inner))
    return getattr(field, "quick", field.deserialize)


def _of_list(inner: Load) -> Load:
    def load(sent: Any) -> list[Any]:
        if type(sent) is not list:
            raise TypeError
        return [inner(each) for each in sent]

    return load
