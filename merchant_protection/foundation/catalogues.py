"""The Chinese catalogues: one beside each app, and one of the project for what belongs to no app."""

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import allauth
import django
import unfold
from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog, Message
from django.apps import apps
from django.conf import settings

from merchant_protection.foundation import extraction

LANGUAGE = "zh_Hans"
SINCE = datetime(2026, 11, 24, tzinfo=UTC)
HEADER = """\
# Simplified Chinese of the Merchant Protection Portal.
# The English text is the key; `manage.py messages` keeps this file in step with the sources.
"""


DJANGO = Path(django.__file__).parent
ALLAUTH = Path(allauth.__file__).parent
LIBRARIES = (  # whose pages we show, and whose own Chinese has gaps that the project's catalogue fills
    Path(unfold.__file__).parent,
    ALLAUTH / "account",
    ALLAUTH / "mfa",
    ALLAUTH / "usersessions",
)


@dataclass(frozen=True)
class Home:
    """Where a catalogue lies, and the folders whose texts it holds."""

    name: str
    path: Path
    python: tuple[Path, ...]
    templates: tuple[Path, ...]
    libraries: tuple[Path, ...] = ()

    @property
    def po(self) -> Path:
        """The file that people edit."""
        return self.path / LANGUAGE / "LC_MESSAGES" / "django.po"


def homes() -> list[Home]:
    """Return every catalogue of ours: the apps', then the project's."""
    root: Path = settings.BASE_DIR
    pages = root / "templates"
    ours = [config for config in apps.get_app_configs() if _is_ours(Path(config.path), root)]
    found = [
        Home(
            name=config.label,
            path=Path(config.path) / "locale",
            python=(Path(config.path),),
            templates=(pages / config.label, Path(config.path) / "templates"),
        )
        for config in sorted(ours, key=lambda config: config.label)
    ]
    taken = {home.name for home in found}
    shared = tuple(folder for folder in sorted(pages.iterdir()) if folder.name not in taken) if pages.exists() else ()
    config_folder = root / "merchant_protection" / "config"
    rest = Home("project", root / "locale", python=(config_folder,), templates=shared, libraries=LIBRARIES)
    return [*found, rest]


def _is_ours(path: Path, root: Path) -> bool:
    return root in path.parents and ".venv" not in path.parts


def update(home: Home, known: dict[tuple[str, str | None], str | tuple[str, ...]]) -> Catalog:
    """Bring the file in step with the sources: new texts come in, vanished ones go, translations stay."""
    template = Catalog(locale=LANGUAGE)
    for text in _texts(home):
        template.add((text.singular, text.plural) if text.plural else text.singular, context=text.context)
    catalogue = read(home)
    catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    for message in _messages(catalogue):
        if not _is_translated(message) and (translation := known.get((_key(message), message.context))):
            message.string = translation
    if list(_messages(catalogue)) or home.po.exists():
        write(home, catalogue)
    return catalogue


def translations() -> dict[tuple[str, str | None], str | tuple[str, ...]]:
    """Return what is translated anywhere, so that the same words need no second look."""
    return {
        (_key(message), message.context): message.string  # type: ignore[misc]
        for home in homes()
        for message in _messages(read(home))
        if _is_translated(message)
    }


def read(home: Home) -> Catalog:
    """Return the catalogue as it is on disk; an empty one where there is none."""
    if not home.po.exists():
        return Catalog(locale=LANGUAGE, domain="django", creation_date=SINCE, revision_date=SINCE)
    with home.po.open("rb") as file:
        return pofile.read_po(file, locale=LANGUAGE, domain="django")


def write(home: Home, catalogue: Catalog) -> None:
    """Write the file that people edit, sorted, without line numbers, so that two branches rarely clash."""
    catalogue.project = "merchant-protection-portal"
    catalogue.version = "1"
    catalogue.header_comment = HEADER.rstrip()
    catalogue.fuzzy = False
    catalogue.last_translator = "Merchant Protection <portal@localhost>"
    catalogue.language_team = "Simplified Chinese"
    home.po.parent.mkdir(parents=True, exist_ok=True)
    with home.po.open("wb") as file:
        pofile.write_po(file, catalogue, width=110, no_location=True, sort_output=True)


