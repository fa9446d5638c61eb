from people.models.confirmation import Confirmation
from people.models.delegation import Delegation
from people.models.department import Department
from people.models.grant import RecordGrant, register_grants
from people.models.invitation import Invitation
from people.models.job_role import JobRole
from people.models.owned import Audience, OwnedHistory, OwnedQuerySet, OwnedRecord
from people.models.people_import import PeopleImport
from people.models.person import Person
from people.models.signed_in import SignedIn
from people.models.token import ApiToken

__all__ = [
    "ApiToken",
    "Audience",
    "Confirmation",
    "Delegation",
    "Department",
    "Invitation",
    "JobRole",
    "OwnedHistory",
    "OwnedQuerySet",
    "OwnedRecord",
    "PeopleImport",
    "Person",
    "RecordGrant",
    "SignedIn",
    "register_grants",
]
