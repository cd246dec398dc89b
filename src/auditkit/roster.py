"""Who is in both rounds: people linked by their code within a pair, and the state of each pair."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

COMPARED = ("complete", "group")
"""States of pairs that enter a linked comparison (a group does with two or more matched people)."""

LEAST_MATCHED = 0.20
"""In groups of three or more, below this share of matched people the rounds count as unlinked."""

Side = dict[str, tuple[str, bool]]
"""The people of one pair in one round: code to role and whether a sponsor."""

PERSON = ["pair", "respondent", "role", "sponsor", "state", "in_before", "in_after"]
PAIR = ["pair", "state", "n_before", "n_after", "matched", "sponsor", "detail"]
FLOW = ["role", "before", "after", "matched", "compared"]


@dataclass(frozen=True, eq=False)
class Roster:
    """People and pairs of two rounds.

    ``design``: "linked", or "unlinked" where nothing says who is who in the other round.
    ``people``: pair, respondent, role, sponsor (bool), state (matched, joined, left; "unlinked" in that
    design, where the same code in both rounds need not be the same person), in_before, in_after (bool).
    ``pairs``: pair, state (complete, one-partner, re-formed, dissolved, new, group, unlinked), n_before,
    n_after, matched (people), sponsor (bool: any of its people is one), detail (a sentence, or "").
    ``flow``: role, before, after, matched, compared (people): one row a role, then "all", which leaves out
    the sponsors' pairs.
    ``without_pair``: people of either round whose row names no pair; they are in none of the tables.
    """

    design: str
    people: pd.DataFrame
    pairs: pd.DataFrame
    flow: pd.DataFrame
    without_pair: int

    def compared(self) -> list[str]:
        """Pairs whose change is measured, sponsors' pairs among them, in natural order."""
        pairs = self.pairs
        if self.design == "unlinked":
            return list(pairs.pair[pairs.state == "unlinked"])
        return list(pairs.pair[pairs.state.isin(COMPARED) & (pairs.matched >= 2)])

    def clusters(self) -> dict[str, str]:
        """Pair to the first of the pairs that it hangs together with through people who are in both."""
        first = {pair: pair for pair in self.pairs.pair}
        for _, pairs in sorted(self.people.groupby("respondent").pair):
            names = {first[pair] for pair in pairs}
            if len(names) > 1:
                least = natural(names)[0]
                first = {pair: least if name in names else name for pair, name in first.items()}
        return first


