"""Signing in, on the wire."""

from marshmallow import fields

from app.rules.vocabulary import Role, TeamKind
from app.schemas import Strict, Text, UnitId, Word


class DeviceClaimSchema(Strict):
    """The phone someone signs in on; its own id is best a UUID, but any short text will do."""

    id = Text(most=64, least=1, required=True)
    name = Text(most=120, required=True)


class SignInSchema(Strict):
    """What it takes to sign in."""

    username = Text(most=64, required=True)
    password = fields.String(required=True, load_only=True)
    device = fields.Nested(DeviceClaimSchema, load_default=None, allow_none=True)


class OwnTeamSchema(Strict):
    """A team of the signed-in user's."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    kind = Word(TeamKind, required=True)
    unit_id = UnitId(required=True)


class OwnUserSchema(Strict):
    """The signed-in user."""

    id = fields.String(required=True)
    username = fields.String(required=True)
    name = fields.String(required=True)
    role = Word(Role, required=True)
    unit_id = UnitId(required=True, allow_none=True)
    teams = fields.List(fields.Nested(OwnTeamSchema), required=True)


class OwnDeviceSchema(Strict):
    """The phone signed in on: its secret proves where a record comes from, the key seals it for the server."""

    id = fields.String(required=True)
    secret = fields.String(required=True)
    sealing_key = fields.String(required=True)


class SessionSchema(Strict):
    """A session: who, and the token that every change must carry as `X-CSRFToken`."""

    user = fields.Nested(OwnUserSchema, required=True)
    csrf_token = fields.String(required=True)
    device = fields.Nested(OwnDeviceSchema, required=True, allow_none=True)
