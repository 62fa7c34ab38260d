"""Celery wakes people up; what is to be done stands in PostgreSQL rows."""

from celery import Celery

from merchant_protection.config import entry

entry.prepare()
app = Celery("merchant_protection")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
