"""Why a row is on a page, and what it says of the titles in its cells: true texts only."""

import numpy as np
import pyarrow as pa

from conf.evidence import evidence
from conf.rows import TAG_EVIDENCE, RowKind
from models.catalogue.arrays import Catalogue, Profiles
from models.page.evidence import sentences
from models.page.evidence.cell_reasons import Cells
from models.page.evidence.sentences import CellSentence, CellsOfKind, utc_day
from models.page.rows.offers import Offers
from models.page.rows.orders import order_of
from models.page.rows.subjects import tag_counts
from models.ragged import INTS

TEXT_COLUMNS = ("row_id", "row_kind", "row_title", "reason", "evidence_type")


def row_texts(
    catalogue: Catalogue,
    profiles: Profiles,
    offers: Offers,
    selection: INTS,
    kinds: list[tuple[str, RowKind]],
) -> dict[str, list[str]]:
    """The columns TEXT_COLUMNS of some offers, `selection` (r,)."""
    history_sizes = profiles.counts.tolist()
    own_counts = _own_counts(catalogue, profiles, offers, selection, kinds)
    last_at_s = _last_at_s(profiles, offers, selection, kinds)
    languages = profiles.text_language.tolist()
    columns: dict[str, list[str]] = {name: [] for name in TEXT_COLUMNS}
    selected = (offers.profile, offers.kind, offers.subject)
    columns_of_offers = (*(part[selection].tolist() for part in selected), own_counts)
    for owner, index, subject, count in zip(*columns_of_offers, strict=True):
        name, kind = kinds[index]
        language = languages[owner]
        said = kind.said_in(language)
        words: dict[str, object] = {"window_days": kind.window_days}
        row_id, reason = name, said.reason
        if kind.per == "anchor":
            row_id = f"{name}:{catalogue.title_ids[subject]}"
            words |= {
                "anchor": catalogue.names[subject],
                "day": utc_day(last_at_s[owner, subject], language),
            }
        elif kind.by_tag:
            tag = catalogue.tags(kind.per).names[subject]
            row_id = f"{name}:{tag}"
            words |= {"tag": evidence().names[language].name(kind.per, tag)}
            words |= {"count": count, "played": history_sizes[owner]}
            if not count:
                reason = said.reason_unplayed
        columns["row_id"].append(row_id)
        columns["row_kind"].append(name)
        columns["row_title"].append(said.title.format(**words))
        columns["reason"].append(reason.format(**words))
        columns["evidence_type"].append(kind.evidence)
    return columns


def cell_texts(
    catalogue: Catalogue,
    profiles: Profiles,
    kinds: list[tuple[str, RowKind]],
    cells: Cells,
) -> pa.Array:
    """The sentence of each cell (c,) by the kind of its row."""
    index, texts = np.zeros(len(cells.title), np.int64), [""]
    for number, (_, kind) in enumerate(kinds):
        of_kind = np.flatnonzero(cells.kind == number)
        if not len(of_kind):
            continue
        owner, subject = cells.owner[of_kind], cells.subject[of_kind]
        of_cells = CellsOfKind(kind, catalogue, profiles, owner, subject, cells.title[of_kind])
        local_index, local_texts = _sentence(kind)(of_cells)
        index[of_kind] = local_index + len(texts)
        texts += local_texts
    return pa.array(texts, pa.string()).take(pa.array(index))


def _sentence(kind: RowKind) -> CellSentence:
    """The sentence of a row's tag where that is its evidence, else the one of its order."""
    if kind.by_tag and kind.evidence == TAG_EVIDENCE[kind.per]:
        return sentences.tag_sentence
    return order_of(kind).sentence


def _own_counts(
    catalogue: Catalogue,
    profiles: Profiles,
    offers: Offers,
    selection: INTS,
    kinds: list[tuple[str, RowKind]],
) -> list[int]:
    """How many titles of its tag the profile of each selected offer played; 0 for other offers."""
    counts = np.zeros(len(selection), np.int64)
    for index, (_, kind) in enumerate(kinds):
        of_kind = np.flatnonzero(offers.kind[selection] == index)
        if kind.by_tag and len(of_kind):
            selected = selection[of_kind]
            own = tag_counts(catalogue.tags(kind.per), profiles)
            counts[of_kind] = own[offers.profile[selected], offers.subject[selected]]
    return counts.tolist()


def _last_at_s(
    profiles: Profiles, offers: Offers, selection: INTS, kinds: list[tuple[str, RowKind]]
) -> dict[tuple[int, int], float]:
    """When each profile last played each of its anchors, by (profile, title)."""
    anchored = [index for index, (_, kind) in enumerate(kinds) if kind.per == "anchor"]
    anchor_rows = selection[np.isin(offers.kind[selection], anchored)]
    owners, anchors = offers.profile[anchor_rows], offers.subject[anchor_rows]
    pairs = set(zip(owners.tolist(), anchors.tolist(), strict=True))
    history = (
        profiles.owners.tolist(),
        profiles.title.tolist(),
        profiles.last_at_s.tolist(),
    )
    return {
        (owner, title): at_s
        for owner, title, at_s in zip(*history, strict=True)
        if (owner, title) in pairs
    }
