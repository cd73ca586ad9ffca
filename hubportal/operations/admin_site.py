"""Django's admin, cut down to a place for looking: for superusers alone, without a way to add or delete anything."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, ClassVar

from django.contrib.admin import AdminSite, ModelAdmin
from django.db.models import Model
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

# Signing in and out, and passwords, are allauth's; the others look things up for forms that aren't here.
LEFT_OUT = {"login", "logout", "password_change", "password_change_done", "autocomplete", "view_on_site"}
OFFERED = ("_changelist", "_change", "_history")
# Ways in which a list may be narrowed by what it offers to filter by.
NARROWED = ("", "__exact", "__id__exact", "__isnull", "__gte", "__lt")

type View = Callable[..., HttpResponseBase]


class OperatorsSite(AdminSite):
    """Nobody signs in here: LoginRequiredMiddleware leads to the sign-in that everybody uses, second step and all."""

    site_header = site_title = _("Hubportal administration")
    index_title = _("All teams")
    enable_nav_sidebar = False
    # It would have no name, and answer for addresses that don't exist.
    final_catch_all_view = False

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_superuser

    def admin_view(self, view: View, cacheable: bool = False) -> View:  # type: ignore[override]
        """404 for whoever is no superuser, as for any page that a person may not see."""
        inner = require_http_methods(["GET", "HEAD", "POST"])(super().admin_view(view, cacheable))

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not self.has_permission(request):
                raise Http404
            return inner(request, *args, **kwargs)

        return update_wrapper(guarded, view)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        patterns = [entry for entry in super().get_urls() if getattr(entry, "name", None) not in LEFT_OUT]
        for entry in patterns:
            if isinstance(entry, URLPattern):
                # It names the sign-in that was left out.
                entry.callback.login_url = None  # type: ignore[attr-defined]
        return patterns


class Page(ModelAdmin):  # type: ignore[type-arg]  # it takes none at runtime
    """A list of rows and a page for each, to be read. What is shown is named one by one, so nothing new slips in."""

    actions = None
    shown: ClassVar[tuple[str, ...]] = ()
    editable: ClassVar[tuple[str, ...]] = ()

    def get_urls(self) -> list[URLPattern]:
        """The list, a row and its history; not the addresses to add and delete by, nor one without a name."""
        return [entry for entry in super().get_urls() if (entry.name or "").endswith(OFFERED)]

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return self.editable + self.shown

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return self.shown

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.admin_site.has_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(self.editable) and self.admin_site.has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only what the list offers: any other field in the address (`?password__startswith=`) would be an oracle."""
        return lookup in {f"{name}{how}" for name in self.list_filter for how in NARROWED}
