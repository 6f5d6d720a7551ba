"""What a screen says where it fails: a sentence for what people can mend, nothing for the rest."""

import errno

import streamlit as st

from core.errors import InklingError
from pages.shared.text import plain

_MENDED = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}
"""A full disk, and folders that may not be written."""


def explain(error: Exception) -> bool:
    """Show it as a sentence; whether there is one, else Streamlit shows its own."""
    if isinstance(error, InklingError):
        sentence = str(error)
    elif isinstance(error, OSError) and error.errno in _MENDED:
        sentence = (
            f"{error.filename or 'A file'} cannot be written ({error.strerror}); make room there, "
            "or let Inkling write."
        )
    else:
        return False
    st.error(plain(sentence), icon=":material/error:")
    return True
