from django.urls import path

from hubportal.lifecycle import views

app_name = "lifecycle"
urlpatterns = [
    path("left-behind/", views.everybody, name="left-behind"),
    path("left-behind/<int:person>/", views.one, name="left-behind-of"),
]
