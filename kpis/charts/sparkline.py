"""A line without axes, the size of a word: the newest periods, gaps as gaps, target dotted, newest value a dot."""

from collections.abc import Sequence

from core.svg import Svg, element, number, polyline
from kpis.charts.scale import Scale

WIDTH, HEIGHT, EDGE = 240.0, 40.0, 4.0


def sparkline(values: Sequence[float | None], label: str, target: float | None = None) -> Svg:
    """Draw values, oldest first; `label` says in words what is drawn. A series without values draws nothing."""
    held = [value for value in values if value is not None]
    if not held:
        return Svg("")
    bounds = held if target is None else [*held, target]
    low, high = min(bounds), max(bounds)
    y = Scale(low, high, HEIGHT - EDGE, EDGE) if high > low else Scale(low - 1, high + 1, HEIGHT - EDGE, EDGE)
    step = (WIDTH - 2 * EDGE) / max(1, len(values) - 1)
    dots = [None if value is None else (EDGE + step * place, y(value)) for place, value in enumerate(values)]
    content: list[Svg] = []
    if target is not None:
        content.append(element("line", class_="spark__goal", x1=0, x2=WIDTH, y1=y(target), y2=y(target)))
    content.append(element("path", class_="spark__line", d="".join(polyline(piece) for piece in _pieces(dots))))
    newest = max(place for place, dot in enumerate(dots) if dot is not None)
    end = dots[newest]
    if newest < len(dots) - 1 and end is not None:
        content.append(
            element("line", class_="spark__gap", x1=end[0], x2=EDGE + step * (len(dots) - 1), y1=end[1], y2=end[1])
        )
    if end is not None:
        content.append(element("path", class_="spark__dot", d=f"M{number(end[0])} {number(end[1])}h.01"))
    return element(
        "svg",
        *content,
        class_="spark",
        viewBox=f"0 0 {number(WIDTH)} {number(HEIGHT)}",
        preserveAspectRatio="none",
        role="img",
        aria_label=label,
    )


def _pieces(dots: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    """Unbroken stretches; a single point between two gaps is a stroke of no length, which round ends show."""
    pieces: list[list[tuple[float, float]]] = [[]]
    for dot in dots:
        if dot is None:
            pieces.append([])
        else:
            pieces[-1].append(dot)
    return [piece if len(piece) > 1 else [piece[0], (piece[0][0] + 0.1, piece[0][1])] for piece in pieces if piece]
