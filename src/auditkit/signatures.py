"""By what the exports of survey tools are known, and what the tools' own columns hold.

Column names were taken from real exports and from the tools' own translations.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from auditkit.values import plain

TITLES = {
    "microsoft-forms": "Microsoft Forms",
    "google-forms": "Google Forms",
    "surveymonkey": "SurveyMonkey",
    "qualtrics": "Qualtrics",
    "jisc": "Jisc Online Surveys",
    "smartsurvey": "Smart Survey",
    "limesurvey": "LimeSurvey",
    "redcap": "REDCap",
    "kobo": "KoBo or ODK",
    "spss": "SPSS",
    "long": "one answer a row",
    "plain": "a plain sheet",
}
"""Every layout, and how it is printed."""

_COLUMNS: Mapping[str, Mapping[str, str]] = {
    "microsoft-forms": {
        "number": "id|id.|identifikator|identyfikator|kennung|identifiant",
        "start": "start time|startzeit|heure de début|hora de inicio|ora di inizio|begintijd|hora de início"
        "|godzina rozpoczęcia|starttid|starttidspunkt|aloitusaika|čas zahájení|kezdés időpontja|başlangıç zamanı"
        "|время начала|開始時刻|开始时间|amser dechrau",
        "date": "completion time|fertigstellungszeit|abschlusszeit|heure de fin|hora de finalización"
        "|ora di completamento|tijd van voltooien|hora de conclusão|godzina ukończenia|slutförandetid"
        "|slutförd tid|fuldførelsestidspunkt|fullføringstidspunkt|valmistumisaika|čas dokončení"
        "|befejezés időpontja|tamamlanma zamanı|время выполнения|完了時刻|完成时间|amser cwblhau",
        "email": "email|e-mail|e-mail-adresse|adresse de messagerie|e-mail address|correo electrónico"
        "|posta elettronica|adres e-mail|e-post|e-postadress|mail|sähköposti|email address|メール|电子邮件|ebost",
        "name": "name|nom|nombre|nome|naam|nazwa|namn|navn|nimi|jméno|név|名前|姓名|enw",
        "kept": "last modified time|zeitpunkt der letzten änderung|heure de la dernière modification"
        "|hora de la última modificación|ora dell'ultima modifica|language|sprache|langue|idioma|lingua|taal"
        "|total points|quiz feedback|grade posted time|tijd van laatste wijziging",
    },
    "google-forms": {
        "date": "timestamp|zeitstempel|horodateur|marca temporal|informazioni cronologiche|carimbo de data/hora"
        "|tijdstempel|sygnatura czasowa|tidstämpel|tidsstempel|tidsmerke|aikaleima|časová značka|časová pečiatka"
        "|zaman damgası|отметка времени|позначка часу|タイムスタンプ|时间戳记|時間戳記|타임스탬프|időbélyeg"
        "|marcă temporală|stamp amser|χρονική σήμανση|marca de temps",
        "email": "email address|username|e-mail-adresse|nutzername|adresse e-mail|nom d'utilisateur"
        "|dirección de correo electrónico|nombre de usuario|indirizzo email|nome utente|endereço de e-mail"
        "|nome de usuário|e-mailadres|gebruikersnaam|adres e-mail|nazwa użytkownika|e-postadress|email",
        "kept": "score|punktzahl|punkte|puntuación|punteggio|pontuação|wynik",
    },
    "surveymonkey": {
        "response": "respondent id|respondentid|respondent_id|befragten-id|teilnehmer-id|id du répondant"
        "|identificador del encuestado|id del encuestado|id do respondente|id rispondente|respondent-id",
        "kept": "collector id|collectorid|collector_id|collector-id|id du collecteur|id del recopilador"
        "|identificador del recopilador|id do coletor|id collettore",
        "start": "start date|startdate|date_created|date created|startdatum|date de début|fecha de inicio",
        "date": "end date|enddate|date_modified|date modified|enddatum|date de fin|fecha de finalización",
        "place": "ip address|ip_address|ipaddress|ip-adresse|adresse ip|dirección ip",
        "email": "email address|email_address|emailaddress|e-mail-adresse|adresse e-mail"
        "|dirección de correo electrónico",
        "name": "first name|last name|first_name|last_name|firstname|lastname|vorname|nachname|prénom|nom"
        "|nombre|apellido|apellidos",
        "person": "custom data|custom data 1|custom data 2|custom data 3|custom_1|custom_2|custom_3|custom_value"
        "|customdata|benutzerdefinierte daten 1",
    },
    "qualtrics": {
        "start": "startdate|start date",
        "end": "enddate|end date",
        "date": "recordeddate|recorded date",
        "response": "responseid|response id",
        "place": "ipaddress|ip address|locationlatitude|locationlongitude|location latitude|location longitude",
        "name": "recipientlastname|recipientfirstname|recipient last name|recipient first name|name",
        "email": "recipientemail|recipient email|emailaddress",
        "person": "externalreference|externaldatareference|external data reference|external reference",
        "kept": "status|progress|finished|duration (in seconds)|duration|distributionchannel|distribution channel"
        "|userlanguage|user language|responseset|locationaccuracy|response type|q_recaptchascore"
        "|q_relevantidduplicate|q_relevantidduplicatescore|q_relevantidfraudscore|q_relevantidlaststartdate"
        "|q_ambiguoustextpresent|q_ambiguoustextquestions|q_duplicaterespondent|q_unansweredpercentage"
        "|q_unansweredquestions|q_ballotboxstuffing|q_straightliningcount|q_straightliningpercentage"
        "|q_straightliningquestions|q_totalduration",
    },
    "jisc": {
        "response": "unique response number|uniqueresponsenumber|unique response no|urn",
        "start": "started|start date|survey started|date started|startdate",
        "date": "completed|completed on|completion date|survey completed|date completed|submitted|submission date"
        "|completiondate",
        "person": "respondent identifier|respondent id|respondent|username|token|respondentidentifier",
        "email": "email|email address",
        "kept": "completion time|time taken|last page completed|language|completed?",
        "place": "ip address",
    },
    "smartsurvey": {
        "response": "userno|user no|user no.|userid|user id|response id",
        "name": "name|first name|last name",
        "email": "email|email address",
        "place": "ip address|device fingerprint|location|latitude|longitude",
        "person": "unique id|uniqueid",
        "start": "started|date started|start date",
        "date": "ended|date ended|end date|completed",
        "kept": "tracking link|tracking link name|language|status|user agent|browser|device|referrer|duration"
        "|time taken|modified|collector|filter|page path|source",
    },
    "limesurvey": {
        "response": "id|response id|antwort id|antwort-id|id de la réponse|id de respuesta|id risposta|antwoord id",
        "date": "submitdate|date submitted|datum abgeschickt|date de soumission|fecha de envío|data invio"
        "|data di invio|datum ingediend",
        "start": "startdate|date started|datum gestartet|date de lancement|date de début|fecha de inicio"
        "|data di inizio",
        "end": "datestamp|date last action|datum letzte aktivität|date de la dernière action|fecha de la última acción",
        "kept": "lastpage|last page|letzte seite|dernière page|última página|ultima pagina|laatste pagina"
        "|startlanguage|start language|start-sprache|startsprache|langue de départ|lenguaje inicial|idioma inicial"
        "|lingua iniziale|seed|zufallsstartwert|tête de série|semilla|interviewtime|total time|gesamtzeit"
        "|refurl|referrer url|weiterleitungs-url",
        "place": "ipaddr|ip address|ip-adresse|adresse ip|dirección ip",
        "person": "token|access code|zugangscode|zugangsschlüssel|code d'accès|código de acceso|codice di accesso",
        "name": "firstname|lastname|first name|last name|vorname|nachname",
        "email": "email|email address|e-mail-adresse",
    },
    "redcap": {
        "record": "record_id|record id|study_id|study id|participant_id|subject_id",
        "round": "redcap_event_name|event name",
        "person": "redcap_survey_identifier|survey identifier",
        "kept": "redcap_repeat_instrument|repeat instrument|redcap_repeat_instance|repeat instance"
        "|redcap_data_access_group|data access group|complete?",
        "date": "redcap_survey_timestamp|survey timestamp",
    },
    "kobo": {
        "response": "_id|_uuid|key|meta-instanceid|meta/instanceid|instanceid|__id",
        "start": "start|starttime",
        "end": "end|endtime|today|_submission__submission_time|_last_edited",
        "date": "_submission_time|submissiondate",
        "place": "deviceid|phonenumber|simserial|simid|subscriberid|_geolocation|_gps|imei",
        "name": "username|submittername|_submitted_by|_submission__submitted_by",
        "kept": "_validation_status|_notes|_status|__version__|_version_|_tags|_index|_xform_id_string"
        "|_bamboo_dataset_id|formhub/uuid|meta/rootuuid|meta/deprecatedid|meta/instancename|meta-instancename|instancename|submitterid"
        "|attachmentspresent|attachmentsexpected|status|reviewstate|edits|formversion|_attachments"
        "|audit|background-audio"
        "|parent_key|_parent_index|_parent_table_name|_submission__id|_submission__uuid|_submission__validation_status"
        "|_submission__notes|_submission__status|_submission___version__|_submission__tags|_media_all_received",
    },
}
_PATTERNS: Mapping[str, Mapping[str, str]] = {
    "microsoft-forms": {"kept": r"(points|feedback|punkte|commentaires) [-–] .+"},
    "google-forms": {"kept": r".+ \[(score|feedback)\]"},
    "surveymonkey": {"person": r"custom[ _]data[ _]?\d*|custom_\d+"},
    "qualtrics": {
        "kept": r".*_(first click|last click|page submit|click count)|.* - (topics|sentiment.*|parent topics)"
    },
    "limesurvey": {"kept": r"(group|question) ?time(\d+)?\b.*|gruppenzeit.*|fragenzeit.*|interviewtime"},
    "redcap": {"date": r".*_timestamp", "kept": r".*_complete|redcap_.*"},
}
_NAMES = {
    tool: {name: kind for kind, names in kinds.items() for name in names.split("|")} for tool, kinds in _COLUMNS.items()
}
LEADING = frozenset(("microsoft-forms", "google-forms", "surveymonkey", "smartsurvey"))
"""Tools whose own columns stand before the first question: one with such a name behind it is a question."""

_DATED = re.compile(r"\d{1,4}[-/.]\s?\d{1,2}[-/.]\s?\d{1,4}(?:\b|T).*|\d{5}(\.\d+)?")
IMPORT_ID = re.compile(r'\{\s*"+ImportId"+\s*:.*\}')
_CODED = re.compile(r"([^\W\d]\w*(?:\[[^\]]*\])*)\. ?(\S.*)", re.DOTALL)


def kind(tool: str, header: str) -> str:
    """What a column of a tool's own holds (number, response, person, record, email, name, place, start, end,
    date, round, kept), "" for a question."""
    name = plain(header).casefold()
    found = _NAMES.get(tool, {}).get(name, "")
    if not found and tool == "limesurvey" and (coded := _CODED.fullmatch(name)):
        found = _NAMES[tool].get(coded[1], "") or _NAMES[tool].get(coded[2], "")
    if not found:
        patterns = _PATTERNS.get(tool, {})
        found = next((kind for kind, pattern in patterns.items() if re.fullmatch(pattern, name)), "")
    return found


def patterned(tool: str, header: str) -> bool:
    """Whether a tool's own column is known by the form of its name, wherever it stands."""
    return any(re.fullmatch(pattern, plain(header).casefold()) for pattern in _PATTERNS.get(tool, {}).values())


