"""``diemtin evidence``: make a pack of evidence of one article, or look whether one is whole."""

from contextlib import closing
from pathlib import Path

import click

from archive.config import ConfigError
from archive.i18n import current
from crawler.cli import open_home


@click.command("evidence")
@click.argument("article", required=False, type=int, metavar="ID")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR|FILE.zip",
    help="Where to (else a zip in this folder).",
)
@click.option("--verify", type=click.Path(path_type=Path), metavar="PACK", help="Say whether a pack is whole.")
@click.option("--pdf/--no-pdf", default=True, help="Whether to print the pages as PDF, which takes seconds.")
@click.pass_context
def command(ctx: click.Context, article: int | None, out: Path | None, verify: Path | None, pdf: bool) -> None:
    """Gather all that is kept of an article into one folder or zip that others can check.

    ID is the number in the article's address (/bai/ID). A pack that was changed ends with 1.

    Example: diemtin evidence 1204 --out bang-chung.zip
    """
    if (article is None) == (verify is None):
        raise click.UsageError(current()("cli.usage.evidence"))
    if verify is not None:
        ctx.exit(0 if _verify(verify) else 1)
    assert article is not None  # noqa: S101 - one of the two was given
    _make(ctx, article, out, pdf)


def _make(ctx: click.Context, article: int, out: Path | None, pdf: bool) -> None:
    import getpass

    from archive.clock import utc_now
    from archive.evidence.chain import sha256
    from archive.evidence.config import load_evidence
    from archive.evidence.pack import MANIFEST, log_pack, make_pack, maker
    from archive.evidence.record import load_record, load_subject
    from archive.schema import open_archive

    words, home = current(), open_home(ctx, reads=True)
    config = load_evidence(home.config("evidence.yml"))
    with closing(open_archive(home.archive_db)) as db:
        subject = load_subject(db, article)
    if subject is None:
        raise ConfigError(words("cli.evidence.none", id=article))
    if not subject.versions:
        raise ConfigError(words("evidence.nothing"))
    record = load_record(subject, home.pages_db)
    pack = make_pack(record, home.pages_db, maker(getpass.getuser(), utc_now()), config, with_pdf=pdf)
    path = pack.write(out or Path(f"{pack.name}.zip"))
    log_pack(home.desk_db, pack, by="")
    click.echo(words("cli.evidence.made", path=path, files=len(pack.files)))
    click.echo(words("cli.evidence.hash", sha256=sha256(pack.files[MANIFEST])))
    for lacking in pack.lacking:
        click.echo(f"- {words.reason(lacking)}")


def _verify(path: Path) -> bool:
    from archive.evidence.verify import verify

    words, verdict = current(), verify(path)
    if verdict.whole:
        click.echo(words("cli.evidence.whole", files=verdict.files))
    else:
        click.echo(words("cli.evidence.broken"))
    for one in [*verdict.faults, *verdict.notes]:
        click.echo(f"- {words.reason(one)}")
    return verdict.whole
