"""Drawings and marks, as they were before databases had a version."""

import sqlalchemy as sql
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create what is not there: databases of that time have one table, or both, or are new."""
    there = sql.inspect(op.get_bind()).get_table_names()
    if "drawings" not in there:
        op.create_table(
            "drawings",
            sql.Column("id", sql.BigInteger, primary_key=True, autoincrement=False),
            sql.Column("created", sql.DateTime, nullable=False),
            sql.Column("label", sql.String(16), nullable=False, index=True),
            sql.Column("predicted", sql.String(16), nullable=False),
            sql.Column("confidence", sql.Float, nullable=False),
            sql.Column("model", sql.String(64), nullable=False),
            sql.Column("strokes", sql.JSON, nullable=False),
            sql.Column("picture", sql.LargeBinary, nullable=False),
        )
    if "marks" not in there:
        op.create_table(
            "marks",
            sql.Column("data", sql.String(200), primary_key=True),
            sql.Column("row", sql.Integer, primary_key=True, autoincrement=False),
            sql.Column("picture", sql.String(32), nullable=False),
            sql.Column("label", sql.String(64), nullable=False),
            sql.Column("kind", sql.String(16), nullable=False),
            sql.Column("becomes", sql.String(64), nullable=False),
            sql.Column("marked", sql.DateTime, nullable=False),
        )
