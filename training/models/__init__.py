from training.models.assignments import Assignment, AssignmentRule, Reminder
from training.models.certificates import Certificate
from training.models.courses import Area, Course, CourseVersion, Level, VersionMove
from training.models.learning import Answer, Attempt, Enrolment, Learner, Progress, StudySpan
from training.models.lessons import CourseFile, Lesson, Module, Question, Quiz
from training.models.relief import ReliefPolicy
from training.models.sessions import Attendance, LiveSession, Registration, RoomPost, RoomQuestion

__all__ = [
    "Answer",
    "Area",
    "Assignment",
    "AssignmentRule",
    "Attempt",
    "Attendance",
    "Certificate",
    "Course",
    "CourseFile",
    "CourseVersion",
    "Enrolment",
    "Learner",
    "Lesson",
    "Level",
    "LiveSession",
    "Module",
    "Progress",
    "Question",
    "Quiz",
    "Registration",
    "ReliefPolicy",
    "Reminder",
    "RoomPost",
    "RoomQuestion",
    "StudySpan",
    "VersionMove",
]
