"""The packs attacked as a partner, a boss or a leaver's friend would: nobody's answers may come out of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog
from scipy.sparse import coo_matrix

import synthetic
from auditkit import own_packs, pack
from auditkit.config import Config, Thresholds
from auditkit.errors import Refused
from auditkit.pack_fields import Pack
from auditkit.source import Source
from synthetic import ITEMS, MADE, change, coded, rows_of, show, source_of, truth_of, without

CONSENTS = {
    "consent_quote": ("none", "paraphrase", "verbatim", ""),
    "consent_pair_ratings": ("no", "yes", ""),
    "consent_pair_words": ("no", "paraphrase", "verbatim", ""),
}
BOTH = ("baseline", "repeat")
LOW = Config(thresholds=Thresholds(k_numbers=7, k_comments=7, k_pairs=4, k_theme=3))


def every_page(source: Source) -> Iterator[tuple[str, str, str]]:
    """All packs of a source: audience, reader ("" for everybody, a pair, or a respondent), HTML."""
    for make in (pack.for_all, pack.for_sponsor, pack.for_coach):
        one = make(source, MADE)
        yield one.audience, "", show(one)
    for pair in own_packs.pairs(source):
        yield "pair", pair, show(own_packs.for_pair(source, MADE, pair))
        with suppress(Refused):
            yield "level 1", pair, show(own_packs.side_by_side(source, MADE, pair))
    for pair, respondent, _ in own_packs.individuals(source):
        yield "individual", respondent, show(own_packs.for_individual(source, MADE, pair, respondent))


# --- Canaries ------------------------------------------------------------------------------------------------


def test_words_codes_and_names_stand_in_nobody_elses_pack(tmp_path: Path) -> None:
    rows, truth = rows_of(), truth_of()
    codes, letters = sorted(set(rows["respondent_id"])), "bcdfghjklmnpqrstvwxz"
    names = {code: f"Zebedee Qanary{letter}" for letter, code in zip(letters, codes, strict=False)}
    words = {place: f"cnry{number}x" for number, place in enumerate(rows.index)}
    for column in ("Q1", "Q2", "Q5"):
        rows[column] = [f"{text} {words[place]}" for place, text in zip(rows.index, rows[column], strict=True)]
    rows["consent_quote"] = "verbatim"
    rows["consent_pair_words"] = "verbatim"
    refused = rows.index[(rows["pair_id"] == "ward-4") & (rows["role"] == "doctor")]
    rows.loc[refused, "consent_analysis"] = "no"
    rows["withdrawn_on"] = ""
    gone = rows.index[(rows["pair_id"] == "ward-5") & (rows["role"] == "manager")]
    rows.loc[gone, "withdrawn_on"] = "2026-01-30"
    said_by = dict(zip(rows.index, rows["respondent_id"], strict=True))
    named = rows.assign(respondent_id=rows["respondent_id"].map(names))
    source = source_of(coded(named, truth, tmp_path, codes={v.casefold(): k for k, v in names.items()}.__getitem__))

    services = set(rows["service_id"])
    pairs = set(rows["pair_id"]) - {"sponsors"}
    silent = {words[place] for place in [*refused, *gone]}
    for audience, reader, html in every_page(source):
        place = f"{audience} {reader}"
        assert "Qanary" not in html, place
        assert "Zebedee" not in html, place
        found = {words[number] for number in words if re.search(rf"{words[number]}\b", html)}
        own = {words[number] for number in words if said_by[number] == reader} - silent
        assert found == (own if audience == "individual" else set()), place
        assert {code for code in codes if code in html} == ({reader} if audience == "individual" else set()), place
        assert not {service for service in services if service in html}, place
        seen = {pair for pair in pairs if re.search(rf"{pair}(?!\d)", html)}
        assert seen == ({reader} & pairs if audience in ("pair", "level 1") else set()), place


def test_nobody_is_quoted_and_every_page_of_a_draft_says_so(tmp_path: Path) -> None:
    source = source_of(coded(rows_of(), truth_of(), tmp_path))
    sentences = {
        text
        for one in source.rounds
        for text in one.responses.answers["text"]
        if len(text) > 25 and not re.search(r"[&<>\"']", text)
    }
    assert len(sentences) > 50
    for audience, reader, html in every_page(source):
        assert html.count("DRAFT: suggested by software, not yet reviewed") == 3, (audience, reader)
        assert 'class="is-draft"' in html
        assert "<blockquote" not in html
        if audience != "individual":
            assert not {text for text in sentences if text in html}, (audience, reader)


ODD = ("../x", 'a"b', "<script>alert(1)</script>", "con", "ward-1-level-1", "Ä/ö", "x" * 300, "{{ pack }}")


def test_odd_pair_codes_harm_neither_page_nor_file_name(tmp_path: Path) -> None:
    rows = rows_of()
    rows["pair_id"] = rows["pair_id"].replace({f"ward-{number}": code for number, code in enumerate(ODD, start=1)})
    rows = pd.concat([rows, rows[rows["pair_id"] == "con"].assign(pair_id="ward-1")], ignore_index=True)
    source = source_of(coded(rows, truth_of(), tmp_path))
    pairs = own_packs.pairs(source)
    assert len(pairs) == 10
    for pair in pairs:
        html = show(own_packs.for_pair(source, MADE, pair))
        assert "<script" not in html
        assert html.count("</style>") == 1
    stems = own_packs.stems(source)
    people = [name for _, _, name in own_packs.individuals(source)]
    for name in (*stems.values(), *people):
        assert re.fullmatch(r"[\w-][\w.-]{0,75}", name), name
        assert name.split(".")[0].casefold() not in {"con", "nul", "aux"}
    for names in (stems.values(), people):
        assert len({name.casefold() for name in names}) == len(names)
    assert not {f"{stem}-level-1" for stem in stems.values()} & set(stems.values())
    assert all(any(name == f"{stem}-{role}" for stem in stems.values() for role in ROLES) for name in people), people


ROLES = ("doctor", "manager")


def test_codes_that_differ_only_in_signs_get_files_of_their_own(tmp_path: Path) -> None:
    rows = rows_of()
    rows["pair_id"] = rows["pair_id"].replace({"ward-2": "a/b", "ward-3": "a?b", "ward-4": "a.b"})
    source = source_of(coded(rows, truth_of(), tmp_path))
    assert own_packs.stems(source)["a/b"] == "a-b"
    assert own_packs.stems(source)["a?b"] == "a-b-2"


# --- The partner ---------------------------------------------------------------------------------------------


def level_0(source: Source, pair: str) -> str:
    return show(own_packs.for_pair(source, MADE, pair))


def scrambled(rows: pd.DataFrame, rng: Random, pair: str, role: str) -> pd.DataFrame:
    """The rows with all that one person answered or chose replaced at random, now and then a round left out."""
    for name in BOTH:
        cells: dict[str, Any] = {item: rng.choice([1, 2, 3, 4, 5, ""]) for item in ITEMS}
        cells |= {"MEET": rng.randrange(20), **{f"Q{n}": rng.choice(["", "nothing", "We talk."]) for n in range(1, 6)}}
        cells |= {column: rng.choice(levels) for column, levels in CONSENTS.items()}
        rows = change(rows, pair, role, name, **cells)
    return without(rows, pair, role, *rng.choice([(), (), ("baseline",), ("repeat",), BOTH]))


@pytest.mark.parametrize("seed", range(2))
def test_a_partners_answers_change_no_byte_of_level_0(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Programme figures held fixed; and with nothing held fixed for a pair that is in none of them."""
    before = source_of(coded(rows_of(), truth_of(), tmp_path))
    figures = own_packs.programme(before, MADE, "pair")
    expected = level_0(before, "ward-3")
    after = source_of(coded(scrambled(rows_of(), Random(seed), "ward-3", "manager"), truth_of(), tmp_path))
    with monkeypatch.context() as patch:
        patch.setattr(own_packs, "programme", lambda *_: figures)
        assert level_0(after, "ward-3") == expected

    apart = without(rows_of(), "ward-6", "manager", "repeat")
    first = level_0(source_of(coded(apart, truth_of(), tmp_path)), "ward-6")
    for name in ("baseline",):
        cells: dict[str, Any] = {item: Random(seed).choice([1, 5]) for item in ITEMS} | {"Q1": "Something else."}
        apart = change(apart, "ward-6", "manager", name, **cells)
    assert level_0(source_of(coded(apart, truth_of(), tmp_path)), "ward-6") == first


