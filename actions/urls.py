from django.urls import path

from actions import pages
from actions.kinds import ACTION

app_name = "actions"

urlpatterns = [
    path("feeds/<str:secret>.ics", pages.feed, name="feed"),
    path("me/calendar/", pages.calendar_page, name="calendar"),
    path("me/calendar/new-address/", pages.change_address, name="calendar-address"),
    *ACTION.urls(),
]
