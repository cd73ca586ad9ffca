from django.urls import path

from hubportal.notifications import push_views, views

app_name = "notifications"
urlpatterns = [
    path("", views.index, name="index"),
    path("read/", views.mark_all_read, name="read"),
    path("choices/", views.choices, name="choices"),
    path("push/", push_views.subscribe, name="push"),
    path("push/removal/", push_views.unsubscribe, name="push-removal"),
    path("stop/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("<uuid:pk>/", views.follow, name="follow"),
]
