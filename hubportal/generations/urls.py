from django.urls import path

from hubportal.generations.views import cards, create, decisions

app_name = "generations"
urlpatterns = [
    path("", create.create, name="create"),
    path("cards/", cards.cards, name="cards"),
    path("generations/", create.generations, name="list"),
    path("generations/<uuid:pk>/", cards.detail, name="detail"),
    path("generations/<uuid:pk>/card/", cards.card, name="card"),
    path("generations/<uuid:pk>/cancellation/", decisions.cancellation, name="cancellation"),
    path("generations/<uuid:pk>/retry/", decisions.retry, name="retry"),
    path("generations/<uuid:pk>/settlement/", decisions.settlement, name="settlement"),
    path("generations/<uuid:pk>/recovery/", decisions.recovery, name="recovery"),
    path("generations/<uuid:pk>/visibility/", decisions.visibility, name="visibility"),
    path("generations/<uuid:pk>/project/", decisions.project, name="project"),
    path("references/<str:token>/", create.kept_reference, name="kept-reference"),
]
