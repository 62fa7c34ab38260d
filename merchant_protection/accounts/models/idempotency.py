"""Requests of programs that were asked once and must take effect once."""

from django.db import models

from merchant_protection.accounts.models.merchants import Merchant
from merchant_protection.foundation import tenancy


class KeptAnswer(models.Model):
    """What a program was answered to a request it marked with an `Idempotency-Key`: asked again, it hears the same.

    Without a status the request still runs, or was cut off; `effect_at` is
    written by the command's own transaction, so it tells whether it took effect.
    """

    merchant = models.ForeignKey(Merchant, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    caller_kind = models.CharField(max_length=12)
    caller_id = models.BigIntegerField()
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    generation = models.PositiveIntegerField(default=1)
    leased_until = models.DateTimeField()
    effect_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    content_type = models.CharField(max_length=80, blank=True)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            tenancy.TenantRows(name="accounts_keptanswer_tenant"),
            models.UniqueConstraint(
                fields=["merchant", "caller_kind", "caller_id", "key"],
                nulls_distinct=False,
                name="accounts_keptanswer_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.caller_kind} {self.caller_id}: {self.status or 'running'}"
