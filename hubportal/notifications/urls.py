from django.urls import path

from hubportal.notifications import views

app_name = "notifications"
urlpatterns = [
    path("", views.index, name="index"),
    path("read/", views.mark_all_read, name="read"),
    path("choices/", views.choices, name="choices"),
    path("stop/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("<uuid:pk>/", views.follow, name="follow"),
]
