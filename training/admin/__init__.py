from training.admin.courses import CourseAdmin, CourseVersionAdmin
from training.admin.reliefs import ReliefPolicyAdmin
from training.admin.results import AssignmentAdmin, AttendanceAdmin, CertificateAdmin, EnrolmentAdmin, RuleAdmin
from training.admin.sessions import LiveSessionAdmin, RoomQuestionAdmin

__all__ = [
    "AssignmentAdmin",
    "AttendanceAdmin",
    "CertificateAdmin",
    "CourseAdmin",
    "CourseVersionAdmin",
    "EnrolmentAdmin",
    "LiveSessionAdmin",
    "ReliefPolicyAdmin",
    "RoomQuestionAdmin",
    "RuleAdmin",
]
