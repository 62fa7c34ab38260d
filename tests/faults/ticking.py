"""The portal's Celery with a sweep of every two seconds besides its own, so that a short test sees many ticks."""

from celery.schedules import crontab

from merchant_protection.config.celery import app

app.conf.include = ["tests.faults.sweeps"]
app.conf.beat_schedule = {
    **app.conf.beat_schedule,
    "often": {"task": "ticking.often", "schedule": 1.0},
    "every five minutes": {"task": "ticking.long", "schedule": crontab(minute="*/5")},
}
