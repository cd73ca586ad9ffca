from django.urls import path

from hubportal.usage import budget_views, views

app_name = "usage"
urlpatterns = [
    path("usage/", views.overview, name="overview"),
    path("usage/accounts/<uuid:account>/", views.account, name="account"),
    path("usage/keys/<uuid:pk>/account/", views.separate_key, name="separate-key"),
    path("usage.csv", views.export, name="csv"),
    path("usage.json", views.as_json, name="json"),
    path("budgets/", budget_views.budgets, name="budgets"),
    path("budgets/<int:pk>/removal/", budget_views.removal, name="budget-removal"),
    path("budgets/<int:pk>/request/", budget_views.budget_request, name="budget-request"),
    path("budgets/requests/<int:pk>/", budget_views.answer, name="budget-answer"),
    path("budgets/limits/", budget_views.order_limits, name="order-limits"),
    path("budgets/limits/<int:pk>/removal/", budget_views.limit_removal, name="order-limit-removal"),
]
