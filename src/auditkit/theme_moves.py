"""What has become of themes that are coded no more, as the versions of the codebook tell."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auditkit.codebook import Codebook
    from auditkit.store import Store


def gone_into(store: Store, codebook: Codebook) -> dict[str, str]:
    """Themes that are coded no more and have gone into another one, which is: id to id."""
    rows = store.rows("SELECT version, means FROM codebook_versions WHERE written ORDER BY version")
    means = {row["version"]: json.loads(row["means"]) for row in rows}
    undone = {one["undoes"] for one in means.values()}
    found: dict[str, str] = {}
    for version, one in means.items():
        if version not in undone:
            found = {theme: one["into"].get(last, last) for theme, last in found.items()} | one["into"]
    accepted = {theme.id for theme in codebook.accepted}
    return {theme: last for theme, last in found.items() if theme not in accepted and last in accepted}