def natural_key(code: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key that puts ward-2 before ward-10; ties are broken by the code itself."""
    parts = re.findall(r"\d+|\D+", code)
    key = [(0, int(part), "") if part.isdecimal() else (1, 0, part.casefold()) for part in parts]
    return (*key, (2, 0, code))


def natural(codes: Iterable[str]) -> list[str]:
    """Codes without repeats, in natural order."""
    return sorted(set(codes), key=natural_key)


def link(before: pd.DataFrame, after: pd.DataFrame, *, names: tuple[str, str], linked: bool = True) -> Roster:
    """Link the people of two rounds.

    ``before`` and ``after``: respondent, pair, role, sponsor; one row a person and pair that answered in the
    round. ``names``: what the rounds are called, for the sentences. One person in two pairs counts in each.
    Unlinked if ``linked`` is False, if nobody matches, or if fewer than 20 % match where most people are in
    groups of three or more.
    """
    import pandas as pd

    first, second = _by_pair(before), _by_pair(after)
    codes = natural([*first, *second])
    design = "linked" if linked and _is_linked(first, second) else "unlinked"
    people: list[tuple[object, ...]] = []
    pairs: list[tuple[object, ...]] = []
    for code in codes:
        old, new = first.get(code, {}), second.get(code, {})
        sponsor = any(is_sponsor for _, is_sponsor in (*old.values(), *new.values()))
        if design == "unlinked":
            people += [(code, who, *old[who], "unlinked", True, False) for who in natural(old)]
            people += [(code, who, *new[who], "unlinked", False, True) for who in natural(new)]
            state, detail = _unlinked_state(old, new, names)
            pairs.append((code, state, len(old), len(new), 0, sponsor, detail))
            continue
        for who in natural([*old, *new]):
            role = old.get(who, ("", False))[0] or new.get(who, ("", False))[0]
            is_sponsor = old.get(who, new.get(who, ("", False)))[1]
            state = "matched" if who in old and who in new else "left" if who in old else "joined"
            people.append((code, who, role, is_sponsor, state, who in old, who in new))
        state, detail = _state(old, new, names)
        pairs.append((code, state, len(old), len(new), len(old.keys() & new.keys()), sponsor, detail))
    roster = Roster(
        design,
        pd.DataFrame(people, columns=PERSON).astype({"sponsor": bool, "in_before": bool, "in_after": bool}),
        pd.DataFrame(pairs, columns=PAIR).astype({"sponsor": bool}),
        pd.DataFrame(columns=FLOW),
        len({*before.respondent[before.pair == ""], *after.respondent[after.pair == ""]}),
    )
    return Roster(design, roster.people, roster.pairs, _flow(roster), roster.without_pair)


def _by_pair(people: pd.DataFrame) -> dict[str, Side]:
    pairs: dict[str, Side] = {}
    rows = people[people.pair != ""].sort_values(["pair", "respondent", "role"], kind="stable")
    row: Any
    for row in rows.itertuples(index=False):
        pairs.setdefault(row.pair, {})[row.respondent] = (row.role, bool(row.sponsor))
    return pairs


def _is_linked(first: dict[str, Side], second: dict[str, Side]) -> bool:
    matched = sum(len(first[code].keys() & second.get(code, {}).keys()) for code in first)
    before, after = sum(map(len, first.values())), sum(map(len, second.values()))
    in_groups = sum(len(people) for side in (first, second) for people in side.values() if len(people) >= 3)
    if matched == 0:
        return False
    return in_groups * 2 <= before + after or matched >= LEAST_MATCHED * min(before, after)


def _unlinked_state(old: Side, new: Side, names: tuple[str, str]) -> tuple[str, str]:
    if old and new:
        return "unlinked", "people cannot be matched between the rounds"
    return _gone_or_new(old, names)


def _gone_or_new(old: Side, names: tuple[str, str]) -> tuple[str, str]:
    if old:
        return "dissolved", f"nobody answered in {names[1]}"
    return "new", f"nobody answered in {names[0]}"


def _state(old: Side, new: Side, names: tuple[str, str]) -> tuple[str, str]:
    if not old or not new:
        return _gone_or_new(old, names)
    both, left, joined = old.keys() & new.keys(), old.keys() - new.keys(), new.keys() - old.keys()
    if max(len(old), len(new)) >= 3:
        detail = f"{len(old)} people in {names[0]}, {len(new)} in {names[1]}, {len(both)} in both"
        return "group", detail if len(both) >= 2 else f"{detail}: not compared"
    if len(both) == 2:
        changed = [who for who in natural(both) if old[who][0] and new[who][0] and old[who][0] != new[who][0]]
        return "complete", "; ".join(f"{who}: {old[who][0]}, then {new[who][0]}" for who in changed)
    if left and joined:
        if not both:
            return "re-formed", "both partners replaced" if len(old) == len(new) == 2 else "other people in each round"
        gone, came = next(iter(left)), next(iter(joined))
        return "re-formed", f"{_noun(old[gone][0])} {gone} replaced by {_noun(new[came][0])} {came}"
    if left or joined:
        who = next(iter(left or joined))
        role, name = (old[who][0], names[0]) if left else (new[who][0], names[1])
        return "one-partner", f"{_noun(role)} {who} answered in {name} only"
    return "one-partner", "one person in both rounds"


def _noun(role: str) -> str:
    return role.replace("_", " ") or "partner"


def _flow(roster: Roster) -> pd.DataFrame:
    import pandas as pd

    people = roster.people
    compared = people.pair.isin(roster.compared()) & (people.state != "left") & (people.state != "joined")
    kept_apart = people.pair.isin(roster.pairs.pair[roster.pairs.sponsor])
    roles = [(role, people.role == role) for role in sorted(set(people.role))]
    rows = [
        (
            role,
            int(people.in_before[chosen].sum()),
            int(people.in_after[chosen].sum()),
            int((people.state[chosen] == "matched").sum()),
            int(compared[chosen].sum()),
        )
        for role, chosen in [*roles, ("all", ~kept_apart)]
    ]
    return pd.DataFrame(rows, columns=FLOW)
