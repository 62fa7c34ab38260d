from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Anybody may ask for a draw by its commitment, so it must not cost a look at every draw."""

    atomic = False
    dependencies = [("scalper_policies", "0012_draw_outcomes")]

    operations = [
        AddIndexConcurrently("draw", models.Index(fields=["commitment"], name="scalper_draw_commitment")),
        AddIndexConcurrently(
            "draw",
            models.Index(
                fields=["id"],
                condition=models.Q(status="REVEALED", checked_at__isnull=True),
                name="scalper_draw_unchecked",
            ),
        ),
    ]
