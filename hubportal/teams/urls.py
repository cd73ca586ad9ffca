from django.urls import path

from hubportal.teams import views

app_name = "teams"
urlpatterns = [path("members/", views.members, name="members")]
