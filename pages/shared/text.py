"""Durations and sizes in words."""


def duration(seconds: float) -> str:
    """As exactly as it is worth knowing: 40 s, 12 min, 3.5 h, 2.1 days."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 36 * 3600 else f"{seconds / 86400:.1f} days"


def size(number: float) -> str:
    """Bytes as 640 kB, 3.5 MB or 12 GB."""
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if number >= 0.9995 * unit:
            digits = 1 if number < 9.95 * unit else 0
            return f"{number / unit:.{digits}f} {name}"
    return f"{number:.0f} B"


def percent(share: float) -> str:
    """With one digit, or two close to the end, where they matter."""
    return f"{share:.2%}" if share > 0.98 else f"{share:.1%}"
