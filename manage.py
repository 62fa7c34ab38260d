#!/usr/bin/env python
"""Entry point of every administrative command."""

import sys

from django.core.management import execute_from_command_line

from merchant_protection.config import entry

if __name__ == "__main__":
    entry.prepare(command=sys.argv[1] if len(sys.argv) > 1 else "")
    execute_from_command_line(sys.argv)
