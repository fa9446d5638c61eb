"""A control chart: the series, its centre and limits by segment, target, signals and changes of the process.

Gaps stay gaps; a point beyond a limit is a filled diamond with its value beside it, a point of a run a filled square,
an excluded point hollow and dashed. The same points make the table twin, so picture and table cannot differ.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from core.svg import Svg, element, group, joined, number, polyline
from kpis.charts.scale import Scale, scale_for

MOST_MARKED_POINTS = 150
"""Above this only signals are drawn as points: the line says the rest."""
NARROW_POINTS = 36
"""What a narrow picture shows at most: the newest points."""
LETTER = 6.4
"""Advance of a letter of 12 px text, on average, to keep labels inside."""


@dataclass(frozen=True)
class ChartPoint:
    """One period: numbers to draw, words to read."""

    label: str
    """The period in full: “Week 47, 16 to 22 Nov 2026”."""
    value: float | None
    text: str
    """The value as people read it, or what is said in its place: “89 min”, “missing”."""
    center: float | None = None
    lower: float | None = None
    upper: float | None = None
    target_low: float | None = None
    target_high: float | None = None
    segment: int = 0
    is_beyond: bool = False
    is_in_run: bool = False
    is_excluded: bool = False
    signal: str = ""
    """The signals in words, empty for none."""


@dataclass(frozen=True)
class ChartMarker:
    """A change of the process before the point at `place`."""

    place: int
    label: str


@dataclass(frozen=True)
class Words:
    """What the picture says besides its values."""

    title: str
    description: str
    mean: str
    upper: str
    lower: str
    target: str


@dataclass(frozen=True)
class Frame:
    """Size of a picture and the room around its plot, in px."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    ticks: int

    @property
    def end(self) -> float:
        return self.width - self.right

    @property
    def foot(self) -> float:
        return self.height - self.bottom


WIDE = Frame(960, 360, 56, 96, 34, 34, 12)
NARROW = Frame(360, 300, 44, 12, 34, 30, 4)
LOW_WIDE = Frame(960, 150, 56, 96, 20, 20, 0)
LOW_NARROW = Frame(360, 150, 44, 12, 20, 20, 0)
"""The lower half of a pair of charts: without names of periods, which stand under the upper half."""

FRAMES = {(False, False): WIDE, (True, False): NARROW, (False, True): LOW_WIDE, (True, True): LOW_NARROW}


@dataclass(frozen=True)
class Drawing:
    """A finished picture, and where its points lie, for whoever shows the value under a pointer."""

    svg: Svg
    frame: Frame
    first: int
    """Number of the first point shown, from 0."""
    x_start: float
    x_step: float
    ys: tuple[float | None, ...]


def control_chart(
    points: Sequence[ChartPoint],
    markers: Sequence[ChartMarker],
    words: Words,
    figure_text: Callable[[float], str],
    tick_text: Callable[[int], str],
    *,
    narrow: bool = False,
    low: bool = False,
    key: str = "chart",
) -> Drawing:
    """Draw points, oldest first. `figure_text` writes axis and limit figures, `tick_text` the period of a point by its
    number on the axis; `low` is the lower half of a pair; `key` makes ids unique on the page."""
    frame = FRAMES[narrow, low]
    first = max(0, len(points) - NARROW_POINTS) if narrow else 0
    shown = points[first:]
    moved = [ChartMarker(m.place - first, m.label) for m in markers if m.place >= first]
    y = scale_for(_figures(shown), frame.foot, frame.top, marks=2 if low else 5, from_zero=low)
    step = (frame.end - frame.left) / max(1, len(shown))
    xs = [frame.left + step * (place + 0.5) for place in range(len(shown))]
    key = f"{key}-{'n' if narrow else 'w'}"
    content = [
        element("title", words.title, id=f"{key}-t"),
        element("desc", words.description or words.title, id=f"{key}-d"),
        *_axes(frame, y, xs, figure_text, lambda place: tick_text(first + place)),
        *_level_lines(shown, xs, step, y),
        *_level_labels(shown, frame, y, words, figure_text, narrow=narrow),
        *_markers(moved, frame, step, len(shown)),
        *_series(shown, xs, y),
        *_points(shown, xs, y),
        *_signal_labels(shown, xs, y, frame),
    ]
    svg = element(
        "svg",
        *content,
        viewBox=f"0 0 {number(frame.width)} {number(frame.height)}",
        role="img",
        aria_labelledby=f"{key}-t {key}-d",
    )
    ys = tuple(None if p.value is None else y(p.value) for p in shown)
    return Drawing(svg, frame, first, frame.left + step / 2, step, ys)


