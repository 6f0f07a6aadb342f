"""What the admin may do with rows that only verbs write: look at them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


class ReadOnly:
    """May be looked at by who may view it, and by nobody changed; goes before a ModelAdmin.

    An inline is part of its parent: who may see the one sees the other.
    """

    model: Any
    parent_model: Any = None

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "view") or self.may(request, "change")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # The admin asks this as well where the row would go with its owner's account.
        at = request.resolver_match
        if at is not None and str(at.url_name).startswith(f"{self._meta.app_label}_"):
            return False
        return self.may(request, "delete")

    def may(self, request: HttpRequest, action: str) -> bool:
        """Tell whether somebody has the model's permission for an action."""
        meta = self._meta
        return bool(request.user.has_perm(f"{meta.app_label}.{action}_{meta.model_name}"))

    @property
    def _meta(self) -> Any:
        return (self.parent_model or self.model)._meta
