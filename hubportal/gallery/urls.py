from django.urls import path

from hubportal.gallery import views

app_name = "gallery"
urlpatterns = [path("gallery/", views.gallery, name="index")]
