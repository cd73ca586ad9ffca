from django.urls import path

from hubportal.gallery.views import archive, bulk_changes, compare, conversions, favourites, gallery, picture, selections, tags
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
    path("images/<uuid:pk>/formats/", conversions.formats, name="formats"),
    path("conversions/<uuid:pk>/", conversions.conversion, name="conversion"),
    path("conversions/<uuid:pk>/file/", conversions.file, name="conversion-file"),
    path("images/<uuid:pk>/favourite/", favourites.favourite, name="favourite"),
    path("images/<uuid:pk>/tags/", tags.picture_tags, name="picture-tags"),
    path("images/<uuid:pk>/deletion/", bin_views.deletion, name="deletion"),
    path("images/<uuid:pk>/restoration/", bin_views.restoration, name="restoration"),
    path("tags/", tags.tags, name="tags"),
    path("tags/suggestions/", tags.suggestions, name="tag-suggestions"),
    path("tags/<uuid:pk>/", tags.tag, name="tag"),
    path("tags/<uuid:pk>/merging/", tags.merging, name="tag-merging"),
    path("tags/<uuid:pk>/removal/", tags.removal, name="tag-removal"),
    path("bin/", bin_views.bin_page, name="bin"),
]
