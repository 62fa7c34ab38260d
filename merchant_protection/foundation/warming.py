"""What every page needs, made ready before the first visitor comes."""

from pathlib import Path

from django.conf import settings
from django.template import engines
from django.utils import translation

SHELL = ("base.html", "portal/*.html", "cotton/**/*.html")


def warm() -> list[str]:
    """Read the languages and the templates of the pages' frame; return the templates' names."""
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            translation.gettext("")
    folder = Path(settings.BASE_DIR) / "templates"
    names = [str(path.relative_to(folder)) for pattern in SHELL for path in sorted(folder.glob(pattern))]
    for name in names:
        engines["django"].get_template(name)
    return names
