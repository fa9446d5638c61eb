"""How Django's forms look here: templates/django/forms/ instead of Django's own."""

from django.forms.renderers import TemplatesSetting


class PortalRenderer(TemplatesSetting):
    """`{{ form }}` and `{{ field.as_field_group }}` in the portal's markup, for our forms and for those of packages."""
