"""Small BPMN files made for a test."""

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
    'xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'id="defs" targetNamespace="urn:test">\n'
)


def bpmn(process: str = "", plane: str = "", *, outside: str = "", about: str = "p") -> bytes:
    """A BPMN file around the inside of one process and of one plane."""
    diagram = (
        f'<bpmndi:BPMNDiagram id="d1"><bpmndi:BPMNPlane id="pl1" bpmnElement="{about}">{plane}</bpmndi:BPMNPlane>'
        "</bpmndi:BPMNDiagram>"
        if plane
        else ""
    )
    return f'{_HEAD}{outside}<process id="p">{process}</process>{diagram}</definitions>'.encode()


def shape(element: str, x: float, y: float, width: float = 100, height: float = 80, extra: str = "") -> str:
    """A shape of the diagram."""
    return (
        f'<bpmndi:BPMNShape id="{element}_di" bpmnElement="{element}" {extra}>'
        f'<dc:Bounds x="{x}" y="{y}" width="{width}" height="{height}"/></bpmndi:BPMNShape>'
    )


def edge(element: str, *points: tuple[float, float]) -> str:
    """An edge of the diagram."""
    ways = "".join(f'<di:waypoint x="{x}" y="{y}"/>' for x, y in points)
    return f'<bpmndi:BPMNEdge id="{element}_di" bpmnElement="{element}">{ways}</bpmndi:BPMNEdge>'
