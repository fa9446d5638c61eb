from django.urls import path

from actions import pages, views

app_name = "actions"

urlpatterns = [
    path("feeds/<str:secret>.ics", pages.feed, name="feed"),
    path("me/calendar/", pages.calendar_page, name="calendar"),
    path("me/calendar/new-address/", pages.change_address, name="calendar-address"),
    path("actions/<str:code>/", views.page, name="page"),
    path("actions/<str:code>/moves/<str:name>/", views.move, name="move"),
]
