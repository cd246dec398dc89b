from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from auditkit import runs, tables
from auditkit.audit import Audit
from auditkit.decided import Verdict
from auditkit.errors import AuditkitError

WHERE = "round,file,sheet,row"
COLUMNS = {
    "answers": f"{WHERE},respondent,pair,role,item,question,text",
    "ratings": f"{WHERE},respondent,pair,role,item,scale,rating,scored",
    "codings": f"{WHERE},respondent,pair,role,question,theme,label,pole,score,coded,coder,decision",
    "themes": "round,theme,label,status,set_by,respondents,answers,cohesion,strength,since",
    "comparison": "level,pair,kind,measure,label,pole,n_pairs,n_before,n_after,before,after,change,low,high,"
    "up,same,down,r_rb,p,p_adjusted,verdict",
    "excerpts": f"{WHERE},respondent,question,excerpt,start,end,text",
    "exceptions": "pair,rule,reason,figures,data,next_step",
    "people": f"{WHERE},respondent,pair,role,service,identity,sponsor,date,"
    "consent_quote,consent_pair_ratings,consent_pair_words,state",
    "problems": f"{WHERE},column,severity,found,taken_as,fix",
    "notes": f"{WHERE},respondent,question,memo,quote,paraphrase,not_for_quotation,coder",
    "runs": "run,command,rounds,files,settings,codebook,versions,at",
    "log": "entry,at,who,action,object,before,after,codebook,version,previous,hash",
    "versions": "version,at,author,action,said,reason,codebook,undoes",
}


def text_of(folder: Path, table: str, form: str = "csv", **options: Any) -> str:
    text = runs.export(Audit(folder / "audit"), table, form, None, **options)
    assert text is not None
    return text


def rows_of(folder: Path, table: str, **options: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text_of(folder, table, **options))))


def test_every_table_has_its_columns_in_every_format(small: Path, tmp_path: Path) -> None:
    assert list(COLUMNS) == list(tables.TABLES)
    for table, columns in COLUMNS.items():
        rows = rows_of(small, table)
        assert text_of(small, table).splitlines()[0] == columns
        records = json.loads(text_of(small, table, "json"))
        assert len(records) == len(rows)
        assert all(",".join(record) == columns for record in records)
        runs.export(Audit(small / "audit"), table, "xlsx", tmp_path / f"{table}.xlsx")
        sheet = openpyxl.load_workbook(tmp_path / f"{table}.xlsx").active
        assert [cell.value for cell in sheet[1]] == columns.split(",")
        assert sheet.max_row == len(rows) + 1


def test_a_file_holds_what_is_printed(small: Path, tmp_path: Path) -> None:
    for form in ("csv", "json"):
        path = tmp_path / "new folder" / f"answers.{form}"
        assert runs.export(Audit(small / "audit"), "answers", form, path) is None
        assert path.read_bytes() == text_of(small, "answers", form).encode()
        assert b"\r" not in path.read_bytes()


def test_answers_and_ratings_are_as_in_the_sheet(small: Path) -> None:
    answers = rows_of(small, "answers")
    assert [row["text"] for row in answers if row["respondent"] == "b2" and row["round"] == "baseline"] == [
        "He decides alone and I hear it last.",
        "I can rely on him, always.",
    ]
    first = next(row for row in answers if row["respondent"] == "a2")
    assert (first["file"], first["row"], first["pair"], first["role"]) == ("baseline.csv", "3", "ward-1", "manager")
    rating = next(row for row in rows_of(small, "ratings") if (row["respondent"], row["item"]) == ("a2", "COM1"))
    assert (rating["scale"], float(rating["rating"]), float(rating["scored"])) == ("communication", 3.0, 3.0)


def test_codings_hold_each_answer_and_theme_once(small: Path) -> None:
    every = rows_of(small, "codings", all_scores=True)
    answers = rows_of(small, "answers")
    place = ("round", "respondent", "pair", "question")
    assert len(every) == 12 * len(answers)
    assert len({(*(row[name] for name in place), row["theme"]) for row in every}) == len(every)
    assert {row["coded"] for row in every} == {"true", "false"}
    assert all(0 <= float(row["score"]) <= 1 for row in every)
    assert all(row["coder"] == row["decision"] == row["pole"] == "" for row in every if row["coded"] == "false")
    coded = rows_of(small, "codings")
    assert coded == [row for row in every if row["coded"] == "true"]
    assert {(row["coder"], row["decision"]) for row in coded} == {("machine", "suggested")}
    assert {row["pole"] for row in coded} <= {"good", "poor", "mixed", ""}


def test_codings_by_excerpt(small: Path) -> None:
    excerpts = {row["excerpt"] for row in rows_of(small, "excerpts")}
    every = rows_of(small, "codings", level="excerpt", all_scores=True)
    assert list(every[0]) == [*COLUMNS["codings"].split(","), "excerpt"]
    assert len(every) == 12 * len(excerpts)
    assert {row["excerpt"] for row in every} == excerpts
    by_answer = {(row["round"], row["respondent"], row["question"], row["theme"]) for row in rows_of(small, "codings")}
    by_excerpt = {
        (row["round"], row["respondent"], row["question"], row["theme"])
        for row in rows_of(small, "codings", level="excerpt")
    }
    assert by_excerpt == by_answer


