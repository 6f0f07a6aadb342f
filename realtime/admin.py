"""The log, to look at: nothing here changes it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin

from realtime.models import Stream


@admin.register(Stream)
class StreamAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    """Topics with their places."""

    list_display = ("topic", "epoch", "head", "floor")
    search_fields = ("topic",)

    def has_add_permission(self, request: Any) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False
