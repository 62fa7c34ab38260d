"""The rows of the malicious-claim desk."""

from claims.models.claims import Claim, ClaimLine, ClaimMove, JoinedOrder, RemedyKind
from claims.models.clocks import CalendarDate, Clock, DeskSettings, Escalation, SlaPolicy, WorkCalendar
from claims.models.deciding import Appeal, Decision, DecisionLine, InternalNote, Message
from claims.models.evidence import Attachment, Evidence
from claims.models.filings import BatchFiling, FiledRow
from claims.models.kinds import Basis, CannedText, ClaimKind, EvidenceType, ReasonCode
from claims.models.quality import Filer, GoldAnswer, GoldCase, Sample
from claims.models.queues import DeskView, LaneCount, Priority, Queue, Reviewer, Risk, RoutingRule
from claims.models.recognising import FastTrack, FastTrackVerdict, Phrase, Recognition, WordingMark
from claims.models.remedies import Exemption, Remedy
from claims.models.reviewing import QueueReason, ReviewLease, Viewer

__all__ = [
    "Appeal",
    "Attachment",
    "Basis",
    "BatchFiling",
    "CalendarDate",
    "CannedText",
    "Claim",
    "ClaimKind",
    "ClaimLine",
    "ClaimMove",
    "Clock",
    "Decision",
    "DecisionLine",
    "DeskSettings",
    "DeskView",
    "Escalation",
    "Evidence",
    "EvidenceType",
    "Exemption",
    "FastTrack",
    "FastTrackVerdict",
    "FiledRow",
    "Filer",
    "GoldAnswer",
    "GoldCase",
    "InternalNote",
    "JoinedOrder",
    "LaneCount",
    "Message",
    "Phrase",
    "Priority",
    "Queue",
    "QueueReason",
    "ReasonCode",
    "Recognition",
    "Remedy",
    "RemedyKind",
    "ReviewLease",
    "Reviewer",
    "Risk",
    "RoutingRule",
    "Sample",
    "SlaPolicy",
    "Viewer",
    "WordingMark",
    "WorkCalendar",
]
