"""Durations and sizes in words, and text that is no Markdown."""

import re

_SIGN = re.compile(
    r"[\\`*\[\]<>~$|]"  # emphasis, code, links and pictures, HTML, formulas, tables
    r"|(?<![^\W_])_|_(?![^\W_])"  # emphasis too, but not within a word
    r"|:(?=//|\w+\[|[\w/+-]+:)"  # http://…, :red[…], :material/…:
    r"|&(?=#|\w+;)"
    r"|^[-+#=]|(?<=^\d)[.)]"  # a list or a heading
)

_SPACE = re.compile(r"\s+", re.ASCII)  # not those that do not break


def plain(text: object) -> str:
    """Text as Markdown that shows just it: for every name, label and sentence that comes from data,
    files, or an address, wherever Streamlit takes Markdown. Else a class called `![](http://…)` has
    the browser fetch that address.
    """
    return _SIGN.sub(r"\\\g<0>", _SPACE.sub(" ", str(text)).strip(" "))


def code(text: object) -> str:
    """The same as code; it holds no backtick."""
    return f"`{_SPACE.sub(' ', str(text).replace('`', chr(39))) or ' '}`"


def duration(seconds: float) -> str:
    """Rounded to a useful precision: 40 s, 12 min, 3.5 h, 2.1 days."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 36 * 3600 else f"{seconds / 86400:.1f} days"


def megabytes(size: int) -> str:
    """Bytes as 562 MB, or 0.4 MB."""
    return f"{size / 10**6:.0f} MB" if size >= 10**7 else f"{size / 10**6:.1f} MB"