def sign(header: Sequence[str], below: Sequence[Sequence[str]]) -> tuple[str, str] | None:
    """(tool, what shows it, in words) of a row of headers and some rows below it; None for no tool's export."""
    names = [plain(text).casefold() for text in header]
    for tool, test in _TESTS.items():
        because = test(names, below)
        if because:
            return tool, because
    return None


def dated(cells: Sequence[str]) -> bool:
    """Whether nearly all cells that are not blank are dates; False where all are blank."""
    filled = [cell for cell in cells if cell]
    return bool(filled) and sum(bool(_DATED.fullmatch(cell)) for cell in filled) >= 0.8 * len(filled)


def column(rows: Sequence[Sequence[str]], index: int) -> list[str]:
    """The cells of a column, "" where a row is too short."""
    return [row[index] if index < len(row) else "" for row in rows]


def _qualtrics(names: Sequence[str], below: Sequence[Sequence[str]]) -> str:
    if any(sum(bool(IMPORT_ID.fullmatch(cell)) for cell in row) > 1 for row in below[:2]):
        return "a row of ImportIds below the questions"
    if names[:2] == ["v1", "v2"] and below and {"responseid", "startdate"} <= _row(below[0]):
        return "columns V1, V2 … above ResponseID"
    own = {"responseid", "recordeddate", "distributionchannel", "userlanguage", "externalreference", "recipientemail"}
    found = own & set(names)
    if len(found) >= 2 or (found and {"startdate", "enddate", "finished"} <= set(names)):
        return _columns(names, found | {"startdate"})
    return ""


