"""When each sweep wakes up, reviewed like code. Minutes, not intervals: intervals restart with every restart."""

from celery.schedules import crontab

EVERY_MINUTE = crontab()

SCHEDULE: dict[str, dict[str, object]] = {}

# Which feature is owed a row for which kinds of change, so that it looks at each once.
CONSUMERS: dict[str, list[str]] = {}
