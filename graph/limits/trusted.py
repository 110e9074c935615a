"""Trusted documents: what the frontends were built with, named by the sha256 of their text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from graph.refusal import bad_request


def manifest(texts: Iterable[str]) -> dict[str, str]:
    """The documents by their names, as HOMEROOM_TRUSTED_DOCUMENTS wants them."""
    return {_name(text): text for text in texts}


class TrustedDocuments:
    """A manifest as code generators write it: a JSON object from sha256 to document."""

    def __init__(self, documents: Mapping[str, str], *, only: bool = False) -> None:
        for name, text in documents.items():
            if _name(text) != name:
                raise ValueError(f"The trusted document {name} is not the sha256 of its text.")
        self._documents = dict(documents)
        self._texts = frozenset(documents.values())
        self._only = only

    @classmethod
    def load(cls, file: str | None, *, only: bool) -> TrustedDocuments:
        """Read the manifest; without one there are no known documents."""
        if file is None and only:
            raise ValueError("HOMEROOM_TRUSTED_ONLY needs HOMEROOM_TRUSTED_DOCUMENTS.")
        rows = {} if file is None else json.loads(Path(file).read_text(encoding="utf-8"))
        return cls({name.removeprefix("sha256:"): text for name, text in rows.items()}, only=only)

    def text(self, query: str | None, document_id: str | None) -> str:
        """The document to run; refused where it is missing, unknown or not among the known."""
        if document_id is not None:
            found = self._documents.get(document_id.removeprefix("sha256:"))
            if found is None:
                raise bad_request(404, "DOCUMENT_NOT_FOUND", "There is no trusted document with this documentId.")
            return found
        if query is None:
            raise bad_request(400, "BAD_REQUEST", "The request holds neither `query` nor `documentId`.")
        if self._only and query not in self._texts:
            raise bad_request(403, "DOCUMENT_NOT_TRUSTED", "Only trusted documents run here; send a documentId.")
        return query


def _name(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