def test_a_theme_that_a_person_set_is_there_with_and_without_all_scores(small: Path) -> None:
    audit = Audit(small / "audit")
    from auditkit.analysis import text_hash
    from auditkit.audit import Run

    row = audit.load_round("baseline").responses.answers.iloc[0]
    audit.store.connection.execute("DELETE FROM scores WHERE theme = 'T01'")  # as under a codebook without it
    decided = {"answer": row["answer"], "text_hash": text_hash(row["text"]), "pole": "good"}
    audit.decide(
        Verdict([decided | {"theme": "T01", "decision": "added"}, decided | {"theme": "T02", "decision": "rejected"}]),
        "Zoë",
        Run("review", (), {}, "", "", ""),
    )
    audit.store.close()
    for all_scores in (False, True):
        found = [row for row in rows_of(small, "codings", all_scores=all_scores) if row["coder"] == "Zoë"]
        themes = [(row["theme"], row["coded"], row["decision"]) for row in found]
        assert themes == [("T01", "true", "added"), *([("T02", "false", "rejected")] if all_scores else [])]


def test_excerpts_are_cut_from_the_stored_text(small: Path) -> None:
    texts = {(row["round"], row["respondent"], row["question"]): row["text"] for row in rows_of(small, "answers")}
    excerpts = rows_of(small, "excerpts")
    assert excerpts
    for row in excerpts:
        whole = texts[row["round"], row["respondent"], row["question"]]
        assert whole[int(row["start"]) : int(row["end"])] == row["text"]


def test_themes_count_people_and_answers(small: Path) -> None:
    coded = [row for row in rows_of(small, "codings") if row["round"] == "baseline"]
    for row in rows_of(small, "themes"):
        assert row["status"] in ("accepted", "suggested", "retired")
        assert row["strength"] in ("", "loose", "fair", "tight")
        if row["round"] == "baseline":
            mine = [one for one in coded if one["theme"] == row["theme"]]
            assert (int(row["answers"]), int(row["respondents"])) == (
                len(mine),
                len({one["respondent"] for one in mine}),
            )


def test_people_tell_who_is_in_both_rounds(small: Path) -> None:
    assert {(row["respondent"], row["state"]) for row in rows_of(small, "people")} == {
        (respondent, "matched") for respondent in ("a1", "a2", "b1", "b2", "c1", "c2")
    }


def test_problems_list_errors_first(small: Path) -> None:
    problems = rows_of(small, "problems")
    rank = ["error", "warning", "note"]
    per_round = [
        [rank.index(row["severity"]) for row in problems if row["round"] == name] for name in ("baseline", "repeat")
    ]
    assert all(order == sorted(order) for order in per_round)


def test_csv_and_json_hold_missing_text_and_numbers_alike() -> None:
    frame = pd.DataFrame(
        {
            "text": ['say "yes", then\nno', "=1+1", "", "Zoë 🙂"],
            "score": [0.123456789, 1.0, float("nan"), 1 / 3],
            "coded": [True, False, True, False],
        }
    )
    text = tables.text(frame, "csv")
    assert text.splitlines()[0] == "text,score,coded"
    back = list(csv.DictReader(io.StringIO(text)))
    assert [row["text"] for row in back] == frame["text"].tolist()
    assert [row["score"] for row in back] == ["0.123457", "1.0", "", "0.333333"]
    assert [row["coded"] for row in back] == ["true", "false", "true", "false"]
    records = json.loads(tables.text(frame, "json"))
    assert [record["score"] for record in records] == [0.123457, 1.0, None, 0.333333]
    assert records[3]["text"] == "Zoë 🙂"
    assert "\\u" not in tables.text(frame, "json")


@pytest.mark.parametrize(
    ("table", "form", "options", "message"),
    [
        ("nothing", "csv", {}, 'There is no table "nothing"'),
        ("answers", "pdf", {}, 'There is no format "pdf"'),
        ("answers", "xlsx", {}, "A workbook cannot be printed"),
        ("codings", "csv", {"level": "word"}, 'There is no level "word"'),
    ],
)
def test_what_there_is_not_is_named(small: Path, table: str, form: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(AuditkitError, match=message) as caught:
        text_of(small, table, form, **options)
    assert caught.value.fix


def test_a_comparison_is_not_invented(small: Path) -> None:
    audit = Audit(small / "audit")
    audit.store.connection.execute("DELETE FROM runs WHERE command = 'compare'")
    audit.store.close()
    for table in ("comparison", "exceptions"):
        with pytest.raises(AuditkitError, match="Nothing has been compared yet"):
            text_of(small, table)
    assert {row["state"] for row in rows_of(small, "people")} == {""}


def test_the_version_since_when_there_is_a_theme_is_a_whole_number(small: Path) -> None:
    assert {row["since"] for row in rows_of(small, "themes") if row["status"] == "accepted"} == {"1"}
    found = [row["since"] for row in json.loads(text_of(small, "themes", "json"))]
    assert 1 in found
    assert {type(one) for one in found} <= {int, type(None)}
