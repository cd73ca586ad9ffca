from django.urls import path

from hubportal.gallery.views import archive, bulk_changes, compare, conversions, favourites, gallery, picture, selections
from hubportal.gallery.views import bin as bin_views

app_name = "gallery"
urlpatterns = [
    path("gallery/", gallery.gallery, name="index"),
    path("gallery/months/", gallery.months, name="months"),
    path("compare/", compare.compare, name="compare"),
    path("gallery.zip", archive.archive, name="archive"),
    path("selections/", selections.select, name="select"),
    path("selections/<uuid:pk>/exclusions/", selections.exclusions, name="exclusions"),
    path("bulk-changes/", bulk_changes.begin, name="bulk-changes"),
    path("bulk-changes/<uuid:pk>/", bulk_changes.progress, name="bulk-change"),
    path("bulk-changes/<uuid:pk>/cancellation/", bulk_changes.cancellation, name="bulk-cancellation"),
    path("bulk-changes/<uuid:pk>/undoing/", bulk_changes.undoing, name="bulk-undoing"),
    path("images/<uuid:pk>/", picture.picture, name="picture"),
    path("images/<uuid:pk>/deletion/", bin_views.deletion, name="deletion"),
    path("images/<uuid:pk>/restoration/", bin_views.restoration, name="restoration"),
    path("bin/", bin_views.bin_page, name="bin"),
]
