from django.urls import path

from training.views import beats, calendars, catalogue, certificates, lessons, quizzes, sessions, team

COURSE = "m/training/courses/<slug:code>/"
LESSON = f"{COURSE}lessons/<slug:lesson_code>/"
ATTEMPT = "m/training/attempts/<int:pk>/"
SESSION = "m/training/sessions/<int:pk>/"

urlpatterns = [
    path("m/training/", catalogue.index, name="training"),
    path(COURSE, catalogue.course, name="training_course"),
    path(f"{COURSE}enrol/", catalogue.enrol, name="training_enrol"),
    path(f"{COURSE}assign/", team.ask, name="training_assign"),
    path("m/training/team/", team.index, name="training_team"),
    path("m/training/team/<int:pk>/remind/", team.remind, name="training_remind"),
    path("m/training/team/<int:pk>/end/", team.end, name="training_unask"),
    path(f"{COURSE}changes/", catalogue.differences, name="training_changes"),
    path(f"{COURSE}move-on/", catalogue.move_on, name="training_move_on"),
    path(f"{COURSE}renew/", certificates.renew, name="training_renew"),
    path(f"{COURSE}files/<int:number>/<str:name>", lessons.file, name="training_file"),
    path(LESSON, lessons.lesson, name="training_lesson"),
    path(f"{LESSON}read/", lessons.read, name="training_read"),
    path(f"{LESSON}download/", lessons.download, name="training_download"),
    path(f"{LESSON}beat/", beats.lesson, name="training_beat"),
    path(f"{LESSON}quiz/", quizzes.quiz, name="training_quiz"),
    path(f"{LESSON}quiz/start/", quizzes.start, name="training_quiz_start"),
    path(ATTEMPT, quizzes.attempt, name="training_attempt"),
    path(f"{ATTEMPT}questions/<int:question>/", quizzes.answer, name="training_answer"),
    path(f"{ATTEMPT}hand-in/", quizzes.hand_in, name="training_hand_in"),
    path("m/training/certificates/", certificates.index, name="training_certificates"),
    path("m/training/certificates/<int:pk>.pdf", certificates.pdf, name="training_certificate_pdf"),
    path("certificates/", certificates.verify, name="certificate_ask"),
    path("certificates/<str:code>/", certificates.verify, name="certificate_verify"),
    path("m/training/sessions/", sessions.index, name="training_sessions"),
    path(SESSION, sessions.room, name="training_session"),
    path(f"{SESSION}live/", sessions.live, name="training_session_live"),
    path(f"{SESSION}register/", sessions.register, name="training_register"),
    path(f"{SESSION}give-up/", sessions.give_up, name="training_give_up"),
    path(f"{SESSION}questions/", sessions.ask, name="training_ask"),
    path(f"{SESSION}beat/", beats.room, name="training_room_beat"),
    path(f"{SESSION}session.ics", calendars.file, name="training_session_file"),
    path("m/training/calendar/", calendars.subscribe, name="training_calendar"),
    path("m/training/stream/<str:name>", sessions.stream, name="training_stream"),
    path("calendar/<str:token>.ics", calendars.feed, name="training_feed"),
]
