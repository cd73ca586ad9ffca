from django.urls import path

from hubportal.usage import views

app_name = "usage"
urlpatterns = [
    path("usage/", views.overview, name="overview"),
    path("usage/accounts/<uuid:account>/", views.account, name="account"),
    path("usage/keys/<uuid:pk>/account/", views.separate_key, name="separate-key"),
    path("usage.csv", views.export, name="csv"),
    path("usage.json", views.as_json, name="json"),
]
