"""What the workshop may use, and what it answers when a file is not taken."""

import resource

MEMORY = 512 * 1024 * 1024
CPU_SECONDS = 8
LARGEST_OUTPUT = 256 * 1024 * 1024
SMALL_STACK = 1024 * 1024
OPEN_FILES = 64
MOST_PIXELS = 25_000_000


class Refused(Exception):
    """The file is not taken; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def set_bounds() -> None:
    """Bind this process, and all it starts, before it has looked at anything."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, LARGEST_OUTPUT),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def use_small_stacks() -> None:
    """Let programs started from here give their threads a megabyte each: address space is what is counted."""
    resource.setrlimit(resource.RLIMIT_STACK, (SMALL_STACK, SMALL_STACK))
