"""Cut the fonts of the staff admin down to what its pages use.

Writes to assets/unfold-build, at the paths the theme's own style sheets ask for, so that collectstatic
takes these files first: Inter from the portal's own copy, and the few hundred symbols that are named
in the theme or in our code instead of all four thousand.
"""

import pathlib
import re
import sys

import unfold
from fontTools import subset, ttLib

ROOT = pathlib.Path(__file__).resolve().parent.parent
THEME = pathlib.Path(unfold.__file__).parent
SYMBOLS = "unfold/fonts/material-symbols/Material-Symbols-Outlined.woff2"
OUT = ROOT / "assets" / "unfold-build"
OURS = ("merchant_protection", "claims", "pricing_guard", "scalper_policies", "training", "templates", "static")
WORD = re.compile(r"[a-z][a-z0-9_]{2,}")
NAMED = re.compile(
    r"""icon["']?\s*[=:]\s*["']([a-z0-9_]+)["']"""
    r"""|material-symbols-outlined[^>]*>\s*([a-z0-9_]+)\s*<"""
    r"""|SITE_SYMBOL["']\s*:\s*["']([a-z0-9_]+)["']"""
)
QUOTED = re.compile(r"""["']([a-z][a-z0-9_]{2,})["']""")
INTER_CSS = """\
@font-face {
  font-family: "Inter";
  font-style: normal;
  font-weight: 100 900;
  font-display: swap;
  src: url("../../../portal/inter-latin.woff2") format("woff2");
}
"""


def main() -> None:
    """Write the style sheet for Inter and the cut symbol font."""
    inter = OUT / "unfold" / "fonts" / "inter" / "styles.css"
    inter.parent.mkdir(parents=True, exist_ok=True)
    inter.write_text(INTER_CSS, encoding="utf-8")

    source = THEME / "static" / SYMBOLS
    target = OUT / SYMBOLS
    target.parent.mkdir(parents=True, exist_ok=True)
    kept = cut_symbols(source, target, words_in_theme() | words_in_ours())
    sys.stdout.write(f"{kept} symbols, {source.stat().st_size:,} -> {target.stat().st_size:,} bytes\n")


def words_in_theme() -> set[str]:
    """Every word of the theme's templates and code; those that are symbols are kept."""
    files = [*THEME.rglob("*.html"), *THEME.rglob("*.py"), THEME / "static/unfold/js/app.js"]
    return {word for file in files for word in WORD.findall(file.read_text(encoding="utf-8", errors="ignore"))}


def words_in_ours() -> set[str]:
    """The symbols that our own pages and settings name."""
    found: set[str] = set()
    for folder in OURS:
        for file in sorted((ROOT / folder).rglob("*")):
            if file.suffix in {".html", ".py", ".js"}:
                text = file.read_text(encoding="utf-8")
                found.update(name for names in NAMED.findall(text) for name in names if name)
                if is_about_staff_pages(file):
                    found.update(QUOTED.findall(text))
    return found


def is_about_staff_pages(file: pathlib.Path) -> bool:
    """Whether a file names symbols by plain words: the navigation, and each app's part of the admin."""
    return file.suffix == ".py" and (file.stem in {"navigation", "admin"} or file.parent.name == "admin")


def cut_symbols(source: pathlib.Path, target: pathlib.Path, words: set[str]) -> int:
    """Write the font with only the wanted symbols; return how many there are."""
    font = ttLib.TTFont(source, recalcTimestamp=False)
    glyph_by_name = ligatures(font)
    names = sorted(words & glyph_by_name.keys())

    options = subset.Options()
    options.layout_features = ["*"]
    options.layout_closure = False
    options.flavor = "woff2"
    options.drop_tables += ["FFTM"]
    cutter = subset.Subsetter(options)
    cutter.populate(glyphs=[glyph_by_name[name] for name in names], text="".join(sorted(set("".join(names)))))
    cutter.subset(font)
    subset.save_font(font, str(target), options)
    return len(names)


def ligatures(font: ttLib.TTFont) -> dict[str, str]:
    """Map the name that is written in a page to the glyph it is drawn with."""
    letter_by_glyph = {glyph: chr(code).lower() for code, glyph in font.getBestCmap().items()}
    found: dict[str, str] = {}
    for lookup in font["GSUB"].table.LookupList.Lookup:
        for table in lookup.SubTable:
            inner = getattr(table, "ExtSubTable", table)
            for first, entries in getattr(inner, "ligatures", {}).items():
                for entry in entries:
                    name = "".join(letter_by_glyph.get(glyph, "?") for glyph in (first, *entry.Component))
                    found[name] = entry.LigGlyph
    return found


if __name__ == "__main__":
    main()
