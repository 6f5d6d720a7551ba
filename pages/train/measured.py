"""What training has come to, for a demo that does not train: a run's curve, the models that are
shipped, and those of the originals.
"""

import csv

import plotly.graph_objects as go
import streamlit as st

from core.jobs.public import NO_TRAINING
from core.models.cards import find_cards
from core.settings import ASSETS, Settings
from pages.shared.charts import show_figure
from pages.shared.style import INKS, RATES
from pages.shared.text import code
from pages.train.originals import originals_view

_CURVE = ASSETS / "results" / "time_to_accuracy.csv"
_SHOWN = "notebook-cnn"


def show_measured(settings: Settings) -> None:
    """Figures that were measured elsewhere, each with what it was measured on."""
    st.caption(f"{NO_TRAINING} This is what came of it.")
    st.subheader("A model learns")
    _curve()
    st.subheader("The models of this demo")
    _models(settings)
    st.subheader("Originals")
    originals_view(settings)


def _curve() -> None:
    with open(_CURVE, newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["name"] == _SHOWN]
    epochs = [int(row["epoch"]) for row in rows]
    accuracy = [float(row["test_accuracy"]) for row in rows]
    figure = go.Figure()
    figure.add_scatter(x=epochs, y=accuracy, mode="lines+markers", marker={"color": INKS[0]})
    figure.update_layout(height=260)
    figure.update_xaxes(title="epoch", dtick=1)
    figure.update_yaxes(title="accuracy", tickformat=".1%")
    show_figure(
        figure,
        "learns",
        alt="Accuracy after each epoch",
        table=lambda: [["epoch", "accuracy"], *zip(epochs, accuracy, strict=True)],
    )
    last = rows[-1]
    st.caption(
        f"The network of the article on MNIST, measured on {int(last['n']):,} test images after "
        f"each epoch; {float(last['minutes']):.1f} minutes on {last['hardware']}. Made by "
        f"{code(last['command'])}."
    )


def _models(settings: Settings) -> None:
    rows = [
        {
            "model": card.name,
            "accuracy": card.measured.accuracy,
            "95 % from": card.measured.interval[0],
            "to": card.measured.interval[1],
            "n": card.measured.n,
            "measured on": card.measured.data,
            "parameters": card.parameters,
            "minutes": round(card.minutes, 1),
            "hardware": card.hardware,
            "trained on": card.data,
        }
        for card, _ in find_cards(settings).values()
        if card.measured
    ]
    st.dataframe(rows, hide_index=True, alt="The models", height="content", column_config=RATES)