def test_level_0_packs_differ_in_the_code_alone(tmp_path: Path) -> None:
    rows = without(rows_of(), "ward-2", "doctor", "repeat")  # one partner left
    source = source_of(coded(rows, truth_of(), tmp_path))
    pages = {pair: level_0(source, pair).replace(pair, "CODE") for pair in own_packs.pairs(source)}
    assert len(pages) == 9
    assert len(set(pages.values())) == 1


def test_level_0_is_the_same_whoever_declined_what(tmp_path: Path) -> None:
    source, rng = source_of(coded(rows_of(), truth_of(), tmp_path)), Random(1)
    pages = {level_0(source, "ward-3")}
    for _ in range(8):
        rounds = []
        for one in source.rounds:
            people = one.responses.people.copy()
            for column, answers in CONSENTS.items():
                chosen = people["pair"] == "ward-3"
                people.loc[chosen, column] = [rng.choice(answers) for _ in range(chosen.sum())]
            rounds.append(replace(one, responses=replace(one.responses, people=people)))
        pages.add(level_0(replace(source, rounds=tuple(rounds)), "ward-3"))
    assert len(pages) == 1


def test_level_0_does_not_tell_a_missing_partner(tmp_path: Path) -> None:
    """ward-3 is in no figure: whether its manager answered once, declined or never answered shows nowhere."""
    base = without(rows_of(), "ward-3", "doctor", "repeat")
    declined = change(base, "ward-3", "manager", "repeat", consent_analysis="no")
    never = without(base, "ward-3", "manager", *BOTH)
    pages = {level_0(source_of(coded(rows, truth_of(), tmp_path)), "ward-3") for rows in (base, declined, never)}
    assert len(pages) == 1


