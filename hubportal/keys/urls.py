from django.urls import path

from hubportal.keys.views import changes, key_list

app_name = "keys"
urlpatterns = [
    path("keys/", key_list.index, name="index"),
    path("keys/<uuid:pk>/check/", key_list.check_now, name="check"),
    path("keys/<uuid:pk>/replacement/", key_list.replacement, name="replacement"),
    path("keys/<uuid:pk>/name/", changes.name, name="name"),
    path("keys/<uuid:pk>/place/", changes.place, name="place"),
    path("keys/<uuid:pk>/pause/", changes.pause, name="pause"),
    path("keys/<uuid:pk>/resumption/", changes.resumption, name="resumption"),
    path("keys/<uuid:pk>/default/", changes.default, name="default"),
    path("keys/<uuid:pk>/removal/", changes.removal, name="removal"),
    path("keys/<uuid:pk>/destruction/", changes.destruction, name="destruction"),
]
