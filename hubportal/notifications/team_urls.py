from django.urls import path

from hubportal.notifications import channel_views

app_name = "channels"
urlpatterns = [
    path("channels/", channel_views.index, name="index"),
    path("channels/<uuid:pk>/removal/", channel_views.removal, name="removal"),
]
