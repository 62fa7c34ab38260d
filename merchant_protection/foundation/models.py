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


class Heartbeat(models.Model):
    """When a loop of a drain, or a sweep, last looked for due work."""

    name = models.CharField(max_length=80, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at}"


class Slot(models.Model):
    """One tick of the schedule that somebody took: the clocks may run twice, the work runs once."""

    job = models.CharField(max_length=120)
    slot = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "slot"], name="foundation_slot_once")]

    def __str__(self) -> str:
        return f"{self.job} {self.slot}"


class Rate(models.Model):
    """How much of what a name may do is used up: all comes back by `until`."""

    name = models.CharField(max_length=120, unique=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} until {self.until}"


class CacheEntry(models.Model):
    """A small value that all processes share for a while."""

    name = models.CharField(max_length=300, unique=True)
    value = models.TextField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
