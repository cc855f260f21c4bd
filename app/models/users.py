"""People who sign in."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Id, Model, UTCDateTime, words
from app.rules.vocabulary import Role


class User(Model):
    """An account. `unit_id` is the scope of officials and province staff; without a password none can sign in."""

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(Id(), primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    sort_key: Mapped[str] = mapped_column(String(160))
    role: Mapped[Role] = mapped_column(words(Role))
    unit_id: Mapped[str | None] = mapped_column(ForeignKey("units.id"))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