def _surveymonkey(names: Sequence[str], below: Sequence[Sequence[str]]) -> str:
    kinds = [_NAMES["surveymonkey"].get(name, "") for name in names]
    first = next((i for i, found in enumerate(kinds) if found), 0)
    both = "response" in kinds and kinds[first : first + 2] in (["response", "kept"], ["kept", "response"])
    both = both or ("response" in kinds and any(name.startswith(("collector", "id du collec")) for name in names))
    under = [plain(cell).casefold() for cell in below[0]] if below else []
    both = both or ("response" in kinds and sum(cell in ("response", "open-ended response") for cell in under) >= 2)
    return _columns(names, {n for n, k in zip(names, kinds, strict=True) if k in ("response", "kept")}) if both else ""


def _microsoft(names: Sequence[str], below: Sequence[Sequence[str]]) -> str:
    kinds = [_NAMES["microsoft-forms"].get(name, "") for name in names[:10]]
    if "start" in kinds and kinds[kinds.index("start") + 1 :][:1] == ["date"]:
        place = kinds.index("start")
        if kinds[max(0, place - 1) : place] == ["number"] or {"email", "name"} & set(kinds[place:]):
            return _columns(names, set(names[max(0, place - 1) : place + 4]) & set(_NAMES["microsoft-forms"]))
    if names[:1] and _NAMES["microsoft-forms"].get(names[0]) == "number" and len(below) >= 2 and len(names) > 5:
        numbers, starts, ends, emails = (column(below, place) for place in range(4))
        times = dated(starts) and dated(ends) and all(":" in cell for cell in starts + ends if cell)
        one = len(set(emails)) == 1 or all("@" in cell for cell in emails if cell)
        if all(cell.isdecimal() for cell in numbers) and times and any(emails) and one:
            return "a number, two times and an e-mail address before the questions"
    return ""


