"""From fields to one self-contained HTML file: no script, no font, no request to anywhere."""

from __future__ import annotations

import functools
import itertools
import types
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit.errors import AuditkitError
from auditkit.wording import arrow, between, counted, day, percent, plain, signed

if TYPE_CHECKING:
    import jinja2

TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, fields: Mapping[str, Any], *, user_templates: Path | None) -> str:
    """The HTML of ``template`` ("all_participants.html") filled with ``fields``.

    A file of that name in ``user_templates`` wins; it may extend "builtin/all_participants.html" and
    replace single blocks. Ids are counted from 1 in each document, so equal fields give equal bytes.
    Raises AuditkitError naming file and line where a user's template cannot be used; never a field's value.
    """
    import jinja2

    environment = _environment(user_templates)
    try:
        text = environment.get_template(template).render({**fields, "new_id": _counter()})
    except RecursionError:
        raise AuditkitError(
            f"{template}: this template extends itself",
            f'Write {{% extends "builtin/{template}" %}} in it.',
        ) from None
    except Exception as error:
        place = _place(error, user_templates)
        if place is None:
            raise
        what = error.message if isinstance(error, jinja2.TemplateError) else type(error).__name__
        raise AuditkitError(
            f"template {place}: {what}",
            "Correct that line, or delete the file to use the built-in template.",
        ) from None
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip()) + "\n"


def css_string(text: str) -> str:
    """Text made safe between the double quotes of a CSS string inside ``<style>``."""
    return "".join(c if c.isalnum() or c in " .,:;-" else f"\\{ord(c):06x} " for c in text)


FILTERS: dict[str, Callable[..., str]] = {
    "plain": plain,
    "signed": signed,
    "between": between,
    "percent": percent,
    "arrow": arrow,
    "day": day,
    "counted": counted,
}
"""The filters that a template can use, besides those of Jinja."""


@functools.lru_cache(maxsize=4)
def _environment(user_templates: Path | None) -> jinja2.Environment:
    import jinja2
    from markupsafe import Markup

    from auditkit import charts, map_chart, rating_charts

    builtin = jinja2.FileSystemLoader(TEMPLATES)
    loaders: list[jinja2.BaseLoader] = [builtin, jinja2.PrefixLoader({"builtin": builtin})]
    if user_templates is not None:
        loaders.insert(0, jinja2.FileSystemLoader(user_templates))
    loader = jinja2.ChoiceLoader(loaders)
    environment = jinja2.Environment(
        loader=loader,
        autoescape=jinja2.select_autoescape(["html"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def stylesheet() -> Markup:
        source = loader.get_source(environment, "pack.css")[0]
        return Markup(source.replace("</", "<\\/"))

    environment.filters.update(FILTERS)
    environment.filters["css_string"] = lambda text: Markup(css_string(text))
    environment.globals.update(
        stylesheet=stylesheet,
        layout=types.SimpleNamespace(**(vars(charts) | vars(rating_charts) | vars(map_chart))),
    )
    return environment


def _counter() -> Callable[[str], str]:
    counts: dict[str, Iterator[int]] = {}

    def new_id(prefix: str) -> str:
        return f"{prefix}{next(counts.setdefault(prefix, itertools.count(1)))}"

    return new_id


def _place(error: BaseException, user_templates: Path | None) -> str | None:
    """Name and line of the user's template that an error comes from; None where none had a part in it."""
    import jinja2

    if user_templates is None:
        return None
    if isinstance(error, jinja2.TemplateSyntaxError):
        inside = error.filename is not None and Path(error.filename).is_relative_to(user_templates)
        return f"{error.name}, line {error.lineno}" if inside else None
    place = None
    trace: types.TracebackType | None = error.__traceback__
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.is_relative_to(user_templates):
            place = f"{path.relative_to(user_templates).as_posix()}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return place
