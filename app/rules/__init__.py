"""Pure thinking: no Flask, no SQL, no marshmallow. Twins of some of it live in static/js/phone/rules."""
