from django.urls import path

from hubportal.generations import departed_views, verdicts, views

app_name = "generations"
urlpatterns = [
    path("", views.create, name="create"),
    path("cards/", views.cards, name="cards"),
    path("generations/", views.generations, name="list"),
    path("generations/<uuid:pk>/", views.detail, name="detail"),
    path("generations/<uuid:pk>/card/", views.card, name="card"),
    path("generations/<uuid:pk>/cancellation/", verdicts.cancellation, name="cancellation"),
    path("generations/<uuid:pk>/retry/", verdicts.retry, name="retry"),
    path("generations/<uuid:pk>/settlement/", verdicts.settlement, name="settlement"),
    path("generations/<uuid:pk>/recovery/", verdicts.recovery, name="recovery"),
    path("left-behind/", departed_views.everybody, name="left-behind"),
    path("left-behind/<int:person>/", departed_views.one, name="left-behind-of"),
    path("references/<str:token>/", views.kept_reference, name="kept-reference"),
]
