"""The portal's Celery with short limits of time, and a sweep that writes lists of which some are dangerous to write."""

import os

from tests.faults.ticking import app

soft, hard = (float(each) for each in os.environ.get("HAZARD_LIMITS", "20,25").split(","))
app.conf.include = [*app.conf.include, "tests.faults.misdeeds"]
app.conf.task_soft_time_limit, app.conf.task_time_limit = soft, hard
app.conf.beat_schedule = {"lists": {"task": "hazards.write_lists", "schedule": 1.0}}
