"""The report as one HTML page that needs nothing else."""

from functools import cache

import jinja2

from archive.report.shown import ShownReport


def to_html(shown: ShownReport) -> str:
    """The report as a page to file or to send."""
    return _template().render(shown=shown, t=shown.words, lang=shown.words.lang)


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("archive.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")
