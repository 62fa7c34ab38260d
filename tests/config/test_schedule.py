"""The schedule and Celery's settings: a wrong name would pass in silence."""

from celery.app import defaults
from celery.schedules import crontab
from django.conf import settings

from merchant_protection.config.celery import app


def test_every_entry_of_the_schedule_names_a_real_task() -> None:
    app.loader.import_default_modules()

    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
        assert entry["task"] in app.tasks, name


def test_every_entry_is_a_crontab_since_intervals_restart_with_every_restart() -> None:
    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
        assert isinstance(entry["schedule"], crontab), name


def test_every_celery_setting_has_a_name_that_celery_knows() -> None:
    known = {key.upper() for key, _option in defaults.flatten(defaults.NAMESPACES)}
    ours = {name.removeprefix("CELERY_") for name in dir(settings) if name.startswith("CELERY_")}

    assert ours <= known
