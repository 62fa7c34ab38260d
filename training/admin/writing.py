"""The writer's desk: a draft's folder in the browser, with preview, order, files, import and export."""

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from merchant_protection.files.rules import limits
from merchant_protection.foundation import row_numbers
from merchant_protection.foundation.errors import Invalid
from training.admin.pages import TrainingAdmin, refusals, words
from training.lifecycle import VersionStatus
from training.models import CourseVersion
from training.outside import course_disk, file_answers, file_store
from training.queries import courses, folders
from training.rules import folder_writing, markdown
from training.services import importing, receiving, writing


class ImportForm(forms.Form):
    """A folder of a course, packed."""

    folder = forms.FileField(label=gettext_lazy("Folder of a course (zip)"))


class WritersDesk(TrainingAdmin):
    """The pages on which a version is written, looked at, imported and exported."""

    own_pages = {
        "import/": "take_in",
        "<int:pk>/write/": "write",
        "<int:pk>/preview/": "preview",
        "<int:pk>/move/": "move",
        "<int:pk>/files/add/": "add_file",
        "<int:pk>/files/remove/": "remove_file",
        "<int:pk>/files/<str:name>": "file",
        "<int:pk>/export/": "export",
    }

    def write(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show a version's folder, one text at a time, and save it while it is a draft."""
        version = self._version(request, pk)
        texts = {name: body.decode() for name, body in folder_writing.write(folders.parts_of(version)).items()}
        name = request.GET.get("file", "course.yaml")
        text = texts.get(name, "")
        if request.method == "POST":
            self._trainers_only(request)
            name, text = request.POST.get("name", ""), request.POST.get("text", "")
            if refusals(request, lambda: self._save(request, version, name, text), done=_("Saved.")):
                where = reverse("admin:training_courseversion_write", args=[pk])
                return redirect(f"{where}?file={name}")
        return self.page(
            request,
            "write",
            f"{words(version.title)} · {_('Version %(n)s') % {'n': version.number}}",
            version=version,
            names=sorted(texts, key=lambda each: (each.startswith("lessons/"), each)),
            name=name,
            text=text,
            lessons=courses.lessons_of(version.pk),
            files=courses.files_of(version.pk),
            unready=receiving.states(version),
            purpose=limits.COURSE_FILE,
            accept=",".join(f".{ending}" for ending in limits.PURPOSES[limits.COURSE_FILE].extensions),
            may_write=version.status == VersionStatus.DRAFT and self.has_act_permission(request),
            is_article=name.endswith(".md"),
        )

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show a text as learners will see it."""
        version = self._version(request, pk)
        text = request.POST.get("text", "")[:60_000]
        html = markdown.html(text, address=lambda name: self._address(version, name))
        return self.page(request, "preview", _("Preview"), html=html)

    def move(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put a lesson before another."""
        version = self._changing(request, pk)
        code, before = request.POST.get("code", ""), request.POST.get("before", "")
        refusals(
            request,
            lambda: writing.move_lesson(
                actor=request.actor, version_id=version.pk, code=code, before=before, at=timezone.now()
            ),
        )
        return self.back_to("write", pk)

    def add_file(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put a file that was sent in pieces into the draft."""
        version = self._changing(request, pk)
        refusals(
            request,
            lambda: writing.attach_file(
                actor=request.actor,
                version_id=version.pk,
                file_id=row_numbers.read(request.POST.get("file", "")) or 0,
                at=timezone.now(),
            ),
            done=_("The file is in the folder. Learners see it once it was checked."),
        )
        return self.back_to("write", pk)

    def remove_file(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a file out of the draft."""
        version = self._changing(request, pk)
        name = request.POST.get("name", "")
        refusals(
            request,
            lambda: writing.remove_file(actor=request.actor, version_id=version.pk, name=name, at=timezone.now()),
            done=_("The file is out of the folder."),
        )
        return self.back_to("write", pk)

    def file(self, request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
        """Send a file of a version, drafts included."""
        version = self._version(request, pk)
        file = courses.file_of(version.pk, f"{markdown.OWN_FILES}{name}")
        if file.stored_id is not None:
            return file_answers.stored(request, receiving.stored(file))
        return file_answers.sent(file_store.open_file(file.digest), name=name, media_type=file.media_type)

    def export(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send a version as its folder, packed."""
        version = self._version(request, pk)
        code = version.course.code
        answer = HttpResponse(course_disk.to_zip(writing.folder_of(version), name=code), content_type="application/zip")
        answer["Content-Disposition"] = f'attachment; filename="{code}-v{version.number}.zip"'
        return answer

    def take_in(self, request: HttpRequest) -> HttpResponse:
        """Make the draft of a course from its packed folder: all of it, or nothing with every fault named."""
        self._trainers_only(request)
        form = ImportForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            made: list[CourseVersion] = []
            if refusals(request, lambda: made.append(self._import(request, form)), done=_("The draft is made.")):
                return self.back_to("write", made[0].pk)
        return self.page(request, "import", _("Import a course"), form=form)

    def _import(self, request: HttpRequest, form: ImportForm) -> CourseVersion:
        try:
            content = course_disk.read_zip(form.cleaned_data["folder"].read())
        except course_disk.NotAFolder as refusal:
            raise Invalid(fields={"folder": [str(refusal)]}) from refusal
        return importing.draft_from_folder(actor=request.actor, content=content, at=timezone.now())

    def _save(self, request: HttpRequest, version: CourseVersion, name: str, text: str) -> None:
        writing.save_texts(
            actor=request.actor,
            version_id=version.pk,
            texts={name: text},
            edited=row_numbers.read(request.POST.get("edited", "")) or 0,
            at=timezone.now(),
        )

    def _address(self, version: CourseVersion, name: str) -> str:
        bare = name.removeprefix(markdown.OWN_FILES)
        return reverse("admin:training_courseversion_file", args=[version.pk, bare])

    def _version(self, request: HttpRequest, pk: int) -> CourseVersion:
        if not self.has_view_permission(request):
            raise PermissionDenied
        version = courses.versions_visible_to(request.actor).filter(pk=pk).first()
        if version is None:
            raise Http404
        return version

    def _changing(self, request: HttpRequest, pk: int) -> CourseVersion:
        self._trainers_only(request)
        if request.method != "POST":
            raise Http404
        return self._version(request, pk)

    def _trainers_only(self, request: HttpRequest) -> None:
        if not self.has_act_permission(request):
            raise PermissionDenied
