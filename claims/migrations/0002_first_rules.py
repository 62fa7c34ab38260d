"""What a new desk starts with: kinds, reasons, queues, a calendar with the official holidays, service levels, limits."""

from datetime import UTC, datetime, timedelta

from django.db import migrations

from claims.rules import catalogue, first_words, wording
from merchant_protection.foundation import public_holidays

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
OFFICE = [["09:00", "12:00"], ["13:00", "18:00"]]
YEARS = (2025, 2026, 2027)


def write(apps, schema_editor):
    schema_editor.execute("SELECT set_config('portal.scope', 'platform', true)")
    models = _Models(apps)
    _kinds(models)
    _words(models)
    queues = _queues(models)
    _service_levels(models, queues)
    _limits(models)


class _Models:
    def __init__(self, apps):
        self._apps = apps

    def __getattr__(self, name):
        return self._apps.get_model("claims", name).objects


def _kinds(models):
    for position, kind in enumerate(catalogue.KINDS):
        name_en, name_zh, hint_en, hint_zh = first_words.KIND_NAMES[kind.code]
        models.ClaimKind.create(
            code=kind.code,
            name_en=name_en,
            name_zh=name_zh,
            hint_en=hint_en,
            hint_zh=hint_zh,
            required=[_evidence(each) for each in kind.required],
            helpful=[_evidence(each) for each in kind.helpful],
            opens_basis=kind.opens.basis,
            opens_after=kind.opens.after,
            closes_basis=kind.closes.basis,
            closes_after=kind.closes.after,
            position=position,
            created_at=SINCE,
        )


def _evidence(evidence):
    return {
        "type": evidence.type,
        "weight": evidence.weight,
        "or_else": sorted(evidence.or_else),
        "example": evidence.example,
    }


def _words(models):
    for code, side, name_en, name_zh, text_en, text_zh, clause_en, clause_zh, basis_en, basis_zh, kinds in (
        first_words.REASONS
    ):
        models.ReasonCode.create(
            code=code,
            side=side,
            name_en=name_en,
            name_zh=name_zh,
            text_en=text_en,
            text_zh=text_zh,
            clause_en=clause_en,
            clause_zh=clause_zh,
            basis_en=basis_en,
            basis_zh=basis_zh,
            kinds=list(kinds),
            created_at=SINCE,
        )
    for code, purpose, title_en, title_zh, body_en, body_zh in first_words.TEXTS:
        models.CannedText.create(
            code=code,
            purpose=purpose,
            title_en=title_en,
            title_zh=title_zh,
            body_en=body_en,
            body_zh=body_zh,
            created_at=SINCE,
        )
    for phrase in wording.DEMAND_PHRASES:
        models.Phrase.create(text=phrase.text, points=phrase.points)


def _queues(models):
    queues = {}
    for position, (code, name_en, name_zh, is_default) in enumerate(first_words.QUEUES):
        queues[code] = models.Queue.create(
            code=code, name_en=name_en, name_zh=name_zh, position=position, is_default=is_default
        )
    for position, (name, queue, kinds, amount_from, skills, priority) in enumerate(first_words.ROUTES):
        models.RoutingRule.create(
            name=name,
            position=position,
            queue=queues[queue],
            kinds=list(kinds),
            amount_from=amount_from,
            skills=list(skills),
            priority=priority,
        )
    return queues


def _service_levels(models, queues):
    calendar = models.WorkCalendar.create(
        code="CN_OFFICE",
        name_en="Office hours, Beijing",
        name_zh="北京工作时间",
        zone="Asia/Shanghai",
        country="CN",
        week=[OFFICE, OFFICE, OFFICE, OFFICE, OFFICE, [], []],
        updated_at=SINCE,
    )
    public = public_holidays.of_country("CN", years=YEARS)
    for day in sorted(public.days_off | public.workdays):
        models.CalendarDate.create(
            calendar=calendar,
            date=day,
            hours=OFFICE if day in public.workdays else [],
            name=public.names.get(day, "")[:120],
        )
    common = {
        "calendar": calendar,
        "pause_cap": timedelta(hours=40),
        "warnings": list(first_words.WARNINGS),
        "steps": [{"level": level, "audience": who, "minutes": late} for level, who, late in first_words.STEPS],
        "created_at": SINCE,
    }
    models.SlaPolicy.create(
        code="STANDARD", name_en="Standard", name_zh="标准", promises=_promises(first_words.NORMAL_PROMISES), **common
    )
    models.SlaPolicy.create(
        code="HIGH",
        name_en="High priority",
        name_zh="高优先级",
        priority="HIGH",
        promises=_promises(first_words.HIGH_PROMISES),
        **common,
    )


def _promises(promises):
    return [{"target": target, "minutes": minutes, "on_breach": "ESCALATE"} for target, minutes in promises]


def _limits(models):
    models.DeskSettings.create(version=1, bulk_spacing=timedelta(minutes=15), created_at=SINCE)
    models.FastTrack.create(
        version=1,
        mode="SHADOW",
        clear=first_words.CLEAR,
        levels=["HIGH"],
        amount_up_to=2000,
        created_at=SINCE,
    )


class Migration(migrations.Migration):

    dependencies = [
        ("claims", "0001_initial"),
    ]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
