from django.urls import path

from hubportal.gallery.views import archive, compare, gallery, picture
from hubportal.gallery.views import bin as bin_views

app_name = "gallery"
urlpatterns = [
    path("gallery/", gallery.gallery, name="index"),
    path("gallery/months/", gallery.months, name="months"),
    path("compare/", compare.compare, name="compare"),
    path("gallery.zip", archive.archive, name="archive"),
    path("images/<uuid:pk>/", picture.picture, name="picture"),
    path("images/<uuid:pk>/deletion/", bin_views.deletion, name="deletion"),
    path("images/<uuid:pk>/restoration/", bin_views.restoration, name="restoration"),
    path("bin/", bin_views.bin_page, name="bin"),
]