@pytest.mark.parametrize(
    ("cells", "missing"),
    [
        ({"consent_pair_ratings": "no"}, ()),
        ({"consent_pair_ratings": ""}, ()),
        ({"consent_pair_ratings": "perhaps"}, ()),
        ({"consent_analysis": "no"}, ()),
        ({}, ("repeat",)),
        ({}, BOTH),
    ],
)
def test_level_1_refuses_in_the_same_words_whatever_the_reason(
    cells: dict[str, str], missing: Sequence[str], tmp_path: Path
) -> None:
    rows = change(rows_of(), "ward-3", "manager", "baseline", **cells) if cells else rows_of()
    rows = without(rows, "ward-3", "manager", *missing)
    with pytest.raises(Refused) as refusal:
        own_packs.side_by_side(Source(coded(rows, truth_of(), tmp_path), None, Config()), MADE, "ward-3")
    assert refusal.value.exit_code == 3
    assert refusal.value.message == "ward-3: no level 1 pack can be made."
    assert refusal.value.fix == (
        "Hand over the level 0 pack. Level 1 needs two partners who both agreed, in every round shown."
    )


def test_level_1_is_refused_where_a_later_round_took_the_agreement_back(tmp_path: Path) -> None:
    source = Source(coded(rows_of(), truth_of(), tmp_path), None, Config())
    assert own_packs.side_by_side(source, MADE, "ward-3").level == 1
    with pytest.raises(Refused):
        own_packs.side_by_side(replace(source, declined_since=frozenset({"ward-3"})), MADE, "ward-3")


def test_a_group_of_three_never_gets_level_1(tmp_path: Path) -> None:
    source = Source(coded(_third(rows_of(), "ward-3"), truth_of(), tmp_path), None, Config())
    with pytest.raises(Refused):
        own_packs.side_by_side(source, MADE, "ward-3")


def test_my_own_pack_says_nothing_of_my_partner(tmp_path: Path) -> None:
    rows = without(rows_of(), "ward-3", "doctor", "repeat")
    sources = [
        source_of(coded(one, truth_of(), tmp_path))
        for one in (rows, change(rows, "ward-3", "doctor", "baseline", **dict.fromkeys(ITEMS, 1), Q1="Changed."))
    ]
    who = rows["respondent_id"][(rows["pair_id"] == "ward-3") & (rows["role"] == "manager")].iloc[0]
    first, second = (show(own_packs.for_individual(source, MADE, "ward-3", who)) for source in sources)
    assert first == second
    assert "among them" not in first


# --- Sums and differences ------------------------------------------------------------------------------------

Who = tuple[str, str]


def _third(rows: pd.DataFrame, pair: str) -> pd.DataFrame:
    """A third person in a pair, both times."""
    more = rows[(rows["pair_id"] == pair) & (rows["role"] == "doctor")]
    return pd.concat([rows, more.assign(respondent_id="R-3333")], ignore_index=True)


def _ragged(rng: Random, pairs: int, seed: int) -> pd.DataFrame:
    """Rows as they come: leavers, joiners, scales left blank, a group, odd roles, one person in two pairs."""
    rows = rows_of(pairs, seed)
    codes = [f"ward-{number}" for number in range(1, pairs + 1)]
    for pair in rng.sample(codes, rng.randrange(3)):
        rows = without(rows, pair, rng.choice(["doctor", "manager"]), rng.choice(BOTH))
    if rng.random() < 0.4:
        rows = _third(rows, rng.choice(codes))
    if rng.random() < 0.4:
        rows["role"] = rows["role"].mask((rows["pair_id"] == rng.choice(codes)) & (rows["role"] == "manager"), "")
    if rng.random() < 0.4:
        rows["role"] = rows["role"].mask((rows["pair_id"] == rng.choice(codes)) & (rows["role"] == "manager"), "doctor")
    if rng.random() < 0.4:
        one, two = rng.sample(codes, 2)
        shared = rows["respondent_id"][(rows["pair_id"] == one)].iloc[0]
        target = (rows["pair_id"] == two) & (rows["role"] == "manager")
        rows["respondent_id"] = rows["respondent_id"].mask(target, shared)
    for _ in range(rng.randrange(6)):
        place, scale = rng.choice(list(rows.index)), rng.choice(["COM", "TRU", "KNO", "DEC", "DIS", "ROL", "SUP"])
        for number in (1, 2, 3)[: rng.randrange(1, 4)]:
            rows[f"{scale}{number}"] = rows[f"{scale}{number}"].astype(object)
            rows.loc[place, f"{scale}{number}"] = ""
    return rows


