from django.urls import path

from training.views import catalogue, lessons

COURSE = "m/training/courses/<slug:code>/"
LESSON = f"{COURSE}lessons/<slug:lesson_code>/"

urlpatterns = [
    path("m/training/", catalogue.index, name="training"),
    path(COURSE, catalogue.course, name="training_course"),
    path(f"{COURSE}enrol/", catalogue.enrol, name="training_enrol"),
    path(f"{COURSE}changes/", catalogue.differences, name="training_changes"),
    path(f"{COURSE}move-on/", catalogue.move_on, name="training_move_on"),
    path(f"{COURSE}files/<int:number>/<str:name>", lessons.file, name="training_file"),
    path(LESSON, lessons.lesson, name="training_lesson"),
    path(f"{LESSON}read/", lessons.read, name="training_read"),
    path(f"{LESSON}download/", lessons.download, name="training_download"),
]
