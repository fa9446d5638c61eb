"""Shapes that few maps have: transaction, ad-hoc, complex gateway, script task, choreography, conversation."""

from processes.bpmn.drawing import draw
from processes.bpmn.outline import outline_lines
from processes.bpmn.reading import read
from tests.processes.bpmn.conftest import bpmn, edge, shape

PROCESS = (
    '<transaction id="tr" name="Book trip"><task id="in1" name="Pay"/></transaction>'
    '<adHocSubProcess id="ad" name="Clean up"/><complexGateway id="cg" name="Two of three?"/>'
    '<scriptTask id="sc" name="Compute"><multiInstanceLoopCharacteristics isSequential="true"/></scriptTask>'
    '<boundaryEvent id="ca" attachedToRef="tr"><cancelEventDefinition/></boundaryEvent>'
    '<endEvent id="mu" name="Both"><messageEventDefinition/><signalEventDefinition/></endEvent>'
    '<startEvent id="pm" parallelMultiple="true"><timerEventDefinition/><signalEventDefinition/></startEvent>'
    '<eventBasedGateway id="eb" instantiate="true" eventGatewayType="Parallel"/>'
    '<dataObjectReference id="do" name="Form" dataObjectRef="d"/><dataObject id="d" isCollection="true"/>'
    '<group id="gr"/><textAnnotation id="ta"><text>Only on Mondays</text></textAnnotation>'
    '<association id="as" sourceRef="ta" targetRef="sc" associationDirection="Both"/>'
)
PLANE = (
    shape("tr", 20, 20, 260, 160, 'isExpanded="true"')
    + shape("in1", 60, 60)
    + shape("ad", 320, 40)
    + shape("cg", 460, 55, 50, 50)
    + shape("sc", 560, 40)
    + shape("ca", 222, 162, 36, 36)
    + shape("mu", 700, 60, 36, 36)
    + shape("pm", 780, 60, 36, 36)
    + shape("eb", 850, 55, 50, 50)
    + shape("do", 940, 50, 36, 50)
    + shape("gr", 540, 20, 180, 140)
    + shape("ta", 560, 200, 120, 40)
    + edge("as", (620, 200), (620, 120))
)
CHOREOGRAPHY = (
    '<choreography id="ch"><participant id="a" name="Buyer"/><participant id="b" name="Seller"/>'
    '<choreographyTask id="ct" name="Order goods" initiatingParticipantRef="a"><participantRef>a</participantRef>'
    "<participantRef>b</participantRef></choreographyTask></choreography>"
    '<collaboration id="co"><conversation id="cv" name="Delivery"/><conversationLink id="cl" sourceRef="a" '
    'targetRef="cv"/></collaboration>'
)
BANDS = (
    shape("ct", 20, 20, 120, 100)
    + shape("a", 20, 20, 120, 24, 'participantBandKind="top_initiating" isMessageVisible="true"').replace("a_di", "a1")
    + shape("b", 20, 96, 120, 24, 'participantBandKind="bottom_non_initiating"').replace("b_di", "b1")
    + shape("cv", 240, 40, 60, 50)
    + edge("cl", (140, 65), (240, 65))
)


def test_rare_shapes_are_drawn_with_their_signs() -> None:
    model = read(bpmn(PROCESS, PLANE))
    drawing = draw(model, model.views[0])
    assert (drawing.shapes, drawing.edges) == (12, 1)
    assert drawing.issues == ()
    for word in ("Book trip", "Clean up", "Compute", "Two of three?", "Only on Mondays"):
        assert word in drawing.body.replace(" </tspan>", " ")
    assert "Only on Mondays" in outline_lines(model)


def test_choreography_and_conversation_are_drawn() -> None:
    model = read(bpmn("", BANDS, outside=CHOREOGRAPHY, about="ch"))
    drawing = draw(model, model.views[0])
    assert (drawing.shapes, drawing.edges) == (4, 1)
    for name in ("Buyer", "Seller", "Order goods", "Delivery"):
        assert f"{name} <" in drawing.body
