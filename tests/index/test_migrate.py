"""Laws of migrations: they lead to the tables that the code expects."""

from sqlalchemy import text

from kerascope.index import db, migrate, schema
from kerascope.index.build import open_index
from tests.index.logs import Log, dump, store


def tables(engine):
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name")
        )
        return {name: " ".join((sql or "").replace(",", " , ").split()) for name, sql in rows}


def test_migrations_make_the_tables_of_the_schema(tmp_path):
    migrated, created = db.writer(tmp_path / "a.sqlite"), db.writer(tmp_path / "b.sqlite")
    assert migrate.upgrade(migrated)
    db.create(created)
    found, wanted = tables(migrated), tables(created)
    version = "alembic_version"
    assert found.pop(version)
    assert wanted.pop(version)
    assert found == wanted
    with migrated.connect() as connection:
        assert db.revision(connection) == schema.REVISION
    migrated.dispose()
    created.dispose()


def test_an_unknown_version_is_left_alone(tmp_path):
    engine = db.writer(tmp_path / "a.sqlite")
    db.create(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert not migrate.upgrade(engine)
    engine.dispose()


def test_an_index_may_begin_with_migrations_alone(tmp_path):
    paths = store(tmp_path)
    Log(paths, "r1").row(0, a=1.0).finish()
    paths.index.parent.mkdir()
    engine = db.writer(paths.index)
    assert migrate.upgrade(engine)
    engine.dispose()
    with open_index(paths) as index:
        assert index.refresh()
        grown = dump(paths)
        index.rebuild()
    assert dump(paths) == grown
