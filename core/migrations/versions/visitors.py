"""Each row has the visitor who made it, first in the primary key: what there is, is the user's."""

import sqlalchemy as sql
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Tables anew, as SQLite cannot change a primary key; texts of others have no length."""
    _replace(
        "drawings",
        sql.Column("id", sql.BigInteger, primary_key=True, autoincrement=False),
        sql.Column("created", sql.DateTime, nullable=False),
        sql.Column("label", sql.String(16), nullable=False),
        sql.Column("predicted", sql.Text, nullable=False),
        sql.Column("confidence", sql.Float, nullable=False),
        sql.Column("model", sql.Text, nullable=False),
        sql.Column("strokes", sql.JSON, nullable=False),
        sql.Column("picture", sql.LargeBinary, nullable=False),
    )
    op.create_index("ix_drawings_created", "drawings", ["visitor", "created", "id", "label"])
    _replace(
        "marks",
        sql.Column("data", sql.String(200), primary_key=True),
        sql.Column("row", sql.Integer, primary_key=True, autoincrement=False),
        sql.Column("picture", sql.String(32), nullable=False),
        sql.Column("label", sql.Text, nullable=False),
        sql.Column("kind", sql.String(16), nullable=False),
        sql.Column("becomes", sql.Text, nullable=False),
        sql.Column("marked", sql.DateTime, nullable=False),
    )


def _replace(name: str, *columns: sql.Column[object]) -> None:
    visitor = sql.Column("visitor", sql.String(64), primary_key=True)
    new, names = op.create_table(f"new_{name}", visitor, *columns), [one.name for one in columns]
    old = sql.table(name, *(sql.column(one) for one in names))
    op.execute(sql.insert(new).from_select(["visitor", *names], sql.select(sql.literal(""), old)))
    op.drop_table(name)
    op.rename_table(f"new_{name}", name)