class Equations:
    """What all packs of a programme say of ratings, as sums over people's scores: one unknown a person, round and
    scale. A main question is the sum of its scales wherever a person has a score on each."""

    def __init__(self) -> None:
        self.rows: list[dict[tuple[str, str, Who], float]] = []

    def add(self, source: Source, one: Pack) -> None:
        names = {row.label: row.change for row in one.verdicts} | {
            row.label: row.change for row in (one.scales.rows if one.scales else ())
        }
        by_label = {_label(measure.id): measure for measure in source.measures}
        views = {row.label: row for row in one.views.rows} if one.views else {}
        spreads = {(row.label, row.round) for row in one.spread.rows} if one.spread else set()
        for place, name in enumerate(source.names):
            for label, measure in by_label.items():
                people = _behind(source, measure.id, place)
                whole = _weights(people)
                if label in names and names[label].levels[place] is not None:
                    self._sum(source, place, measure, whole)
                if (label, name) in spreads:
                    self._sum(source, place, measure, whole)
                if label in views and views[label].doctors[place] is not None:
                    roles = _roles(source, place)
                    for role in ("doctor", "manager"):
                        seen = [who for who in people if roles[who] == role]
                        self._sum(source, place, measure, dict.fromkeys(seen, 1 / len(seen)))
                if label in names and names[label].change is not None and place == 1:
                    row = self._row(source, 1, measure, whole)
                    for key, weight in self._row(source, 0, measure, whole).items():
                        row[key] = row.get(key, 0.0) - weight
                    self.rows.append(row)

    def _sum(self, source: Source, place: int, measure: Any, weights: dict[Who, float]) -> None:
        self.rows.append(self._row(source, place, measure, weights))

    def _row(
        self, source: Source, place: int, measure: Any, weights: dict[Who, float]
    ) -> dict[tuple[str, str, Who], float]:
        row: dict[tuple[str, str, Who], float] = {}
        parts = source.parts(measure)
        scored = {part.id: _scored(source, place, part.id) for part in parts}
        name = source.names[place]
        for who, weight in weights.items():
            if parts and all(who in scored[part.id] for part in parts):
                for part in parts:
                    row[name, part.id, who] = weight * len(part.items) / len(measure.items)
            else:
                row[name, measure.id, who] = weight
        return row

    def matrix(self) -> tuple[np.ndarray, list[Who]]:
        keys = sorted({key for row in self.rows for key in row})
        index = {key: number for number, key in enumerate(keys)}
        matrix = np.zeros((len(self.rows), len(keys)))
        for number, row in enumerate(self.rows):
            for key, weight in row.items():
                matrix[number, index[key]] += weight
        return matrix, [key[2] for key in keys]


def _label(measure: str) -> str:
    from auditkit.source import label

    return label(measure)


def _scored(source: Source, place: int, measure: str) -> set[Who]:
    frame = source.scores[place]
    frame = frame[frame["measure"] == measure]
    return set(zip(frame["pair"], frame["respondent"], strict=True))


def _behind(source: Source, measure: str, place: int) -> set[Who]:
    """Worked out here anew: who is in the mean of a scale."""
    sponsors = {who for one in source.rounds for who in _sponsors(one)}
    scored = [_scored(source, at, measure) - sponsors for at in range(len(source.rounds))]
    people = set.intersection(*scored) if len(scored) == 2 else scored[0]
    return {who for who in people if sum(other[0] == who[0] for other in people) >= 2}


def _sponsors(one: Any) -> set[Who]:
    frame = one.responses.people
    frame = frame[frame["sponsor"]]
    return set(zip(frame["pair"], frame["respondent"], strict=True))


def _roles(source: Source, place: int) -> dict[Who, str]:
    frame = source.rounds[place].responses.people
    return dict(zip(zip(frame["pair"], frame["respondent"], strict=True), frame["role"], strict=True))


def _weights(people: set[Who]) -> dict[Who, float]:
    pairs = {pair for pair, _ in people}
    size = {pair: sum(who[0] == pair for who in people) for pair in pairs}
    return {who: 1 / len(pairs) / size[who[0]] for who in sorted(people)}


def _basis(matrix: np.ndarray) -> np.ndarray:
    """Orthonormal rows that span what the equations say."""
    sizes, turned = np.linalg.eigh(matrix @ matrix.T)
    kept = sizes > 1e-12 * sizes[-1]
    return (turned[:, kept] / np.sqrt(sizes[kept])).T @ matrix


