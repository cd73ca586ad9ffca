from django.urls import path

from hubportal.accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.you, name="you"),
    path("theme/", views.change_theme, name="theme"),
]
