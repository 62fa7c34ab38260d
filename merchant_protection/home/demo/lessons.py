"""The demo's training: a session that is live now, one to come, one to see again, and people who learn."""

from datetime import datetime, timedelta
from pathlib import Path

from merchant_protection.accounts import queries as accounts
from merchant_protection.accounts.actor import Actor, Kind
from merchant_protection.home.demo.people import member
from training.lifecycle import SessionStatus
from training.models import Course, LiveSession, RoomQuestion
from training.outside import test_stream
from training.queries import assignments, courses, learning, sessions
from training.services import assigning, enrolling, rooms, ruling, seats, studying
from training.services import sessions as services

STREAM, RECORDING = "/m/training/stream/live.m3u8", "/m/training/stream/recording.m3u8"
RECORDED_SECONDS = 40
LASTS = timedelta(hours=3)
SOON = timedelta(minutes=30)
LIVE = {"zh": "发货前识别团伙式仅退款", "en": "Spotting organised refund claims before they ship"}
NEXT = {"zh": "大促前检查保护价", "en": "Checking floor prices before a sale"}
PAST = {"zh": "举证答疑：哪些证据站得住", "en": "Evidence clinic: what holds up"}
ABOUT = {
    "zh": "用真实流程演示，结合店铺里的预警来看。欢迎提问。",
    "en": "Shown on the real pages, with the warnings of a shop. Questions are welcome.",
}
ASKED = (
    ("同一个地址下了三单，要不要先暂停发货？", "先看预警里的理由：金额不大可以先发货并留证，金额大先暂停并联系买家。"),
    ("订单已经发货，还能做什么？", ""),
)


def seed(*, shop_code: str, now: datetime, folder: Path) -> None:
    """Make what the training pages show; what is there already stays, and a session is always live."""
    trainer = _staff("trainer@demo.test")
    owner, operator = (member(f"{who}@demo.test", shop_code) for who in ("owner", "operator"))
    _held_before(trainer, owner, now=now, folder=folder)
    _live_now(trainer, owner, operator, now=now)
    _to_come(trainer, operator, now=now)
    _learn(owner, operator, now=now)
    _rules(trainer, now=now)


def _live_now(trainer: Actor, owner: Actor, operator: Actor, *, now: datetime) -> None:
    running = [each for each in sessions.to_come(now) if each.status == SessionStatus.LIVE]
    for session in running:
        if session.ends_at < now + SOON:
            services.end(actor=trainer, session_id=session.pk, at=now)
    if any(session.ends_at >= now + SOON for session in running):
        return
    session = _plan(trainer, LIVE, now - timedelta(minutes=10), now=now, stream_url=STREAM)
    for actor in (owner, operator):
        seats.register(actor=actor, session_id=session.pk, at=now - timedelta(hours=2))
    services.go_live(actor=trainer, session_id=session.pk, at=now - timedelta(minutes=9))
    rooms.announce(actor=trainer, session_id=session.pk, text="讲义会在结束后放到课程里。", at=now)
    for place, (text, reply) in enumerate(ASKED):
        asked = rooms.ask(actor=operator, session_id=session.pk, text=text, at=now - timedelta(minutes=5 - place))
        _reply(trainer, asked, reply, now=now)


def _reply(trainer: Actor, asked: RoomQuestion, reply: str, *, now: datetime) -> None:
    if reply:
        rooms.answer(actor=trainer, question_id=asked.pk, text=reply, at=now)
    else:
        rooms.show(actor=trainer, question_id=asked.pk, at=now)


def _to_come(trainer: Actor, operator: Actor, *, now: datetime) -> None:
    if any(each.title == NEXT for each in sessions.to_come(now)):
        return
    start = (now + timedelta(days=2)).replace(hour=12, minute=0, second=0, microsecond=0)
    session = _plan(trainer, NEXT, start, now=now, capacity=120)
    seats.register(actor=operator, session_id=session.pk, at=now)


def _held_before(trainer: Actor, owner: Actor, *, now: datetime, folder: Path) -> None:
    test_stream.record(folder, seconds=RECORDED_SECONDS)
    if sessions.recorded().exists():
        return
    start = now - timedelta(days=6)
    session = _plan(trainer, PAST, start, now=start - timedelta(days=3), stream_url=STREAM)
    seats.register(actor=owner, session_id=session.pk, at=start - timedelta(days=1))
    services.go_live(actor=trainer, session_id=session.pk, at=start)
    services.end(
        actor=trainer,
        session_id=session.pk,
        at=start + timedelta(minutes=46),
        recording_url=RECORDING,
        recording_seconds=RECORDED_SECONDS,
    )


def _plan(
    trainer: Actor, title: dict[str, str], start: datetime, *, now: datetime, capacity: int = 300, stream_url: str = ""
) -> LiveSession:
    plan = {
        "title": title,
        "summary": ABOUT,
        "starts_at": start,
        "ends_at": start + LASTS,
        "capacity": capacity,
        "stream_url": stream_url,
        "attendance_percent": 70,
    }
    return services.schedule(actor=trainer, plan=plan, at=now)


def _learn(owner: Actor, operator: Actor, *, now: datetime) -> None:
    known = list(courses.catalogue().order_by("code"))
    for actor, count in ((owner, 2), (operator, 1)):
        for course in known[:count]:
            _begin(actor, course, now=now)
    required = next((course for course in known if course.code == "buyer-privacy"), None)
    shop = owner.merchant_id or 0
    if required is not None and not assignments.visible_to(owner).filter(course=required).exists():
        assigning.assign(
            actor=owner,
            merchant_id=shop,
            course_id=required.pk,
            due_at=now + timedelta(days=14),
            reason="新员工入职必修",
            at=now,
        )


def _begin(actor: Actor, course: Course, *, now: datetime) -> None:
    shop = actor.merchant_id or 0
    if learning.enrolment(merchant_id=shop, user_id=actor.id, course_id=course.pk) is not None:
        return
    enrolment = enrolling.enrol(actor=actor, course_id=course.pk, at=now - timedelta(days=3))
    articles = [lesson for lesson in courses.lessons_of(enrolment.version_id) if lesson.kind == "ARTICLE"]
    for lesson in articles[:2]:
        studying.mark_read(actor=actor, course_id=course.pk, code=lesson.code, at=now - timedelta(days=2))


def _rules(trainer: Actor, *, now: datetime) -> None:
    if assignments.rules().exists():
        return
    wanted = (
        ("价格事故推荐价格保护课", "OUTCOME", "", "pricing_guard", "price-guard"),
        ("高风险订单推荐黄牛防控课", "WARNING", "", "", "scalper-policies"),
    )
    for name, trigger, kind, feature, code in wanted:
        course = courses.by_code(code)
        if course is not None and course.published_id is not None:
            ruling.add(
                actor=trainer,
                course_id=course.pk,
                name=name,
                trigger=trigger,
                kind=kind,
                feature=feature,
                due_days=None,
                at=now - timedelta(days=14),
            )


def _staff(email: str) -> Actor:
    person = accounts.user_by_email(email)
    return Actor(
        kind=Kind.USER,
        id=person.pk if person else None,
        name=person.display_name if person else "",
        staff_roles=frozenset(["TRAINER"]),
    )
