"""The schedule is reviewed like code: every entry names a real task."""

from celery.app.defaults import NAMESPACES, flatten
from celery.schedules import crontab
from django.conf import settings

from merchant_protection.config.celery import app
from merchant_protection.config.schedule import SCHEDULE


def test_every_entry_names_a_real_task_and_a_time_that_a_restart_does_not_move() -> None:
    app.loader.import_default_modules()

    assert {str(entry["task"]) for entry in SCHEDULE.values()} <= set(app.tasks)
    assert all(isinstance(entry["schedule"], crontab) for entry in SCHEDULE.values())


def test_every_setting_of_celery_is_known_to_it() -> None:
    """Celery takes unknown settings without a word."""
    known = {name for name, _ in flatten(NAMESPACES)}

    assert {name.removeprefix("CELERY_").lower() for name in dir(settings) if name.startswith("CELERY_")} <= known
