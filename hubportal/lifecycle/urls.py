from django.urls import path

from hubportal.lifecycle import views

app_name = "lifecycle"
urlpatterns = [
    path("left-behind/", views.ex_members, name="ex-members"),
    path("left-behind/<int:person>/", views.ex_member, name="ex-member"),
]
