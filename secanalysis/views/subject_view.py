"""What pages of a subject have in common: a modification's, a release's and the register's, whatever the month."""

from __future__ import annotations

from functools import cached_property

from secanalysis.register.resolved import ResolvedRegister
from secanalysis.views.provenance import Foot, Head, Provenance
from secanalysis.views.view import made_by


class SubjectView:
    """What a page that belongs to no month is about, and what the page was made from."""

    register: ResolvedRegister

    @property
    def title(self) -> str:
        """The page's title."""
        raise NotImplementedError

    @property
    def digest(self) -> str:
        """A hash of all that the page shows."""
        raise NotImplementedError

    @cached_property
    def provenance(self) -> Provenance:
        """What the page was made from: the hash of its data is of what it shows alone."""
        code, versions = made_by(self.register)
        return Provenance(
            month=None,
            title=self.title,
            known_by=self.register.known_by.isoformat() if self.register.known_by else None,
            data_sha256=self.digest,
            code_sha256=code,
            versions=versions,
            synthetic=self.register.is_synthetic,
        )

    def head(self) -> Head:
        """Its title, and a banner if anything is made up."""
        return Head(self.provenance)

    def foot(self) -> Foot:
        """What it was made from."""
        return Foot(self.provenance)
