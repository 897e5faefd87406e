"""Course groups (LTI Course Groups Service 1.0): two invented sets, into which the trainees are put by their numbers."""

from dataclasses import dataclass

from lms.sandbox.demo import EVERYBODY, Person, Role


@dataclass(frozen=True)
class Group:
    """A group of a course; ``set_id`` is empty for one that is in no set."""

    id: str
    name: str
    tag: str
    set_id: str


SETS = {"set-1": "Күндүзгү жана кечки топтор"}
GROUPS = (
    Group("group-1", "Күндүзгү топ", "day", "set-1"),
    Group("group-2", "Кечки топ", "evening", "set-1"),
    Group("group-3", "Көнүгүү тобу", "", ""),
)


def of_person(person: Person) -> tuple[Group, ...]:
    """The groups that this person is in; those who teach are in none."""
    if person.role is not Role.LEARNER:
        return ()
    halves = GROUPS[0] if person.number % 2 else GROUPS[1]
    return (halves, GROUPS[2]) if person.number <= EVERYBODY[0].number else (halves,)


def described(group: Group) -> dict[str, object]:
    """A group in the words of the service; a set is named once and in a list, because tools read either."""
    optional: dict[str, object] = {"tag": group.tag, "set_id": group.set_id}
    found = {"id": group.id, "name": group.name, **{name: text for name, text in optional.items() if text}}
    return {**found, "set_ids": [group.set_id]} if group.set_id else found


def set_described(set_id: str) -> dict[str, object]:
    """A set in the words of the service."""
    return {"id": set_id, "name": SETS[set_id]}