def determined(equations: Equations, k: int, others: int = 5) -> list[str]:
    """Sets of fewer than ``k`` people, and with a pair's own answers known fewer than ``others``, about which the
    equations say something by themselves: some combination of them names nobody else."""
    matrix, who = equations.matrix()
    if not matrix.size:
        return []
    people = sorted({respondent for _, respondent in who})
    column = np.array([people.index(respondent) for _, respondent in who])
    pairs = sorted({pair for pair, _ in who})
    of_pair = {pair: {people.index(r) for p, r in who if p == pair} for pair in pairs}
    everywhere = set.intersection(*[{people.index(key[2][1]) for key in row} for row in equations.rows])
    sets = [{number} for number in range(len(people))]
    sets += [set().union(*(of_pair[pair] for pair in some)) for n in (1, 2, 3) for some in combinations(pairs, n)]
    sets.append(set(range(len(people))) - everywhere)

    def told(left: np.ndarray, at: np.ndarray, most: int, out: set[int]) -> list[set[int]]:
        basis = _basis(left)
        shares = [basis[:, at == number] @ basis[:, at == number].T for number in range(len(people))]
        found = []
        for some in sets:
            rest = some - out
            if 0 < len(rest) < most and np.linalg.eigvalsh(sum(shares[number] for number in rest))[-1] > 1 - 1e-9:
                found.append(rest)
        return found

    found = [f"{sorted(people[n] for n in some)}" for some in told(matrix, column, k, set())]
    for pair in pairs:
        unknown = ~np.isin(column, list(of_pair[pair]))
        for some in told(matrix[:, unknown], column[unknown], others, of_pair[pair]):
            found.append(f"to {pair}: {sorted(people[number] for number in some)}")
    return found


def released(rounds: Sequence[Any], config: Config) -> tuple[Equations, int]:
    """A baseline pack handed out, then the year's: all that both say, and how many equations that is."""
    first = source_of(rounds[:1], config)
    second = source_of(rounds, config, issued=[first])
    equations = Equations()
    for source in (first, second):
        for make in (pack.for_all, pack.for_sponsor):
            equations.add(source, make(source, MADE))
    return equations, len(equations.rows)


@pytest.mark.parametrize("seed", range(2))
def test_nobody_comes_out_of_all_sums_and_differences(seed: int, tmp_path: Path) -> None:
    rng = Random(seed)
    pairs = 10 + seed % 3
    rounds = coded(_ragged(rng, pairs, 32), truth_of(pairs, 32), tmp_path)
    equations, number = released(rounds, LOW if seed % 2 else Config())
    assert number > 20
    assert determined(equations, 7 if seed % 2 else 10) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 130))
def test_nobody_comes_out_of_thirty_audits(seed: int, tmp_path: Path) -> None:
    rng = Random(seed)
    pairs = rng.choice([5, 6, 8, 11, 14])
    rounds = coded(_ragged(rng, pairs, seed % 7), truth_of(pairs, seed % 7), tmp_path)
    equations, _ = released(rounds, rng.choice([LOW, Config()]))
    assert determined(equations, 7) == []


def test_the_attack_itself_finds_a_leaver(tmp_path: Path) -> None:
    """The test above can fail: without the rule about issued packs the leavers' pair comes out."""
    rows = without(rows_of(11), "ward-2", "doctor", "repeat")
    rounds = coded(rows, truth_of(11), tmp_path)
    careless, careful = Equations(), Equations()
    first = source_of(rounds[:1])
    for source in (first, source_of(rounds)):
        careless.add(source, pack.for_all(source, MADE))
    for source in (first, source_of(rounds, issued=[first])):
        careful.add(source, pack.for_all(source, MADE))
    gone = set(rows["respondent_id"][rows["pair_id"] == "ward-2"])
    assert any(all(who in line for who in gone) for line in determined(careless, 10))
    assert determined(careful, 10) == []


LATER = ("nothing", "a scale nearly blank")
SPOILT = {
    "nothing": lambda rows: rows,
    "a group of three": lambda rows: _third(rows, "ward-4"),
    "a role unknown": lambda rows: rows.assign(
        role=rows["role"].mask((rows["pair_id"] == "ward-4") & (rows["role"] == "manager"), "")
    ),
    "a scale left blank": lambda rows: change(rows, "ward-4", "manager", "repeat", DIS1="", DIS2="", DIS3=""),
    "a scale nearly blank": lambda rows: change(rows, "ward-4", "manager", "baseline", SUP1="", SUP2=""),
    "a partner missing": lambda rows: without(rows, "ward-4", "manager", "baseline"),
}


@pytest.mark.parametrize("what", [pytest.param(what, marks=[pytest.mark.slow][: what in LATER]) for what in SPOILT])
def test_views_of_the_roles_and_main_questions_show_no_odd_one_out(what: str, tmp_path: Path) -> None:
    rounds = coded(SPOILT[what](rows_of(14)), truth_of(14), tmp_path)
    for some in (rounds[:1], rounds):
        source = source_of(some)
        one = pack.for_all(source, MADE)
        equations = Equations()
        equations.add(source, one)
        assert len(equations.rows) > 8
        assert determined(equations, 10) == []
        assert (one.views is None) == (what in ("a group of three", "a role unknown"))


