from django.urls import path

from merchant_protection.files.views import serving, uploads

urlpatterns = [
    path("m/files/", uploads.begin, name="uploads"),
    path("m/files/<int:pk>/", uploads.upload, name="upload"),
    path("m/files/<int:pk>/<slug:copy>/", serving.file, name="file"),
    path("admin/files/", uploads.begin, name="staff_uploads"),
    path("admin/files/<int:pk>/", uploads.upload, name="staff_upload"),
    path("admin/files/<int:pk>/<slug:copy>/", serving.file, name="staff_file"),
]
