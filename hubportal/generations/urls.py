from django.urls import path

from hubportal.generations import views

app_name = "generations"
urlpatterns = [
    path("", views.create, name="create"),
    path("cards/", views.cards, name="cards"),
    path("generations/", views.generations, name="list"),
    path("generations/<uuid:pk>/", views.detail, name="detail"),
    path("generations/<uuid:pk>/card/", views.card, name="card"),
    path("references/<str:token>/", views.kept_reference, name="kept-reference"),
]
