"""Where every address of the site leads."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.templatetags.static import static
from django.urls import path
from django.views.generic import RedirectView
from django.views.i18n import set_language

from project import forms, inbox_pages, operations_page, views
from realtime import fleet
from tasks.endpoints import api

handler500 = "project.errors.server_error"
urlpatterns = [
    path("", views.home, name="home"),
    path("jobs/<uuid:job_id>/", views.job, name="job"),
    path("jobs/<uuid:job_id>/cancel/", forms.cancel, name="cancel"),
    path("jobs/<uuid:job_id>/repeat/", forms.repeat, name="repeat"),
    path("start/<str:kind>/", forms.start, name="start"),
    path("inbox/", inbox_pages.look, name="inbox"),
    path("inbox/mark/", inbox_pages.mark, name="inbox-mark"),
    path("inbox/preferences/", inbox_pages.choose, name="preferences"),
    path("operations/", operations_page.look, name="operations"),
    path("login/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("language/", set_language, name="set_language"),
    path("favicon.ico", RedirectView.as_view(url=static("project/icon.svg"))),
    path("admin/", admin.site.urls),
    path("api/", api.urls),
    path("healthz", fleet.healthz),
    path("readyz", fleet.readyz),
    path("metrics", fleet.metrics),
]
