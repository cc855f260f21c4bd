"""Từng Nhà: the notebook of community digital-technology teams. Only the factory lives here."""

from flask import Flask
from flask_migrate import Migrate

from app import api, cli, models, web
from app.config import ROOT, Config
from app.core import crypto, logs
from app.core.database import db
from app.core.i18n import babel, language
from app.http import assets, compression, errors, guards, health, openapi, proxies, transaction

__all__ = ["create_app", "models"]


def create_app(config: Config | None = None) -> Flask:
    """Make the application: configuration, extensions, edge, blueprints, commands."""
    config = config or Config.from_environment()
    app = Flask(
        "app",
        root_path=str(ROOT / "app"),
        template_folder=str(ROOT / "templates"),
        static_folder=None,
        instance_path=str(config.instance.resolve()),
    )
    app.config.update(
        HOST=config.host,
        PORT=config.port,
        SECRET_KEY=config.secret_key,
        SQLALCHEMY_DATABASE_URI=config.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={"hide_parameters": True},
        BABEL_DEFAULT_LOCALE="vi",
        BABEL_DEFAULT_TIMEZONE="Asia/Ho_Chi_Minh",
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "translations"),
        MAX_CONTENT_LENGTH=guards.LARGEST_BODY,
    )
    logs.configure()
    crypto.install(crypto.Keyring(config.data_key))
    db.init_app(app)
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True, compare_type=True)
    babel.init_app(app, locale_selector=language)

    proxies.init_app(app, config.trusted_proxies)
    compression.init_app(app)
    errors.init_app(app)
    transaction.init_app(app)
    guards.init_app(app)
    assets.init_app(app)
    health.init_app(app)

    openapi.init_app(app, api.BLUEPRINTS)
    web.init_app(app)
    cli.init_app(app)
    return app
