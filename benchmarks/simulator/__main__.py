"""python -m benchmarks.simulator"""

import sys

from benchmarks.simulator import cli

sys.exit(cli.main())
