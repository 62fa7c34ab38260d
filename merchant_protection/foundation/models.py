"""What rows of pending work have in common. No business models live here."""

from django.db import models


class Work(models.Model):
    """A row that is itself a piece of pending work.

    `due_at` says when somebody should look at it; claiming it moves `due_at`
    forward by the lease and raises `generation`, and only who still holds that
    generation may finish. Nothing is due when `due_at` is empty.
    """

    due_at = models.DateTimeField(null=True, blank=True)
    generation = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True, default="")

    class Meta:
        abstract = True
