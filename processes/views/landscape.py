"""The landscape page: the value chain by category."""

from django.http import HttpRequest, HttpResponse

from core.pages.kind.base import KindView
from processes.landscape import read_landscape


class LandscapeView(KindView):
    """Every process with whether it has a map, an owner and reviews on time."""

    def get_template_name(self) -> str:
        return "processes/landscape_page.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        bands = read_landscape(request.user)
        is_empty = not any(band.boxes for band in bands)
        return self.answer(bands=bands, is_empty=is_empty, may_add=self.kind.may_add(request.user), here="landscape")