def test_printed_figures_leave_a_partner_wide_room(tmp_path: Path) -> None:
    """With every printed digit, and one's own answers, nobody can narrow the partner's rating of a scale to less
    than two points of the four there are (bounds by linear programming)."""
    rows = change(rows_of(8), "ward-4", "manager", "repeat", DIS1="", KNO2="")
    source = source_of(coded(rows, truth_of(8), tmp_path))
    one = pack.for_all(source, MADE)
    known = (
        "ward-4",
        next(iter(set(rows["respondent_id"][(rows["pair_id"] == "ward-4") & (rows["role"] == "doctor")]))),
    )
    partner = next(who for who in source.people[1] if who[0] == "ward-4" and who != known)
    for scale in ("communication", "disagreement", "knowing"):
        low, high = _bounds(source, one, 1, known, partner, scale)
        assert high - low >= 2, (scale, low, high)


def _bounds(source: Source, one: Pack, place: int, known: Who, partner: Who, scale: str) -> tuple[float, float]:
    ratings = source.rounds[place].responses.ratings
    ratings = ratings[[who in source.people[place] for who in zip(ratings["pair"], ratings["respondent"], strict=True)]]
    cells = {(row.pair, row.respondent, row.item): number for number, row in enumerate(ratings.itertuples())}
    scored = ratings["scored"].to_numpy(float)
    unknown = len(cells) * 5  # one share a cell and answer
    rows: list[tuple[dict[int, float], float, float]] = []
    measures = {_label(measure.id): measure for measure in source.measures}

    def mean(measure: Any, weights: dict[Who, float], answers: Sequence[float]) -> dict[int, float]:
        found: dict[int, float] = {}
        for who, weight in weights.items():
            mine = [cells[(*who, item)] for item in measure.items if (*who, item) in cells]
            for cell in mine:
                for answer, value in enumerate(answers):
                    if value:
                        found[cell * 5 + answer] = weight * value / len(mine)
        return found

    values = (1.0, 2.0, 3.0, 4.0, 5.0)
    levels = [(row.label, row.change) for row in (*one.verdicts, *(one.scales.rows if one.scales else ()))]
    for label, shown in levels:
        level, half = shown.levels[place], 0.5 * 10.0**-shown.digits
        if level is not None:
            weights = _weights(_behind(source, measures[label].id, place))
            rows.append((mean(measures[label], weights, values), level - half, level + half))
    for row in one.spread.rows if one.spread else ():
        if row.round == source.names[place]:
            weights = _weights(_behind(source, measures[row.label].id, place))
            for share in row.shares:
                picked = [float(share.first <= answer <= share.last) for answer in range(1, 6)]
                part = share.percent / 100
                rows.append((mean(measures[row.label], weights, picked), part - 0.01, part + 0.01))
    for who, item in ((known, item) for item in ITEMS):
        if (*who, item) in cells:
            cell = cells[(*who, item)]
            rows.append(({cell * 5 + int(scored[cell]) - 1: 1.0}, 1.0, 1.0))
    places = [(n, column, weight) for n, (row, _, _) in enumerate(rows) for column, weight in row.items()]
    line, column, weight = (np.array(part) for part in zip(*places, strict=True))
    matrix = coo_matrix((weight, (line, column)), shape=(len(rows), unknown)).tocsr()
    ends = np.array([[low, high] for _, low, high in rows])
    one_answer = coo_matrix(
        (np.ones(unknown), (np.arange(unknown) // 5, np.arange(unknown))), shape=(len(cells), unknown)
    )
    asked = next(measure for measure in source.measures if measure.id == scale)
    aim = np.zeros(unknown)
    for column_, weight_ in mean(asked, {partner: 1.0}, values).items():
        aim[column_] = weight_
    found = []
    for sign in (1, -1):
        solved = linprog(
            sign * aim,
            A_ub=coo_matrix(np.vstack([matrix.toarray(), -matrix.toarray()])).tocsr(),
            b_ub=np.concatenate([ends[:, 1] + 1e-7, -ends[:, 0] + 1e-7]),
            A_eq=one_answer.tocsr(),
            b_eq=np.ones(len(cells)),
            bounds=(0, 1),
        )
        assert solved.status == 0, solved.message
        found.append(sign * solved.fun)
    return found[0], found[1]


# --- Themes --------------------------------------------------------------------------------------------------


def test_theme_counts_are_the_comparisons_and_small_or_whole_ones_are_words(tmp_path: Path) -> None:
    source = source_of(coded(rows_of(11), truth_of(11), tmp_path))
    assert source.comparison is not None
    table = source.comparison.table
    themes = pack.for_all(source, MADE).themes
    assert themes is not None
    for row in themes.rows:
        for side, pole in (("problem", "poor"), ("well", "good")):
            line = table[(table["level"] == "programme") & (table["label"] == row.label) & (table["pole"] == pole)]
            for count, name in zip(getattr(row, side), ("before", "after"), strict=True):
                number = round(float(line[name].iloc[0]) * int(line["n_before"].iloc[0]))
                if count.value is None:
                    assert number <= 2 or number >= themes.people - 2, (row.label, side)
                else:
                    assert count.value == number
                    assert 3 <= number < themes.people - 2


def test_a_theme_that_one_group_alone_names_is_not_counted_out(tmp_path: Path) -> None:
    from auditkit import theme_counts

    rows = pd.concat([_third(rows_of(11), "ward-4"), _third(rows_of(11), "ward-4").iloc[:0]])
    source = source_of(coded(rows, truth_of(11), tmp_path))
    group = frozenset(who for who in source.heard(1) if who[0] == "ward-4")
    assert len(group) == 3
    count = theme_counts.count(source, source.heard(1), group)
    assert (count.value, count.words, count.short) == (None, "a few people or none", "few")


# --- Thresholds ----------------------------------------------------------------------------------------------


def facts(one: Pack) -> set[tuple[Any, ...]]:
    """Every number that a pack releases, with its place."""
    found: set[tuple[Any, ...]] = set()
    for row in (*one.verdicts, *(one.scales.rows if one.scales else ())):
        levels = [("level", row.label, place, level) for place, level in enumerate(row.change.levels)]
        found |= {fact for fact in levels if fact[3] is not None}
        if row.change.change is not None:
            found.add(("change", row.label, row.change.change, row.change.low, row.change.high))
    for view in one.views.rows if one.views else ():
        for role in ("doctors", "managers"):
            found |= {(role, view.label, n, v) for n, v in enumerate(getattr(view, role)) if v is not None}
    for spread in one.spread.rows if one.spread else ():
        found |= {("spread", spread.label, spread.round, share) for share in spread.shares}
    for theme in one.themes.rows if one.themes else ():
        for side in ("problem", "well"):
            counts = enumerate(getattr(theme, side))
            found |= {(side, theme.label, n, count.value) for n, count in counts if count.value is not None}
    return found


def test_a_higher_threshold_never_reveals_more(tmp_path: Path) -> None:
    rows = _ragged(Random(3), 12, 32)
    rounds = coded(rows, truth_of(12), tmp_path)
    compared = source_of(rounds).comparison
    steps = [(7, 4, 3), (10, 5, 3), (16, 8, 5), (20, 10, 8), (40, 20, 20)]
    for some in (rounds[:1], rounds):
        before: set[tuple[Any, ...]] | None = None
        for k, pairs, theme in steps:
            config = Config(thresholds=Thresholds(k_numbers=k, k_comments=k, k_pairs=pairs, k_theme=theme))
            first = Source(some[:1], None, config)
            source = Source(some, compared, config, (first,)) if len(some) == 2 else first
            found = facts(pack.for_all(source, MADE))
            assert before is None or found <= before, (k, sorted(map(str, found - before))[:5])
            before = found
        assert not before


def test_consent_left_blank_is_none_at_all(tmp_path: Path) -> None:
    rows, truth = rows_of(5), truth_of(5)
    no = {"consent_quote": "none", "consent_pair_ratings": "no", "consent_pair_words": "no"}
    blank = source_of(coded(rows.assign(**dict.fromkeys(CONSENTS, "")), truth, tmp_path))
    none = source_of(coded(rows.assign(**no), truth, tmp_path))
    assert show(pack.for_all(blank, MADE)) == show(pack.for_all(none, MADE))
    for pair in own_packs.pairs(blank):
        assert level_0(blank, pair) == level_0(none, pair)
        for source in (blank, none):
            with pytest.raises(Refused):
                own_packs.side_by_side(source, MADE, pair)


@pytest.mark.parametrize("pairs", [3, 4])
def test_too_few_pairs_get_no_figure_and_a_pack_to_talk_about(pairs: int, tmp_path: Path) -> None:
    rounds = coded(rows_of(pairs), truth_of(pairs), tmp_path)
    for some in (rounds[:1], rounds):
        source = source_of(some)
        one = pack.for_all(source, MADE)
        assert facts(one) == set()
        assert (one.scales, one.views, one.spread, one.themes, one.strip, one.exceptions) == (None,) * 5 + ("",)
        assert one.answer is not None
        assert one.answer.headline == "Too few people answered for any figure to be shown."
        assert "fewer than 10 people" in {fact.text for fact in one.withheld}
        html = level_0(source, "ward-1")
        assert "Too few people answered for any figure to be shown" in html
        assert "We tell each other early" in html
        assert not re.search(r"\d\.\d(?!\.)", re.sub(r"<(style|footer).*?</\1>", "", html, flags=re.DOTALL))


@pytest.mark.parametrize("pairs", [5, 6])
def test_five_pairs_are_just_enough(pairs: int, tmp_path: Path) -> None:
    rounds = coded(rows_of(pairs), truth_of(pairs), tmp_path)
    one = pack.for_all(source_of(rounds), MADE)
    assert one.scales is not None
    assert all(row.change.n_pairs == pairs for row in one.scales.rows)
    first = without(rows_of(pairs), "ward-2", "doctor", "repeat")
    fewer = pack.for_all(source_of(coded(first, truth_of(pairs), tmp_path)), MADE)
    assert (fewer.scales is None) == (pairs == 5)


def test_ratings_beside_a_baseline_pack_lose_before_and_change_and_keep_the_verdict(tmp_path: Path) -> None:
    rows = without(rows_of(14), "ward-11", "manager", "repeat")
    rounds = coded(rows, truth_of(14), tmp_path)
    first = source_of(rounds[:1])
    one = pack.for_all(source_of(rounds, issued=[first]), MADE)
    assert one.scales is not None
    assert {row.change.levels[0] for row in one.scales.rows} == {None}
    assert all(row.change.levels[1] is not None and row.change.change is None for row in one.scales.rows)
    assert all(verdict.verdict for verdict in one.verdicts)
    assert one.strip is not None
    assert {row.round for row in one.spread.rows} == {"repeat"}  # type: ignore[union-attr]
    assert {row.problem[0].words for row in one.themes.rows} == {"not shown"}  # type: ignore[union-attr]
    html = show(one)
    assert "side by side, the two would show them" in html
    before = pack.for_all(first, MADE)
    after = pack.for_all(source_of(rounds), MADE)
    assert facts(before)
    assert facts(one) < facts(after)
    assert len(facts(one)) / len(facts(after)) > 0.4


def test_a_measure_that_two_people_left_out_is_hidden_though_the_pairs_are_the_same(tmp_path: Path) -> None:
    """The pack of the baseline and the year's count the same pairs, but for one scale."""
    rows = change(rows_of(8), "ward-4", "manager", "repeat", SUP1="", SUP2="", SUP3="")
    rounds = coded(rows, truth_of(8), tmp_path)
    first = source_of(rounds[:1])
    one = pack.for_all(source_of(rounds, issued=[first]), MADE)
    levels = {row.label: row.change.levels[0] for row in one.scales.rows}  # type: ignore[union-attr]
    assert levels.pop("Support from the top") is None
    assert all(level is not None for level in levels.values())


def test_a_later_pack_of_one_round_is_measured_by_the_years(tmp_path: Path) -> None:
    rounds = coded(without(rows_of(11), "ward-4", "manager", "repeat"), truth_of(11), tmp_path)
    year = source_of(rounds)
    late = pack.for_all(source_of(rounds[:1], issued=[year]), MADE)
    assert late.scales is None
    assert late.themes is None


# --- Few exceptions, sponsors, people in two places ------------------------------------------------------------


def test_public_words_do_not_tell_whether_any_pair_is_an_exception(tmp_path: Path) -> None:
    source = source_of(coded(rows_of(), truth_of(), tmp_path))
    assert source.comparison is not None
    listed = source.comparison.exceptions
    pages = set()
    for kept in (0, 1, 2):
        some = [f"ward-{number}" for number in (3, 4)][:kept]
        rows = pd.DataFrame([(pair, "A", "", "", "", "") for pair in some], columns=listed.columns)
        exceptions = pd.concat([rows, listed[listed["pair"] == ""]])
        comparison = replace(source.comparison, exceptions=exceptions)
        pages.add(show(pack.for_sponsor(replace(source, comparison=comparison), MADE)))
    assert len(pages) == 1
    assert "For at most two of the 8 pairs" in pages.pop()


def test_the_sponsors_are_in_no_figure_and_have_packs_of_their_own(tmp_path: Path) -> None:
    rows = rows_of(5)
    chosen = rows["pair_id"] == "sponsors"
    changed = rows.copy()
    changed.loc[chosen, ITEMS] = 1
    sources = [source_of(coded(some, truth_of(5), tmp_path)) for some in (rows, changed)]
    for make in (pack.for_all, pack.for_sponsor, pack.for_coach):
        assert show(make(sources[0], MADE)) == show(make(sources[1], MADE))
    assert level_0(sources[0], "sponsors") == level_0(sources[1], "sponsors")
    for code in set(rows["respondent_id"][chosen]):
        own = [show(own_packs.for_individual(source, MADE, "sponsors", code)) for source in sources]
        assert own[0] != own[1]


def test_one_person_in_two_pairs_counts_once(tmp_path: Path) -> None:
    rows = rows_of(5)
    shared = rows["respondent_id"][(rows["pair_id"] == "ward-1") & (rows["role"] == "manager")].iloc[0]
    target = (rows["pair_id"] == "ward-2") & (rows["role"] == "manager")
    rows["respondent_id"] = rows["respondent_id"].mask(target, shared)
    one = pack.for_all(source_of(coded(rows, truth_of(5), tmp_path)), MADE)
    assert one.people == 9
    assert one.scales is None


def test_all_pages_are_the_same_in_any_order_of_rows(tmp_path: Path) -> None:
    rows = _ragged(Random(5), 6, 32)
    mixed = rows.sample(frac=1, random_state=1)
    first, second = (list(every_page(source_of(coded(some, truth_of(6), tmp_path)))) for some in (rows, mixed))
    assert first == second


def test_the_helpers_plant_what_they_say() -> None:
    assert len(_third(rows_of(), "ward-3")) == len(rows_of()) + 2
    assert len(without(rows_of(), "ward-3", "doctor", *BOTH)) == len(rows_of()) - 2
    assert synthetic.MADE.final is False
