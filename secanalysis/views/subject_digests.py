"""A hash of what each page of a modification and of a release shows."""

from __future__ import annotations

from secanalysis.analysis.modification_facts import modification_facts
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.views.modification import Modification
from secanalysis.views.release import release_digests


def digests(register: ResolvedRegister) -> dict[str, dict[str, str]]:
    """Hashes by the name of the notebook and by what it is about."""
    return {
        "modification": {ref: Modification(register, ref).digest for ref in modification_facts(register)},
        "release": release_digests(register),
    }
