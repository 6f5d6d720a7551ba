"""How many screens are open, and what was chosen on them."""

from streamlit.runtime import exists, get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.stats import GaugeStat

_FAMILY = "active_sessions"


def count_sessions() -> int:
    """As Streamlit's runtime counts them; 0 where none runs."""
    if not exists():
        return 0
    stats = get_instance().stats_mgr.get_stats([_FAMILY])
    return sum(stat.value for stat in stats.get(_FAMILY, ()) if isinstance(stat, GaugeStat))


def bytes_chosen(session: str) -> tuple[int, int]:
    """In memory, of the files that one session has chosen and of those of all sessions."""
    manager = get_instance().uploaded_file_mgr
    assert isinstance(manager, MemoryUploadedFileManager)
    # copied, for sessions end meanwhile
    sessions = {name: [*files.values()] for name, files in [*manager.file_storage.items()]}
    sizes = {name: sum(len(file.data) for file in files) for name, files in sessions.items()}
    return sizes.get(session, 0), sum(sizes.values())
