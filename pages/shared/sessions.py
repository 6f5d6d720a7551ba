"""How many screens are open."""

from streamlit.runtime import exists, get_instance
from streamlit.runtime.stats import GaugeStat

_FAMILY = "active_sessions"


def count_sessions() -> int:
    """As Streamlit's runtime counts them; 0 where none runs."""
    if not exists():
        return 0
    stats = get_instance().stats_mgr.get_stats([_FAMILY])
    return sum(stat.value for stat in stats.get(_FAMILY, ()) if isinstance(stat, GaugeStat))
