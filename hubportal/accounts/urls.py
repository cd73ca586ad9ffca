from django.urls import path

from hubportal.accounts import views

app_name = "accounts"
urlpatterns = [path("theme/", views.change_theme, name="theme")]