def compile_all() -> int:
    """Write the binary files that Django reads; return how many were stale."""
    written = 0
    for home in homes():
        binary = home.po.with_suffix(".mo")
        if not home.po.exists() or (binary.exists() and binary.stat().st_mtime > home.po.stat().st_mtime):
            continue
        with binary.open("wb") as file:
            mofile.write_mo(file, read(home))
        written += 1
    return written


def faults() -> Iterator[str]:
    """Yield what is wrong: a text that is not there, not translated, unsure, or translated in two ways."""
    seen: dict[tuple[str, str | None], tuple[str, object]] = {}
    for home in homes():
        catalogue = read(home)
        present = {(_key(message), message.context): message for message in _messages(catalogue)}
        for text in _texts(home):
            if (text.singular, text.context) not in present:
                yield f"{home.name}: not in the catalogue: {text.singular!r}"
        for key, message in present.items():
            yield from _faults_of(home, catalogue, message)
            other = seen.setdefault(key, (home.name, message.string))
            if _is_translated(message) and other[1] != message.string:
                yield f"{home.name}: differs from {other[0]}: {key[0]!r}"


def _faults_of(home: Home, catalogue: Catalog, message: Message) -> Iterator[str]:
    if not _is_translated(message):
        yield f"{home.name}: not translated: {_key(message)!r}"
    elif message.fuzzy:
        yield f"{home.name}: unsure: {_key(message)!r}"
    for error in message.check(catalogue):
        yield f"{home.name}: {_key(message)!r}: {error}"


def _texts(home: Home) -> Iterator[extraction.Text]:
    yield from _texts_of(python=home.python, templates=home.templates)
    yield from _borrowed(home)


def _texts_of(*, python: Iterable[Path], templates: Iterable[Path]) -> Iterator[extraction.Text]:
    for folder in python:
        for path in sorted(folder.rglob("*.py")):
            if "migrations" not in path.parts:
                yield from extraction.in_python(path)
    for folder in templates:
        for path in sorted(folder.rglob("*")) if folder.is_dir() else [folder]:
            if path.suffix in {".html", ".txt"}:
                yield from extraction.in_template(path)


def _borrowed(home: Home) -> Iterator[extraction.Text]:
    """Texts of the libraries' pages that their own catalogues leave in English, or address too formally."""
    if not home.libraries:
        return
    folders = [DJANGO / "conf", *sorted((DJANGO / "contrib").iterdir()), ALLAUTH]
    files = [folder / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po" for folder in folders]
    known = {key for file in files if file.exists() for key in _translated_in(file)}
    for folder in home.libraries:
        for text in _texts_of(python=[folder], templates=[folder]):
            if text.singular and (text.singular, text.context) not in known:
                yield text


@functools.cache
def _translated_in(po: Path) -> frozenset[tuple[str, str | None]]:
    with po.open("rb") as file:
        catalogue = pofile.read_po(file, locale=LANGUAGE)
    sure = (each for each in _messages(catalogue) if _is_translated(each) and not each.fuzzy and not _is_formal(each))
    return frozenset((_key(message), message.context) for message in sure)


def missing(catalogue: Catalog) -> int:
    """Return how many texts have no Chinese yet."""
    return sum(not _is_translated(message) for message in _messages(catalogue))


def _messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def _key(message: Message) -> str:
    return str(message.id[0] if isinstance(message.id, tuple) else message.id)


def _is_formal(message: Message) -> bool:
    return "您" in "".join(_strings(message))


def _strings(message: Message) -> tuple[str, ...]:
    strings = message.string if isinstance(message.string, tuple) else (message.string,)
    return tuple(str(each or "") for each in strings)


def _is_translated(message: Message) -> bool:
    return all(_strings(message))
