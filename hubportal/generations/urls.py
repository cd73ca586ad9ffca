from django.urls import path

from hubportal.generations import decisions, views

app_name = "generations"
urlpatterns = [
    path("", views.create, name="create"),
    path("cards/", views.cards, name="cards"),
    path("generations/", views.generations, name="list"),
    path("generations/<uuid:pk>/", views.detail, name="detail"),
    path("generations/<uuid:pk>/card/", views.card, name="card"),
    path("generations/<uuid:pk>/cancellation/", decisions.cancellation, name="cancellation"),
    path("generations/<uuid:pk>/retry/", decisions.retry, name="retry"),
    path("generations/<uuid:pk>/settlement/", decisions.settlement, name="settlement"),
    path("generations/<uuid:pk>/recovery/", decisions.recovery, name="recovery"),
    path("references/<str:token>/", views.kept_reference, name="kept-reference"),
]
