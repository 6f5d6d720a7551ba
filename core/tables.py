"""The tables of the store, as the newest migration leaves them (`core/migrations`)."""

import sqlalchemy as sql

MAX_LABEL = 16
"""Characters of a drawing's true label."""

MAX_DATA = 200
"""Characters of a data set's name."""

TABLES = sql.MetaData()

DRAWINGS = sql.Table(
    "drawings",
    TABLES,
    # two visitors who bring the same export have drawings of the same ids
    sql.Column("visitor", sql.String(64), primary_key=True),
    sql.Column("id", sql.BigInteger, primary_key=True, autoincrement=False),
    sql.Column("created", sql.DateTime, nullable=False),
    sql.Column("label", sql.String(MAX_LABEL), nullable=False),
    sql.Column("predicted", sql.Text, nullable=False),
    sql.Column("confidence", sql.Float, nullable=False),
    sql.Column("model", sql.Text, nullable=False),
    sql.Column("strokes", sql.JSON, nullable=False),
    sql.Column("picture", sql.LargeBinary, nullable=False),
    # the newest, and all labels, are read without reading pictures
    sql.Index("ix_drawings_created", "visitor", "created", "id", "label"),
)

MARKS = sql.Table(
    "marks",
    TABLES,
    sql.Column("visitor", sql.String(64), primary_key=True),
    sql.Column("data", sql.String(MAX_DATA), primary_key=True),
    sql.Column("row", sql.Integer, primary_key=True, autoincrement=False),
    sql.Column("picture", sql.String(32), nullable=False),
    sql.Column("label", sql.Text, nullable=False),
    sql.Column("kind", sql.String(16), nullable=False),
    sql.Column("becomes", sql.Text, nullable=False),
    sql.Column("marked", sql.DateTime, nullable=False),
)
