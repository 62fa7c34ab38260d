from django.urls import include, path
from rest_framework.routers import SimpleRouter

from training.api import attempts, courses, learning, sessions

router = SimpleRouter(trailing_slash=False)
router.register("training/courses", courses.Courses, basename="api_training_course")
router.register("training/attempts", attempts.Attempts, basename="api_training_attempt")
router.register("training/enrolments", learning.Enrolments, basename="api_training_enrolment")
router.register("training/certificates", learning.Certificates, basename="api_training_certificate")
router.register("training/assignments", learning.Assignments, basename="api_training_assignment")
router.register("training/sessions", sessions.Sessions, basename="api_training_session")

urlpatterns = [
    path("training/learning-time", learning.LearningTime.as_view(), name="api_training_time"),
    path("", include(router.urls)),
]