def _google(names: Sequence[str], below: Sequence[Sequence[str]]) -> str:
    first = next((place for place, name in enumerate(names) if name), 0)
    if len(names) < 2 or _NAMES["google-forms"].get(names[first]) != "date":
        return ""
    times = column(below, first)
    return f'"{names[first].capitalize()}" first, a time in each row' if dated(times) or not any(times) else ""


def _jisc(names: Sequence[str], below: Sequence[Sequence[str]]) -> str:
    own = {"unique response number", "uniqueresponsenumber", "unique response no"} & set(names)
    return _columns(names, own)


def _smartsurvey(names: Sequence[str], below: Sequence[Sequence[str]]) -> str:
    if not {"userno", "user no", "user no.", "userid", "user id"} & set(names):
        return ""
    beside = {"ip address", "unique id", "started", "ended", "tracking link"} & set(names)
    return _columns(names, {"userno", "user no", *beside} & set(names)) if len(beside) >= 2 else ""


def _limesurvey(names: Sequence[str], below: Sequence[Sequence[str]]) -> str:
    kinds = {name: kind("limesurvey", name) for name in names}
    own = {name for name, found in kinds.items() if found == "kept" and not name.endswith(("time", "url"))}
    if "date" in kinds.values() and "response" in kinds.values() and own:
        return _columns(names, {name for name, found in kinds.items() if found in ("response", "date")} | own)
    return _columns(names, own) if len(own) >= 2 and {"date", "response"} & set(kinds.values()) else ""


def _redcap(names: Sequence[str], below: Sequence[Sequence[str]]) -> str:
    own = {name for name in names if name.startswith("redcap_")}
    if own:
        return _columns(names, own)
    statuses = {name for name in names if name.endswith("_complete") or name == "complete?"}
    known = {"0", "1", "2", "", "complete", "incomplete", "unverified"}
    of_redcap = all(set(map(str.casefold, column(below, names.index(name)))) <= known for name in statuses)
    first = {"record_id", "record id", "study_id", "study id", "participant_id"} & set(names)
    if statuses and first and of_redcap:
        return _columns(names, first | statuses)
    labels = {"event name", "survey identifier", "survey timestamp", "repeat instrument"} & set(names)
    return _columns(names, first | labels) if first and labels else ""


def _kobo(names: Sequence[str], below: Sequence[Sequence[str]]) -> str:
    own = {"_id", "_uuid", "_submission_time", "_validation_status", "_submitted_by", "__version__", "_index"}
    own |= {"_xform_id_string", "formhub/uuid", "_parent_index", "_parent_table_name", "_submission__id"}
    found = own & set(names)
    if len(found) >= 2:
        return _columns(names, found)
    odk = {"submissiondate", "key", "parent_key", "submitterid", "submittername", "formversion", "reviewstate"}
    odk |= {"meta-instanceid", "attachmentspresent", "instanceid"}
    found = odk & set(names)
    return _columns(names, found) if len(found) >= 3 else ""


def _columns(names: Sequence[str], found: set[str]) -> str:
    """The columns that show a tool, in the sheet's order."""
    shown = list(dict.fromkeys(name for name in names if name in found))[:4]
    listed = ", ".join(shown[:-1]) + (" and " if shown[1:] else "") + shown[-1] if shown else ""
    return f"the column{'s' * (len(shown) > 1)} {listed}" if shown else ""


def _row(cells: Sequence[str]) -> set[str]:
    return {plain(cell).casefold() for cell in cells}


_TESTS: Mapping[str, Callable[[Sequence[str], Sequence[Sequence[str]]], str]] = {
    "qualtrics": _qualtrics,
    "surveymonkey": _surveymonkey,
    "redcap": _redcap,
    "kobo": _kobo,
    "limesurvey": _limesurvey,
    "jisc": _jisc,
    "smartsurvey": _smartsurvey,
    "microsoft-forms": _microsoft,
    "google-forms": _google,
}
