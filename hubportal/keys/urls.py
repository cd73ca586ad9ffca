from django.urls import path

from hubportal.keys import decisions, views

app_name = "keys"
urlpatterns = [
    path("keys/", views.index, name="index"),
    path("keys/warnings/", views.warnings, name="warnings"),
    path("keys/<uuid:pk>/check/", views.check_now, name="check"),
    path("keys/<uuid:pk>/name/", views.name, name="name"),
    path("keys/<uuid:pk>/replacement/", views.replacement, name="replacement"),
    path("keys/<uuid:pk>/place/", decisions.place, name="place"),
    path("keys/<uuid:pk>/pause/", decisions.pause, name="pause"),
    path("keys/<uuid:pk>/resumption/", decisions.resumption, name="resumption"),
    path("keys/<uuid:pk>/default/", decisions.default, name="default"),
    path("keys/<uuid:pk>/removal/", decisions.removal, name="removal"),
    path("keys/<uuid:pk>/destruction/", decisions.destruction, name="destruction"),
]
