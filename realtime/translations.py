"""What the elements say in other languages: the sentences of all apps' ``djangojs`` catalogues."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.apps import apps
from django.utils.translation import to_locale
from django.utils.translation.trans_real import DjangoTranslation
from django.views.i18n import JavaScriptCatalog


@cache
def catalogue(language: str) -> dict[str, str | list[str]]:
    """Give translations by their English sentences, {} for English.

    A sentence that counts has one for each of the language's plural forms. What a language lacks
    is there in ``LANGUAGE_CODE``, as it is on the rest of a page. An app of yours adds its
    elements' sentences by a ``djangojs`` catalogue; Django's own ones are the admin's.
    """
    if language.partition("-")[0] == "en":
        return {}
    names = [app.name for app in apps.get_app_configs() if not app.name.startswith("django.")]
    view: Any = JavaScriptCatalog()
    paths = view.get_paths(names[::-1])  # the last one wins, and of Django's apps the first
    view.translation = DjangoTranslation(to_locale(language), "djangojs", localedirs=paths)
    found: dict[str, str | list[str]] = view.get_catalog()
    return found
