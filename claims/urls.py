from django.urls import path

from claims.views.desk import acting, case, figures, queue, sampling

urlpatterns = [
    path("admin/desk/", queue.queue, name="desk"),
    path("admin/desk/next/", queue.take_next, name="desk_next"),
    path("admin/desk/bulk/", queue.bulk, name="desk_bulk"),
    path("admin/desk/views/", queue.save_view, name="desk_view"),
    path("admin/desk/figures/", figures.quality_report, name="desk_figures"),
    path("admin/desk/samples/", sampling.samples, name="desk_samples"),
    path("admin/desk/samples/<int:pk>/", sampling.sample, name="desk_sample"),
    path("admin/desk/samples/<int:pk>/answer/", sampling.answer, name="desk_sample_answer"),
    path("admin/desk/<int:pk>/", case.case, name="desk_case"),
    path("admin/desk/<int:pk>/beat/", case.beat, name="desk_beat"),
    path("admin/desk/<int:pk>/preview/", case.preview, name="desk_preview"),
    path("admin/desk/<int:pk>/<slug:name>/", acting.act, name="desk_act"),
    path("review-times/", figures.public, name="review_times"),
]
