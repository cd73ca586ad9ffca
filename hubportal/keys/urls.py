from django.urls import path

from hubportal.keys import views

app_name = "keys"
urlpatterns = [
    path("keys/", views.index, name="index"),
    path("keys/<uuid:pk>/check/", views.check_now, name="check"),
    path("keys/<uuid:pk>/default/", views.default, name="default"),
    path("keys/<uuid:pk>/removal/", views.removal, name="removal"),
]