def _figures(points: Sequence[ChartPoint]) -> Iterator[float]:
    for point in points:
        for figure in (point.value, point.center, point.lower, point.upper, point.target_low, point.target_high):
            if figure is not None:
                yield figure


def _axes(
    frame: Frame,
    y: Scale,
    xs: Sequence[float],
    figure_text: Callable[[float], str],
    tick_text: Callable[[int], str],
) -> Iterator[Svg]:
    for step in y.steps:
        at = y(step)
        yield element("line", class_="grid-line", x1=frame.left, x2=frame.end, y1=at, y2=at)
        yield element("text", figure_text(step), x=frame.left - 8, y=at + 4, text_anchor="end")
    if not frame.ticks:
        return
    every = max(1, -(-len(xs) // frame.ticks))
    for place in range((len(xs) - 1) % every, len(xs), every):
        yield element("text", tick_text(place), x=xs[place], y=frame.height - 10, text_anchor="middle")


LEVELS = (
    ("center", "mean"),
    ("upper", "limit"),
    ("lower", "limit"),
    ("target_low", "goal"),
    ("target_high", "goal"),
)


def _level_lines(points: Sequence[ChartPoint], xs: Sequence[float], step: float, y: Scale) -> Iterator[Svg]:
    """Means, limits and targets as steps: level over each period, broken where a segment ends or there is none."""
    for name, look in LEVELS:
        path = "".join(polyline(piece) for piece in _level_pieces(points, xs, step, y, name))
        if path:
            yield element("path", class_=look, d=path, fill="none")


def _level_pieces(
    points: Sequence[ChartPoint], xs: Sequence[float], step: float, y: Scale, name: str
) -> Iterator[list[tuple[float, float]]]:
    """Corners of each unbroken piece. A gap in the values does not break a level that goes on behind it."""
    piece: list[tuple[float, float]] = []
    segment: int | None = None
    by_target = name.startswith("target")
    for point, x in zip(points, xs, strict=True):
        level = getattr(point, name)
        is_new = point.segment != segment and not by_target
        if piece and (is_new or (level is None and point.value is not None)):
            yield piece
            piece = []
        segment = point.segment
        if level is None:
            continue
        at = y(level)
        if piece and abs(piece[-1][1] - at) < 0.05:
            piece[-1] = (x + step / 2, at)
            continue
        if piece:
            piece[-1] = (x - step / 2, piece[-1][1])
        piece += [(x - step / 2, at), (x + step / 2, at)]
    if piece:
        yield piece


def _level_labels(
    points: Sequence[ChartPoint],
    frame: Frame,
    y: Scale,
    words: Words,
    figure_text: Callable[[float], str],
    *,
    narrow: bool,
) -> Iterator[Svg]:
    """The newest mean, limits and target, named at the right edge and kept apart from each other."""
    found = []
    for name, word in (
        ("center", words.mean),
        ("upper", words.upper),
        ("lower", words.lower),
        ("target_low", words.target),
        ("target_high", words.target),
    ):
        level = next((getattr(p, name) for p in reversed(points) if getattr(p, name) is not None), None)
        if level is not None:
            found.append((y(level), f"{word} {figure_text(level)}", name))
    if narrow:
        found = [label for label in found if label[2] == "center" or label[2].startswith("target")]
    free = -100.0
    for at, text, name in sorted(found):
        at = max(at + (-5 if narrow else 4), free + 13)
        free = at
        look = "strong" if name == "center" else None
        if narrow:
            yield element("text", text, class_=look, x=frame.end, y=at, text_anchor="end")
        else:
            yield element("text", text, class_=look, x=frame.end + 6, y=at)


def _markers(markers: Sequence[ChartMarker], frame: Frame, step: float, count: int) -> Iterator[Svg]:
    """Changes as vertical lines; labels on two lines in turn, turned to the left near the right edge."""
    for number_of, marker in enumerate(sorted(markers, key=lambda marker: marker.place)):
        x = frame.left + step * min(max(marker.place, 0), count)
        yield element("line", class_="mark-line", x1=x, x2=x, y1=frame.top - 8, y2=frame.foot)
        is_late = x + len(marker.label) * LETTER > frame.width
        most = int(((x if is_late else frame.width - x) - 8) / LETTER)
        text = marker.label if len(marker.label) <= most else marker.label[: max(1, most - 1)] + "…"
        yield element(
            "text",
            text,
            class_="mark-text",
            x=x - 4 if is_late else x + 4,
            y=frame.top - 22 + 13 * (number_of % 2),
            text_anchor="end" if is_late else None,
        )


def _series(points: Sequence[ChartPoint], xs: Sequence[float], y: Scale) -> Iterator[Svg]:
    """The line through the values, broken at gaps and where new limits begin."""
    pieces: list[list[tuple[float, float]]] = [[]]
    segment = None
    for point, x in zip(points, xs, strict=True):
        if point.value is None or (point.segment != segment and pieces[-1]):
            pieces.append([])
        segment = point.segment
        if point.value is not None and not point.is_excluded:
            pieces[-1].append((x, y(point.value)))
    path = "".join(polyline(piece) for piece in pieces if len(piece) > 1)
    if path:
        yield element("path", class_="series", d=path)


def _points(points: Sequence[ChartPoint], xs: Sequence[float], y: Scale) -> Iterator[Svg]:
    crowded = len(points) > MOST_MARKED_POINTS
    plain, runs, beyond, excluded = [], [], [], []
    for point, x in zip(points, xs, strict=True):
        if point.value is None:
            continue
        at = y(point.value)
        if point.is_excluded:
            excluded.append(_ring(x, at, 4))
        elif point.is_beyond:
            reach = 3 if crowded else 6
            beyond.append(f"M{number(x)} {number(at - reach)}l{reach} {reach}-{reach} {reach}-{reach}-{reach}z")
        elif point.is_in_run:
            side = 4 if crowded else 7
            runs.append(f"M{number(x - side / 2)} {number(at - side / 2)}h{side}v{side}h-{side}z")
        elif not crowded:
            plain.append(_ring(x, at, 3))
    for look, shapes in (("pt", plain), ("pt pt--run", runs), ("pt pt--out", beyond), ("pt pt--excluded", excluded)):
        if shapes:
            yield element("path", class_=look, d="".join(shapes))


def _ring(x: float, y: float, radius: int) -> str:
    """A circle as path data, so that all of one look are one element."""
    wide = radius * 2
    return f"M{number(x - radius)} {number(y)}a{radius} {radius} 0 1 0 {wide} 0a{radius} {radius} 0 1 0-{wide} 0z"


def _signal_labels(points: Sequence[ChartPoint], xs: Sequence[float], y: Scale, frame: Frame) -> Iterator[Svg]:
    """Values beside points beyond a limit, away from the mean; newest first, none that would cover another."""
    free = frame.width * 2
    for point, place in zip(reversed(points), reversed(xs), strict=True):
        if not point.is_beyond or point.value is None:
            continue
        half = len(point.text) * LETTER / 2 + 3
        x = min(max(place, frame.left + half), frame.end - half)
        if x + half > free:
            continue
        free = x - half
        at = y(point.value)
        down = point.center is not None and point.value < point.center and at + 20 < frame.foot
        yield element(
            "text", point.text, class_="strong", x=x, y=at + 20 if down else max(at - 11, 12), text_anchor="middle"
        )


def legend_of(points: Sequence[ChartPoint], has_markers: bool) -> list[str]:
    """Keys of what the picture shows, in the order that a legend names them."""
    held = {
        "mean": any(p.center is not None for p in points),
        "limit": any(p.upper is not None or p.lower is not None for p in points),
        "goal": any(p.target_low is not None or p.target_high is not None for p in points),
        "beyond": any(p.is_beyond for p in points),
        "run": any(p.is_in_run and not p.is_beyond for p in points),
        "excluded": any(p.is_excluded for p in points),
        "gap": any(p.value is None for p in points),
        "marker": has_markers,
    }
    return [key for key, is_there in held.items() if is_there]


def legend_sample(key: str) -> Svg:
    """The little picture beside a word of the legend."""
    shapes = {
        "mean": element("line", class_="mean", x1=0, x2=24, y1=6, y2=6),
        "limit": element("line", class_="limit", x1=0, x2=24, y1=6, y2=6),
        "goal": element("line", class_="goal", x1=0, x2=24, y1=6, y2=6),
        "beyond": element("path", class_="pt pt--out", d="M12 0l6 6-6 6-6-6z"),
        "run": element("path", class_="pt pt--run", d="M8.5 2.5h7v7h-7z"),
        "excluded": element("path", class_="pt pt--excluded", d=_ring(12, 6, 4)),
        "gap": element("path", class_="series", d="M0 8L8 4M16 4L24 8"),
        "marker": element("line", class_="mark-line", x1=12, x2=12, y1=0, y2=12),
    }
    return element("svg", joined([group(shapes[key])]), viewBox="0 0 24 12", class_="chart", aria_hidden="true")
