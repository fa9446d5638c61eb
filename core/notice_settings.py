"""The form in which a person says how they want to be mailed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.notices import all_topics, rhythm_of
from core.rhythm import AT_ONCE, DAILY, NEVER, WEEKLY

CHOICES = [
    (AT_ONCE, _("At once")),
    (DAILY, _("Once a day, at seven in the morning")),
    (WEEKLY, _("Once a week, on Mondays")),
    (NEVER, _("Never, only in the portal")),
]


class NoticeSettingsForm(forms.Form):
    """One choice in general, and one for each topic that may be declined."""

    digest = forms.ChoiceField(label=_("In general"), choices=CHOICES)

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["digest"].initial = person.digest
        self.topics = [topic for topic in all_topics() if not topic.always_at_once]
        self.always = [topic for topic in all_topics() if topic.always_at_once]
        for topic in self.topics:
            usual = dict(CHOICES).get(topic.usual)
            general = _("As usual (%(rhythm)s)") % {"rhythm": usual} if usual else _("As in general")
            self.fields[f"topic_{topic.key}"] = forms.ChoiceField(
                label=topic.label,
                choices=[("", general), *CHOICES],
                required=False,
                initial=person.topic_digests.get(topic.key, ""),
            )
        self.person = person

    def chosen(self) -> tuple[str, dict[str, str]]:
        """What is stored: the general choice, and the topics chosen otherwise."""
        own = {topic.key: self.cleaned_data[f"topic_{topic.key}"] for topic in self.topics}
        return self.cleaned_data["digest"], {key: value for key, value in own.items() if value}

    def now(self) -> list[tuple[Any, str]]:
        """Each topic with what holds for it at present."""
        return [(topic.label, rhythm_of(self.person, topic)) for topic in self.topics]
