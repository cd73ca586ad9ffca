from django.urls import path

from hubportal.usage.views import accounts, budgets, overview, projects

app_name = "usage"
urlpatterns = [
    path("usage/", overview.overview, name="overview"),
    path("usage/accounts/<uuid:account>/", accounts.account, name="account"),
    path("usage/keys/<uuid:pk>/account/", accounts.separate_key, name="separate-key"),
    path("usage.csv", overview.export, name="csv"),
    path("usage.json", overview.as_json, name="json"),
    path("projects/", projects.projects, name="projects"),
    path("projects/requirement/", projects.requirement, name="project-requirement"),
    path("projects/<uuid:pk>/name/", projects.name, name="project-name"),
    path("projects/<uuid:pk>/archiving/", projects.archiving, name="project-archiving"),
    path("projects/<uuid:pk>/reopening/", projects.reopening, name="project-reopening"),
    path("budgets/", budgets.budgets, name="budgets"),
    path("budgets/<int:pk>/removal/", budgets.removal, name="budget-removal"),
    path("budgets/<int:pk>/request/", budgets.budget_request, name="budget-request"),
    path("budgets/requests/<int:pk>/", budgets.answer, name="budget-answer"),
    path("budgets/limits/", budgets.order_limits, name="order-limits"),
    path("budgets/limits/<int:pk>/removal/", budgets.limit_removal, name="order-limit-removal"),
]
