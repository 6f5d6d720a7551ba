"""Durations in words."""


def duration(seconds: float) -> str:
    """Rounded to a useful precision: 40 s, 12 min, 3.5 h, 2.1 days."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 36 * 3600 else f"{seconds / 86400:.1f} days"
