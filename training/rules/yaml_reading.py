"""YAML read with its line numbers, and every slip told."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from training.rules.languages import LANGUAGES

LARGEST = 1_000_000
DEEPEST = 40
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
LONGEST_CODE = 60
_MISSING = object()


@dataclass(frozen=True)
class Fault:
    """What is wrong in a folder: in which file, on which line, what (a key of the faults' words) and its details."""

    file: str
    line: int
    what: str
    details: dict[str, Any] = field(default_factory=dict)


class Faulty(Exception):
    """A folder that cannot be a course, with everything that is wrong in it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = list(faults)


class Faults:
    """Collects what is wrong in one folder."""

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def add(self, file: str, line: int, what: str, **details: Any) -> None:
        """Note one fault."""
        self.found.append(Fault(file, line, what, details))

    def stop_if_any(self) -> None:
        """Give up when something was found."""
        if self.found:
            raise Faulty(self.found)


class Part:
    """A mapping of a YAML file: its keys are taken one by one, and whatever is left was not known."""

    def __init__(self, node: Any, *, file: str, faults: Faults, languages: Sequence[str] = LANGUAGES) -> None:
        self.file, self.faults, self.languages = file, faults, languages
        self.line = line_of(node)
        self.values: dict[str, Any] = {}
        self.lines: dict[str, int] = {}
        if not isinstance(node, yaml.MappingNode):
            faults.add(file, self.line, "not_a_mapping")
            return
        for key, value in node.value:
            name = str(key.value)
            if name in self.values:
                faults.add(file, line_of(key), "twice", key=name)
            self.values[name], self.lines[name] = value, line_of(key)

    def fault(self, key: str, what: str, **details: Any) -> None:
        """Note a fault at a key."""
        self.faults.add(self.file, self.lines.get(key, self.line), what, key=key, **details)

    def has(self, key: str) -> bool:
        """Whether the key is there and not yet taken."""
        return key in self.values

    def text(self, key: str, *, default: Any = _MISSING, longest: int = 500) -> str:
        """Take a text."""
        text = str(self._scalar(key, default, raw=True) or "").strip()
        if len(text) > longest:
            self.fault(key, "too_long", most=longest)
        return text

    def code(self, key: str) -> str:
        """Take a code: small letters, digits and hyphens."""
        value = self.text(key, longest=LONGEST_CODE)
        if value and not CODE.match(value):
            self.fault(key, "not_a_code", value=value)
        return value

    def choice(self, key: str, choices: Sequence[str], *, default: Any = _MISSING) -> str:
        """Take one of these words."""
        value = self.text(key, default=default)
        if value and value not in choices:
            self.fault(key, "not_a_choice", value=value, choices=", ".join(choices))
        return value

    def number(self, key: str, *, least: int, most: int, default: Any = _MISSING) -> int | None:
        """Take a whole number."""
        value = self._scalar(key, default)
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and least <= value <= most):
            return value
        self.fault(key, "not_a_number", least=least, most=most)
        return None

    def decimal(self, key: str, *, default: Any = _MISSING) -> float | None:
        """Take a number with or without decimals."""
        value = self._scalar(key, default)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 10**12:
            return float(value)
        self.fault(key, "not_a_number", least="", most="")
        return None

    def flag(self, key: str, *, default: Any = _MISSING) -> bool | None:
        """Take true or false."""
        value = self._scalar(key, default)
        if value is None or isinstance(value, bool):
            return value
        self.fault(key, "not_a_flag")
        return None

    def words(self, key: str, *, needed: bool = True, longest: int = 2000) -> dict[str, str]:
        """Take a pair of texts, one for each of the course's languages."""
        node = self.values.pop(key, None)
        if node is None:
            if needed:
                self.fault(key, "missing")
            return {}
        part = Part(node, file=self.file, faults=self.faults, languages=self.languages)
        said = {each: part.text(each, longest=longest) for each in self.languages}
        part.end()
        return {each: text for each, text in said.items() if text}

    def texts(self, key: str, *, default: Any = _MISSING) -> list[str]:
        """Take a list of words."""
        nodes = self._items(key, needed=default is _MISSING)
        if any(not isinstance(node, yaml.ScalarNode) for node in nodes):
            self.fault(key, "not_a_list_of_words")
            return []
        return [str(node.value) for node in nodes]

    def part(self, key: str) -> "Part | None":
        """Take a mapping beneath this one."""
        if not self.has(key):
            self.fault(key, "missing")
            return None
        return Part(self.values.pop(key), file=self.file, faults=self.faults, languages=self.languages)

    def parts(self, key: str, *, needed: bool = True) -> "list[Part]":
        """Take a list of mappings."""
        nodes = self._items(key, needed=needed)
        return [Part(node, file=self.file, faults=self.faults, languages=self.languages) for node in nodes]

    def end(self) -> None:
        """Tell the keys that nobody knows."""
        for name in self.values:
            self.fault(name, "unknown_key")

    def _items(self, key: str, *, needed: bool) -> list[Any]:
        node = self.values.pop(key, None)
        if isinstance(node, yaml.SequenceNode):
            return list(node.value)
        if node is not None:
            self.fault(key, "not_a_list")
        elif needed:
            self.fault(key, "missing")
        return []

    def _scalar(self, key: str, default: Any, *, raw: bool = False) -> Any:
        node = self.values.pop(key, None)
        if node is None:
            if default is _MISSING:
                self.fault(key, "missing")
                return None
            return default
        if not isinstance(node, yaml.ScalarNode):
            self.fault(key, "not_plain")
            return None
        value = _value(node)
        if value is None and default is _MISSING:
            self.fault(key, "missing")
        return node.value if raw and value is not None else value


def top(content: bytes, *, file: str, faults: Faults, languages: Sequence[str] = LANGUAGES) -> Part | None:
    """Return the mapping that a YAML file is, or note where it is broken."""
    if len(content) > LARGEST:
        faults.add(file, 1, "too_large", most=LARGEST)
        return None
    try:
        text = content.decode("utf-8-sig")
        if _depth(text) > DEEPEST:
            faults.add(file, 1, "broken_yaml", problem="nested too deeply")
            return None
        aliases = [event for event in yaml.parse(text, Loader=yaml.SafeLoader) if isinstance(event, yaml.AliasEvent)]
        if aliases:
            faults.add(file, line_of(aliases[0]), "alias")
            return None
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except UnicodeDecodeError as fault:
        faults.add(file, content[: fault.start].count(b"\n") + 1, "not_utf8")
        return None
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        faults.add(file, mark.line + 1 if mark else 1, "broken_yaml", problem=fault.problem or "")
        return None
    except (yaml.YAMLError, RecursionError) as fault:
        faults.add(file, 1, "broken_yaml", problem=type(fault).__name__)
        return None
    return Part(node, file=file, faults=faults, languages=languages)


def _depth(text: str) -> int:
    """How deep brackets are nested; the parser's time grows with its square."""
    depth = deepest = 0
    for letter in text:
        if letter in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in "]}":
            depth = max(0, depth - 1)
    return deepest


def line_of(node: Any) -> int:
    """Return the line on which a part begins."""
    mark = getattr(node, "start_mark", None)
    return mark.line + 1 if mark else 1


def _value(node: Any) -> Any:
    """Return a plain value; a date stays text."""
    if not isinstance(node, yaml.ScalarNode):
        return None
    maker = yaml.SafeLoader("")
    try:
        if node.tag.endswith((":timestamp", ":binary")):
            return node.value
        return maker.construct_object(node)
    except (ValueError, yaml.YAMLError):
        return node.value
    finally:
        maker.dispose()


def each_code(parts: Sequence[Part]) -> Iterator[tuple[Part, str]]:
    """Yield parts with their codes; a code used twice is a fault."""
    known: set[str] = set()
    for part in parts:
        code = part.code("code")
        if code in known:
            part.faults.add(part.file, part.line, "code_twice", code=code)
        known.add(code)
        yield part, code
