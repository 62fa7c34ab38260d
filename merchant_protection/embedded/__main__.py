"""The keeper: a small process that outlives the program and stops the servers after their last user."""

import os
import sys
from pathlib import Path

from merchant_protection.embedded import stack

GRACE = 5.0  # seconds the servers outlive their last user, so that the next command finds them running

if __name__ == "__main__":
    state = Path(sys.argv[1])
    if state.exists():  # or its user came, went and removed it before we were here
        stack.Stack(state).keep(grace=float(os.environ.get("PORTAL_GRACE", GRACE)))
