"""Links in the documents lead to existing files and headings."""

import re
from pathlib import Path

import pytest

from app.local.paths import ROOT

FOLDERS = (".github", "app", "frontend", "migrations", "sql", "tests")
DOCUMENTS = sorted(
    path
    for folder in FOLDERS
    for path in (ROOT / folder).rglob("*.md")
    if "node_modules" not in path.parts
)
LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.mark.parametrize(
    "document", (ROOT / "README.md", *DOCUMENTS), ids=lambda path: str(path.relative_to(ROOT))
)
def test_links_lead_to_existing_files_and_headings(document: Path) -> None:
    links = [link for link in LINK.findall(document.read_text()) if "://" not in link]
    broken = [link for link in links if not _leads_somewhere(document, link)]
    assert broken == []


def _leads_somewhere(document: Path, link: str) -> bool:
    name, _, heading = link.partition("#")
    target = document.parent / name if name else document
    if not target.exists():
        return False
    return not heading or heading in _headings(target)


def _headings(document: Path) -> set[str]:
    """Return the anchors of a document's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
